import type { Page } from "@playwright/test";

import { GAP_MS, gaps, watch, watchable } from "./support/gaps";
import { hears, moves, sees } from "./support/media";
import { leave, open, ring, stage, tile, toggle, unmute } from "./support/pages";
import { expect, test } from "./support/test";

test("a third device moves a direct call to the server while the picture goes on", async ({ scene }) => {
  test.setTimeout(150_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await sees(leah.page, ana.id, ana.look);
  await sees(ana.page, leah.id, leah.look);

  const anasPhone = await scene.device(ana.account, { viewport: { width: 390, height: 844 } });
  await open(anasPhone.page, direct);
  await anasPhone.page.getByRole("button", { name: /^Join call/ }).first().click();
  await anasPhone.page.getByRole("button", { name: "Add this device" }).click();
  await expect(stage(anasPhone.page).getByText("You are in this call on another device")).toBeVisible();
  await sees(anasPhone.page, leah.id, leah.look);
  await expect(tile(leah.page, "Ana Kovac")).toHaveCount(2);
  await sees(ana.page, leah.id, leah.look);
  await moves(leah.page, ana.id);
  await hears(leah.page, ana.look);

  await leave(anasPhone.page);
  await expect(tile(leah.page, "Ana Kovac")).toHaveCount(1);
  await moves(leah.page, ana.id);
});

test("a call moves to another device, and the other hears no gap", async ({ scene }) => {
  test.setTimeout(150_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await watchable(leah.page);
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await sees(leah.page, ana.id, ana.look);
  await hears(leah.page, ana.look);
  const anasPhone = await scene.device(ana.account, { viewport: { width: 390, height: 844 } });
  await open(anasPhone.page, direct);
  await watch(leah.page, ana.id, ana.look);

  await anasPhone.page.getByRole("button", { name: /^Join call/ }).first().click();
  await expect(stage(anasPhone.page).getByText(/^You are in this call on Chrom/)).toBeVisible();
  await anasPhone.page.getByRole("button", { name: "Move here" }).click();
  await expect(stage(ana.page).getByText("The call goes on on your other device")).toBeVisible();
  await sees(anasPhone.page, leah.id, leah.look);
  await hears(anasPhone.page, leah.look);
  await expect(toggle(anasPhone.page, "Microphone")).toHaveAttribute("aria-pressed", "true");
  await expect(tile(leah.page, "Ana Kovac")).toHaveCount(1);
  await moves(leah.page, ana.id);
  await hears(leah.page, ana.look);
  const seen = await gaps(leah.page);
  expect(seen.audio).toBeLessThan(GAP_MS);
  expect(seen.emptied).toBe(0);
  test.info().annotations.push({ type: "gaps in ms", description: JSON.stringify(seen) });
  console.log(`moved between devices, longest gaps in ms: ${JSON.stringify(seen)}`);
});

test("a call moves to another media worker, and nobody misses anything", async ({ scene }) => {
  test.setTimeout(150_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const channel = await leah.account.conversation({
    kind: "channel",
    name: "firmware",
    topic: null,
    visibility: "public",
  });
  await ana.account.join(channel);
  for (const person of [leah, ana]) {
    await watchable(person.page);
    await open(person.page, channel);
  }
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ana.page.getByRole("button", { name: /^Join call/ }).first().click();
  for (const person of [leah, ana]) await unmute(person.page);
  for (const [person, other] of [
    [leah, ana],
    [ana, leah],
  ] as const) {
    await sees(person.page, other.id, other.look);
    await hears(person.page, other.look);
    await watch(person.page, other.id, other.look);
  }
  const before = await openConnections(leah.page);

  expect(await scene.server.drainMedia()).toBe(1);

  // Two new ones, and then the two old ones are gone.
  await expect.poll(() => openConnections(leah.page)).toBe(before + 2);
  await expect.poll(() => openConnections(leah.page)).toBe(before);
  for (const [person, other] of [
    [leah, ana],
    [ana, leah],
  ] as const) {
    await moves(person.page, other.id);
    await hears(person.page, other.look);
    const seen = await gaps(person.page);
    console.log(`moved between media workers, longest gaps in ms: ${JSON.stringify(seen)}`);
    expect(seen.audio).toBeLessThan(GAP_MS);
    expect(seen.emptied).toBe(0);
  }
});

/** Peer connections of the page that are not closed. */
function openConnections(page: Page): Promise<number> {
  return page.evaluate(() => window.connections.filter((one) => one.connectionState !== "closed").length);
}

test("the call goes on while one reads another conversation", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  const channel = await leah.account.conversation({
    kind: "channel",
    name: "firmware",
    topic: null,
    visibility: "public",
  });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await sees(leah.page, ana.id, ana.look);

  await leah.page.locator(`a[href="/c/${channel.id}"]`).first().click();
  await expect(stage(leah.page)).toHaveCount(0);
  await sees(leah.page, ana.id, ana.look);
  await moves(leah.page, ana.id);
  await hears(ana.page, leah.look);
  await leah.page.getByRole("button", { name: "Back to the call" }).click();
  await expect(stage(leah.page)).toBeVisible();
  await moves(leah.page, ana.id);
});
