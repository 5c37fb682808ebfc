import { hears, sees } from "./support/media";
import { leave, open, ring, stage, unmute } from "./support/pages";
import { expect, test } from "./support/test";

test("Chromium and Firefox call each other directly @firefox", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac", { browser: "firefox" });
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await sees(leah.page, ana.id, ana.look);
  await sees(ana.page, leah.id, leah.look);
  await hears(leah.page, ana.look);
  await hears(ana.page, leah.look);
  await leave(ana.page);
  await expect(stage(leah.page)).toHaveCount(0);
});

test("Firefox waits for whoever shows no address before the answer @firefox", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan", { browser: "firefox" });
  const ana = await scene.person("Ana Kovac");
  await ana.account.setInstantAnswer(false);
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  const answer = ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" });
  await answer.waitFor();
  // Longer than Firefox keeps a connection that has no candidate: there is nothing else to wait for.
  await expect(stage(leah.page).getByText("0:08")).toBeVisible();
  await answer.click();
  await sees(leah.page, ana.id, ana.look);
  await sees(ana.page, leah.id, leah.look);
});

test("Chromium and Firefox meet in a channel @firefox", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac", { browser: "firefox" });
  const channel = await leah.account.conversation({
    kind: "channel",
    name: "firmware",
    topic: null,
    visibility: "public",
  });
  await ana.account.join(channel);
  for (const person of [leah, ana]) await open(person.page, channel);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ana.page.getByRole("button", { name: /^Join call/ }).first().click();
  for (const person of [leah, ana]) await unmute(person.page);
  await sees(leah.page, ana.id, ana.look);
  await sees(ana.page, leah.id, leah.look);
  await hears(leah.page, ana.look);
  await hears(ana.page, leah.look);
});
