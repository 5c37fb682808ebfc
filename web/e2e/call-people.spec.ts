import { GAP_MS, gaps, watch, watchable } from "./support/gaps";
import { hears, hearsNoMore, moves, sees } from "./support/media";
import { open, ring, stage, toggle } from "./support/pages";
import { expect, test, type Person } from "./support/test";

async function on(person: Person, name: "Microphone" | "Camera"): Promise<void> {
  const button = toggle(person.page, name);
  await button.waitFor();
  if ((await button.getAttribute("aria-pressed")) === "false") await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
}

test("a host mutes, takes out and lets in again, and locks the call", async ({ scene }) => {
  test.setTimeout(180_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const mateo = await scene.person("Mateo Ruiz");
  const priya = await scene.person("Priya Raman");
  const channel = await leah.account.conversation({ kind: "channel", name: "harbour", topic: null, visibility: "public" });
  for (const person of [ana, mateo, priya]) await person.account.join(channel);
  for (const person of [leah, ana, mateo, priya]) await open(person.page, channel);
  await leah.page.getByRole("button", { name: "Start voice call" }).click();
  for (const person of [ana, mateo]) await person.page.getByRole("button", { name: /^Join call/ }).first().click();
  await on(ana, "Microphone");
  await hears(mateo.page, ana.look);

  await stage(leah.page).getByRole("button", { name: "People" }).click();
  const panel = leah.page.getByRole("complementary", { name: "People" });
  // Escape closes the menu, and the panel is still there.
  await panel.getByRole("button", { name: "Actions for Ana Kovac" }).press("Enter");
  await leah.page.getByRole("menuitem", { name: "Mute" }).waitFor();
  await leah.page.keyboard.press("Escape");
  await expect(leah.page.getByRole("menuitem", { name: "Mute" })).toHaveCount(0);
  await panel.getByRole("button", { name: "Actions for Ana Kovac" }).click();
  await leah.page.getByRole("menuitem", { name: "Mute" }).click();
  await expect(toggle(ana.page, "Microphone")).toHaveAttribute("aria-pressed", "false");
  await expect(stage(ana.page).getByText("Leah muted you")).toBeVisible();
  await hearsNoMore(mateo.page, ana.look);
  // Only she turns it on again.
  await toggle(ana.page, "Microphone").click();
  await hears(mateo.page, ana.look);

  // Whoever is no host is offered nothing of it.
  await stage(ana.page).getByRole("button", { name: "People" }).click();
  await expect(ana.page.getByRole("complementary", { name: "People" }).getByText("Mateo Ruiz")).toBeVisible();
  await expect(ana.page.getByRole("button", { name: /^Actions for/ })).toHaveCount(0);
  await expect(ana.page.getByRole("button", { name: "Lock the call" })).toHaveCount(0);

  await panel.getByRole("button", { name: "Lock the call" }).click();
  await expect(panel.getByText("Locked. A host lets people in")).toBeVisible();
  await priya.page.getByRole("button", { name: /^Join call/ }).first().click();
  await expect(stage(priya.page).getByText("This call is locked")).toBeVisible();

  await panel.getByRole("button", { name: "Actions for Mateo Ruiz" }).click();
  await leah.page.getByRole("menuitem", { name: "Take out of the call" }).click();
  await leah.page.getByRole("button", { name: "Take out of the call" }).click();
  await expect(stage(mateo.page).getByText("You were taken out of this call")).toBeVisible();
  await panel.getByRole("button", { name: "Let Mateo Ruiz in" }).click();
  await stage(mateo.page).getByRole("button", { name: "Close" }).click();
  await mateo.page.getByRole("button", { name: /^Join call/ }).first().click();
  await hears(mateo.page, ana.look);
});

test("a third person is added to a direct call, which goes on in their group", async ({ scene }) => {
  test.setTimeout(150_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const mateo = await scene.person("Mateo Ruiz");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await watchable(leah.page);
  await watchable(ana.page);
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await sees(leah.page, ana.id, ana.look);
  await sees(ana.page, leah.id, leah.look);
  await hears(leah.page, ana.look);
  await hears(ana.page, leah.look);
  await watch(leah.page, ana.id, ana.look);
  await watch(ana.page, leah.id, leah.look);

  await stage(leah.page).getByRole("button", { name: "People" }).click();
  await leah.page.getByRole("button", { name: "Ring someone" }).click();
  const dialog = leah.page.getByRole("dialog", { name: "Ring people" });
  await dialog.getByRole("combobox").fill("Mateo");
  await dialog.getByRole("combobox").press("Enter");
  await dialog.getByRole("button", { name: "Ring", exact: true }).click();
  await ring(mateo.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();

  for (const person of [leah, ana, mateo]) {
    for (const other of [leah, ana, mateo].filter((each) => each !== person)) {
      await sees(person.page, other.id, other.look);
      await hears(person.page, other.look);
      await moves(person.page, other.id);
    }
  }
  const seen = [await gaps(leah.page), await gaps(ana.page)];
  for (const { audio, video, emptied } of seen) {
    expect(audio).toBeLessThan(GAP_MS);
    expect(video).toBeLessThan(2 * GAP_MS);
    expect(emptied).toBe(0);
  }
  test.info().annotations.push({ type: "gaps in ms", description: JSON.stringify(seen) });
  console.log(`added to a direct call, longest gaps in ms: ${JSON.stringify(seen)}`);
  for (const page of [leah.page, ana.page]) {
    await expect(stage(page).getByRole("heading", { level: 1 })).toContainText("Mateo");
  }
});
