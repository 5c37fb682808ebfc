import type { CallLogPage, EndReason } from "../src/protocol/generated";
import { launchMortal } from "./support/browsers";
import { GAP_MS, gaps, watch, watchable } from "./support/gaps";
import { hears, moves, sees } from "./support/media";
import { crash, gone, now, shown } from "./support/moments";
import { open, ring, stage, tile, toggle, unmute } from "./support/pages";
import { Relay } from "./support/relay";
import { expect, test, type Person } from "./support/test";

/** What is let pass until others see that somebody is lost, where 3 s are meant. */
const NOTICED_MS = 4_500;
/** The lease of 30 s, and the second until it is looked at; the rest is for a machine with much to do. */
const GONE_MS = 33_000;

const STAGE = "section.stage";

function reconnecting(first: string): string {
  return `[role=group][aria-label*="${first} is reconnecting"]`;
}

test("a browser killed in a channel's call is seen as lost, and its tile goes", async ({ scene }) => {
  test.setTimeout(150_000);
  const leah = await scene.person("Leah Morgan");
  const mortal = await launchMortal();
  const ana = await scene.person("Ana Kovac", { browser: mortal.browser });
  const mateo = await scene.person("Mateo Ruiz");
  const channel = await leah.account.conversation({ kind: "channel", name: "harbour", topic: null, visibility: "public" });
  for (const person of [leah, ana, mateo]) {
    if (person !== leah) await person.account.join(channel);
    await open(person.page, channel);
  }
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  for (const person of [ana, mateo]) await person.page.getByRole("button", { name: /^Join call/ }).first().click();
  for (const person of [leah, ana, mateo]) await unmute(person.page);
  for (const person of [leah, mateo]) await sees(person.page, ana.id, ana.look);

  const noticed = await Promise.all([leah, mateo].map(({ page }) => shown(page, reconnecting("Ana"))));
  const at = now();
  await mortal.kill();
  const noticedAt = await Promise.all(noticed.map((moment) => moment()));
  const left = await Promise.all([leah, mateo].map(({ page }) => gone(page, '[role=group][aria-label^="Ana Kovac"]')));
  const leftAt = await Promise.all(left.map((moment) => moment()));
  report("a browser killed in a channel's call", at, { reconnecting: noticedAt, gone: leftAt });
  for (const moment of noticedAt) expect(moment - at).toBeLessThan(NOTICED_MS);
  for (const moment of leftAt) expect(moment - at).toBeLessThan(GONE_MS);
  // The others go on as if nothing had been.
  await moves(leah.page, mateo.id);
  await moves(mateo.page, leah.id);
});

test("a browser killed in a direct call is seen as lost, and the call ends by that", async ({ scene }) => {
  test.setTimeout(150_000);
  const mortal = await launchMortal();
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac", { browser: mortal.browser });
  await talk(leah, ana);
  const noticed = await shown(leah.page, reconnecting("Ana"));
  const at = now();
  await mortal.kill();
  const noticedAt = await noticed();
  const ended = await gone(leah.page, STAGE);
  const endedAt = await ended();
  report("a browser killed in a direct call", at, { reconnecting: [noticedAt], gone: [endedAt] });
  expect(noticedAt - at).toBeLessThan(NOTICED_MS);
  expect(endedAt - at).toBeLessThan(GONE_MS);
  expect(await endOfLast(leah)).toBe("connection_lost");
  // Nothing stands in the way of the next one.
  await leah.page.getByRole("button", { name: "Start video call" }).waitFor();
});

test("of a page that crashes its browser says that it has closed, and it has as long as a reload", async ({ scene }) => {
  test.setTimeout(120_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  await talk(leah, ana);
  const noticed = await shown(leah.page, reconnecting("Ana"));
  const at = await crash(ana.page);
  const noticedAt = await noticed();
  const ended = await gone(leah.page, STAGE);
  const endedAt = await ended();
  report("a page crashed in a direct call", at, { reconnecting: [noticedAt], gone: [endedAt] });
  expect(noticedAt - at).toBeLessThan(NOTICED_MS);
  expect(endedAt - at).toBeLessThan(GONE_MS);
  expect(await endOfLast(leah)).toBe("left");
});

/** The first calls the second, who answers. */
async function talk(leah: Person, ana: Person): Promise<void> {
  await open(leah.page, await leah.account.conversation({ kind: "direct", user_id: ana.id }));
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await sees(leah.page, ana.id, ana.look);
}

async function endOfLast(person: Person): Promise<EndReason | null | undefined> {
  const log = await person.account.get<CallLogPage>("/calls");
  return log.calls[0]?.call.end_reason;
}

function report(what: string, at: number, moments: Record<string, number[]>): void {
  const after = Object.entries(moments).map(([name, values]) => [name, values.map((value) => Math.round(value - at))]);
  console.log(`${what}, ms until others see: ${JSON.stringify(Object.fromEntries(after))}`);
}

test("a direct call goes on while one side's way to the server is gone", async ({ scene }) => {
  test.setTimeout(120_000);
  const leah = await scene.person("Leah Morgan");
  const relay = await Relay.to(scene.server);
  try {
    const ana = await scene.device(await scene.account("Ana Kovac"), { url: relay.url });
    for (const person of [leah, ana]) await watchable(person.page);
    await talk(leah, ana);
    await sees(ana.page, leah.id, leah.look);
    await hears(leah.page, ana.look);
    await hears(ana.page, leah.look);
    await watch(leah.page, ana.id, ana.look);
    await watch(ana.page, leah.id, leah.look);

    const noticed = await shown(leah.page, reconnecting("Ana"));
    const at = now();
    await ana.context.setOffline(true);
    relay.cut();
    await expect(stage(ana.page).getByText("The server does not answer. The call goes on").first()).toBeVisible();
    const noticedAfter = await noticed();
    await moves(ana.page, leah.id);
    await hears(ana.page, leah.look);

    const back = await gone(leah.page, reconnecting("Ana"));
    const mended = now();
    relay.mend();
    await ana.context.setOffline(false);
    const backAfter = await back();
    await expect(stage(ana.page).getByText("The server does not answer. The call goes on")).toHaveCount(0);
    await moves(leah.page, ana.id);
    const seen = [await gaps(leah.page), await gaps(ana.page)];
    console.log(
      `the way to the server was gone, seen after ${String(Math.round(noticedAfter - at))} ms, ` +
        `and back ${String(Math.round(backAfter - mended))} ms after it was mended; longest gaps in ms: ${JSON.stringify(seen)}`,
    );
    for (const { audio, emptied } of seen) {
      expect(audio).toBeLessThan(GAP_MS);
      expect(emptied).toBe(0);
    }
    // What is said now arrives.
    await toggle(ana.page, "Microphone").click();
    await expect(tile(leah.page, "Ana Kovac")).toHaveAccessibleName(/muted/);
  } finally {
    await relay.close();
  }
});
