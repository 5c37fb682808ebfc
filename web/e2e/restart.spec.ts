import type { Page } from "@playwright/test";

import { GAP_MS, gaps, watch, watchable } from "./support/gaps";
import { framesOf, hears, moves, sees } from "./support/media";
import { framed, now } from "./support/moments";
import { leave, open, ring, stage, toggle, unmute } from "./support/pages";
import { expect, test, type Person } from "./support/test";

/** What is let pass until media of a forwarded call is back, where 5 s are meant. */
const BACK_MS = 8_000;
const NO_SERVER = "The server does not answer. The call goes on";

/** When the talk began, as the page shows it: to the second. */
async function began(page: Page): Promise<number> {
  const text = (await stage(page).locator("time").first().textContent()) ?? "";
  const seconds = text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return now() / 1_000 - seconds;
}

test("a direct call goes on through a killed server, and is still there", async ({ scene }) => {
  test.setTimeout(120_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  for (const person of [leah, ana]) await watchable(person.page);
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  for (const [person, other] of [
    [leah, ana],
    [ana, leah],
  ] as const) {
    await sees(person.page, other.id, other.look);
    await hears(person.page, other.look);
  }
  const before = await began(leah.page);
  await watch(leah.page, ana.id, ana.look);
  await watch(ana.page, leah.id, leah.look);

  await scene.server.kill();
  for (const person of [leah, ana]) await expect(stage(person.page).getByText(NO_SERVER).first()).toBeVisible();
  await moves(leah.page, ana.id);
  await moves(ana.page, leah.id);
  await scene.server.restart();
  for (const person of [leah, ana]) await expect(stage(person.page).getByText(NO_SERVER)).toHaveCount(0);
  await moves(leah.page, ana.id);
  await moves(ana.page, leah.id);
  const seen = [await gaps(leah.page), await gaps(ana.page)];
  console.log(`the server was killed in a direct call, longest gaps in ms: ${JSON.stringify(seen)}`);
  for (const { audio, video, emptied } of seen) {
    expect(audio).toBeLessThan(GAP_MS);
    expect(video).toBeLessThan(2 * GAP_MS);
    expect(emptied).toBe(0);
  }
  for (const person of [leah, ana]) expect(Math.abs((await began(person.page)) - before)).toBeLessThan(2.5);

  // It is the server's call again: what one does arrives, and one who leaves ends it.
  await toggle(ana.page, "Microphone").click();
  await expect(leah.page.getByRole("group", { name: /^Ana Kovac.*muted/ })).toBeVisible();
  await leave(ana.page);
  await expect(stage(leah.page)).toHaveCount(0);
});

test("a channel's call has its media back soon after a killed server", async ({ scene }) => {
  test.setTimeout(150_000);
  const people: Person[] = [];
  for (const name of ["Leah Morgan", "Ana Kovac", "Mateo Ruiz"]) people.push(await scene.person(name));
  const [leah, ...others] = people;
  if (leah === undefined) throw new Error("there are three");
  const channel = await leah.account.conversation({ kind: "channel", name: "harbour", topic: null, visibility: "public" });
  for (const person of others) await person.account.join(channel);
  for (const person of people) await open(person.page, channel);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  for (const person of others) await person.page.getByRole("button", { name: /^Join call/ }).first().click();
  for (const person of people) await unmute(person.page);
  const pairs = people.flatMap((person) => people.filter((other) => other !== person).map((other) => [person, other] as const));
  for (const [person, other] of pairs) await sees(person.page, other.id, other.look);
  const before = await began(leah.page);

  await scene.server.kill();
  // Until nothing is shown any more that came before.
  for (const [person, other] of pairs) await stands(() => framesOf(person.page, other.id));
  const back = await Promise.all(pairs.map(([person, other]) => framed(person.page, other.id)));
  await scene.server.restart();
  const ready = now();
  const after = await Promise.all(back.map(async (moment) => Math.round((await moment()) - ready)));
  console.log(`the server was killed in a channel's call, media is back after ms: ${JSON.stringify(after)}`);
  expect(Math.max(...after)).toBeLessThan(BACK_MS);
  for (const [person, other] of pairs) {
    await sees(person.page, other.id, other.look);
    await hears(person.page, other.look);
  }
  expect(Math.abs((await began(leah.page)) - before)).toBeLessThan(2.5);
});

/** Waits until a number stays the same for a while. */
async function stands(number: () => Promise<number>): Promise<void> {
  let last = -1;
  await expect
    .poll(
      async () => {
        const before = last;
        last = await number();
        return last === before;
      },
      { intervals: [500] },
    )
    .toBe(true);
}

test("a ring goes on through a killed server, and is answered", async ({ scene }) => {
  test.setTimeout(120_000);
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").waitFor();
  await expect(stage(leah.page).getByText(/Ringing on 1 device/).first()).toBeVisible();

  await scene.server.kill();
  await expect(ring(ana.page, "Leah Morgan")).toBeVisible();
  await scene.server.restart();
  // A device that comes now is rung too.
  const anasPhone = await scene.device(ana.account, { viewport: { width: 390, height: 844 } });
  await ring(anasPhone.page, "Leah Morgan").waitFor();
  await expect(stage(leah.page).getByText(/Ringing on 2 devices/).first()).toBeVisible();
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await expect(ring(anasPhone.page, "Leah Morgan")).toHaveCount(0);
  await sees(leah.page, ana.id, ana.look);
  await sees(ana.page, leah.id, leah.look);
  await hears(leah.page, ana.look);
});
