import { hears } from "./support/media";
import { open, ring, stage } from "./support/pages";
import { expect, test, type Person } from "./support/test";

/** The row of a conversation in the sidebar, by all that it says. */
function row(person: Person, name: string | RegExp): ReturnType<Person["page"]["getByRole"]> {
  const sidebar = person.page.getByRole("navigation", { name: "Conversations" });
  return sidebar.getByRole("link", typeof name === "string" ? { name, exact: true } : { name });
}

async function mute(person: Person): Promise<void> {
  await person.page.getByRole("button", { name: "Show details" }).last().click();
  const details = person.page.getByRole("complementary", { name: "Details" });
  await details.getByRole("button", { name: "Mute conversation" }).click();
  await details.getByRole("button", { name: "Unmute conversation" }).waitFor();
  await details.getByRole("button", { name: "Close" }).click();
}

test("a muted direct message's call is shown without a sound, and its caller is not told why", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const phone = await scene.device(ana.account, { viewport: { width: 390, height: 844 } });
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(ana.page, direct);
  await mute(ana);
  await expect(row(ana, /^Leah Morgan.*muted$/)).toBeVisible();
  // What is chosen on one device is so on all of them.
  await expect(phone.page.getByRole("link", { name: "Leah Morgan, muted" })).toBeVisible();

  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  for (const device of [ana, phone]) {
    await expect(ring(device.page, "Leah Morgan").getByText("Without a sound")).toBeVisible();
  }
  await expect(stage(leah.page).getByText(/^Notified/)).toBeVisible();
  await expect(stage(leah.page).getByText(/Ringing/)).toHaveCount(0);
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with voice" }).click();
  await expect(ring(phone.page, "Leah Morgan")).toHaveCount(0);
  await hears(leah.page, ana.look);
});

test("of a muted group only a mention is counted", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const group = await leah.account.conversation({ kind: "group", name: "Depot", members: [ana.id] });
  const general = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(ana.page, group);
  await mute(ana);
  await open(ana.page, general);

  await leah.account.say(group, "The van is back");
  await leah.account.say(general, "Read this first");
  await expect(ana.page.getByText("Read this first")).toBeVisible();
  await expect(row(ana, "Depot, muted")).toBeVisible();
  await expect(row(ana, "Unread")).toBeVisible();
  await expect(row(ana, "Mentions")).toBeVisible();

  await leah.account.say(group, `<@${ana.id}> can you look at it?`);
  await expect(row(ana, "Depot, 1 unread, 1 for you, muted")).toBeVisible();
  await expect(row(ana, "Unread, 1 unread")).toBeVisible();
  await expect(row(ana, "Mentions, 1 for you")).toBeVisible();

  await open(ana.page, group);
  await expect(row(ana, "Depot, muted")).toBeVisible();
});

test("a member of a group who wants no rings there sees its call and is not rung", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const group = await leah.account.conversation({ kind: "group", name: "Depot", members: [ana.id] });
  await open(ana.page, group);
  await ana.page.getByRole("button", { name: "Show details" }).last().click();
  const wish = ana.page.getByRole("switch", { name: "Ring me for calls here" });
  await expect(wish).toBeChecked();
  await wish.press("Space");
  await expect(wish).not.toBeChecked();
  await expect.poll(() => prefers(ana, group.id)).toEqual({ muted: false, rings: false });

  await open(leah.page, group);
  await leah.page.getByRole("button", { name: "Start voice call" }).click();
  await expect(ana.page.getByRole("button", { name: /^Join call/ }).first()).toBeVisible();
  await expect(ring(ana.page, "Leah Morgan")).toHaveCount(0);
});

async function prefers(person: Person, id: string): Promise<unknown> {
  const mine = await person.account.get<{ preferences: unknown }>(`/conversations/${id}`);
  return mine.preferences;
}

test("whoever calls outside working hours is told so", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await ana.page.goto(`${scene.server.url}/settings/status`);
  await ana.page.getByRole("switch", { name: "Ring within working hours only" }).press("Space");
  // The day three days from now only, whenever and wherever this runs.
  const weekday = (new Date(Date.now() + 3 * 86_400_000).getUTCDay() + 6) % 7;
  const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  for (const [day, name] of days.entries()) {
    await ana.page.getByRole("checkbox", { name }).setChecked(day === weekday, { force: true });
  }
  await ana.page.getByLabel("From").fill("10:00");
  await ana.page.getByLabel("To", { exact: true }).fill("16:30");
  await ana.page.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(async () => (await ana.account.get<{ working_hours: unknown }>("/auth/me")).working_hours)
    .toMatchObject({ days: days.map((_name, day) => day === weekday), from: 600, to: 990 });

  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start voice call" }).click();
  await expect(stage(leah.page).getByText("Outside working hours").first()).toBeVisible();
  await expect(ring(ana.page, "Leah Morgan").getByText("Without a sound")).toBeVisible();
});
