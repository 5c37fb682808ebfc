import { hears, moves, sees } from "./support/media";
import { leave, open, ring, stage } from "./support/pages";
import { expect, test, type Person, type Scene } from "./support/test";

/** Ana talks with Mateo when Leah calls her. */
async function calledInCall(scene: Scene): Promise<{ leah: Person; ana: Person; mateo: Person }> {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const mateo = await scene.person("Mateo Ruiz");
  await open(mateo.page, await mateo.account.conversation({ kind: "direct", user_id: ana.id }));
  await mateo.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Mateo Ruiz").getByRole("button", { name: "Answer with video" }).click();
  await sees(ana.page, mateo.id, mateo.look);
  await sees(mateo.page, ana.id, ana.look);

  await open(leah.page, await leah.account.conversation({ kind: "direct", user_id: ana.id }));
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await expect(stage(leah.page).getByText("In another call")).toBeVisible();
  const second = ring(ana.page, "Leah Morgan");
  await expect(second.getByText("Leah sees: in another call")).toBeVisible();
  await expect(second.getByText(/^No sound/)).toBeVisible();
  // Nothing of the call one is in goes away for it.
  await expect(stage(ana.page)).toBeVisible();
  return { leah, ana, mateo };
}

test("a second call is declined, and the first goes on", async ({ scene }) => {
  test.setTimeout(120_000);
  const { leah, ana, mateo } = await calledInCall(scene);
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Decline" }).click();
  await expect(stage(leah.page).getByText("Ana declined").first()).toBeVisible();
  await expect(ring(ana.page, "Leah Morgan")).toHaveCount(0);
  await moves(ana.page, mateo.id);
  await moves(mateo.page, ana.id);
  await hears(mateo.page, ana.look);
});

test("a second call is answered, which leaves the first", async ({ scene }) => {
  test.setTimeout(120_000);
  const { leah, ana, mateo } = await calledInCall(scene);
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Leave this call and answer" }).click();
  await expect(stage(mateo.page)).toHaveCount(0);
  await sees(leah.page, ana.id, ana.look);
  await sees(ana.page, leah.id, leah.look);
  await hears(leah.page, ana.look);
  await expect(ana.page.locator(`video[data-person="${mateo.id}"]`)).toHaveCount(0);

  // Nobody is left who is in another call: the next one rings.
  await leave(ana.page);
  await expect(stage(leah.page)).toHaveCount(0);
  await mateo.page.getByRole("button", { name: "Start video call" }).click();
  await expect(stage(mateo.page).getByText(/Ringing on 1 device/).first()).toBeVisible();
});
