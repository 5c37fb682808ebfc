/**
 * How long a call takes to begin, in two real browsers: until it rings at the other, and until the
 * first picture after the answer. Prints a table and writes `calls.json` into the folder `CONNECT_BENCH`.
 */
import { loadavg } from "node:os";

import { chromium, test, type Browser } from "@playwright/test";

import { CHROMIUM_ARGUMENTS } from "../e2e/support/browsers";
import { Server } from "../e2e/support/server";
import { Account } from "../e2e/support/workspace";
import { Bare, bareWire } from "./bare";
import { DELAY_MS, far, NONE, type Distance } from "./distance";
import { Pair } from "./pair";
import { median, share, Table } from "./table";

const RINGS = Number(process.env["RINGS"] ?? 100);
const ANSWERS = Number(process.env["ANSWERS"] ?? 30);
/** The first ones load what later ones have. */
const WARM_UP = 3;
const RING_P50_MS = 60;
const RING_P99_MS = 150;
/** More than two bare pages need, with nothing between them. */
const ANSWER_MORE_MS = 40;
/** What having connected before saves where each way takes 50 ms: three of them. */
const SOONER_MS = 150;

/** What the callee allows while answers are measured: each is a row of its own. */
const WAYS = [
  { name: "connecting then", isInstant: false },
  { name: "connecting before", isInstant: true },
] as const;

test("calls", async () => {
  const table = new Table();
  table.add("load average before", loadavg()[0] ?? NaN, "");
  await measure(table, NONE, { name: "", isFar: false });
  let distance: Distance | null = null;
  try {
    distance = await far();
  } catch (error) {
    table.remark(`Without root, ip(8) and TUN devices nothing is ${String(DELAY_MS)} ms away: ${String(error)}`);
  }
  if (distance !== null) {
    try {
      await measure(table, distance, { name: `, ${String(DELAY_MS)} ms each way`, isFar: true });
    } finally {
      await distance.close();
    }
  }
  table.print();
  table.write(process.env["CONNECT_BENCH"] ?? "../target/bench", "calls");
});

async function measure(table: Table, distance: Distance, what: { name: string; isFar: boolean }): Promise<void> {
  const server = await Server.start(distance.host);
  const wire = await bareWire(distance.host);
  const browsers: Browser[] = [];
  try {
    const leah = await Account.first(server, "Leah Morgan");
    const ana = await leah.invite("Ana Kovac");
    const near = await browse(NONE.browser, [server.url, wire.url]);
    browsers.push(near);
    const remote = await browse(distance.browser, [server.url, wire.url]);
    browsers.push(remote);
    const pair = await Pair.open(near, leah, remote, ana);
    const bare = await Bare.open(near, remote, wire);
    if (!what.isFar) await rings(table, pair, bare, RINGS);
    const goals = what.isFar ? farGoals() : nearGoals;
    for (const way of WAYS) {
      await ana.setInstantAnswer(way.isInstant);
      await answers(table, pair, bare, `, ${way.name}${what.name}`, goals);
    }
  } finally {
    for (const browser of browsers) await browser.close();
    await wire.close();
    await server.stop();
  }
}

/** A browser with its own camera, also for pages of other machines without TLS. */
function browse(executablePath: string, origins: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      ...CHROMIUM_ARGUMENTS,
      "--use-fake-device-for-media-stream=fps=30",
      `--unsafely-treat-insecure-origin-as-secure=${origins.map((url) => new URL(url).origin).join(",")}`,
    ],
  });
}

async function rings(table: Table, pair: Pair, bare: Bare, count: number): Promise<void> {
  const { took, floor } = await both(count, () => pair.ring(), () => bare.ring());
  for (const [name, of, goal] of [
    ["p50", 0.5, RING_P50_MS],
    ["p99", 0.99, RING_P99_MS],
  ] as const) {
    table.add(`Start video call to the ring on the other's screen, ${name} of ${String(count)}`, share(took, of), "ms", {
      goal: `<= ${String(goal)}`,
      peer: ["a bare page and socket", share(floor, of)],
    });
  }
}

/** The most an answer should take, ms; null for what only others are held against. */
type Goals = (took: number, floor: number) => number | null;

const nearGoals: Goals = (_took, floor) => floor + ANSWER_MORE_MS;

/** The first row is what the second is to be sooner than. */
function farGoals(): Goals {
  let then: number | null = null;
  return (took) => {
    const most = then === null ? null : then - SOONER_MS;
    then ??= took;
    return most;
  };
}

async function answers(table: Table, pair: Pair, bare: Bare, name: string, goals: Goals): Promise<void> {
  const { took, floor } = await both(ANSWERS, () => pair.answer(), () => bare.answer());
  const least = median(floor);
  const most = goals(median(took), least);
  table.add(`Answer to the first frame${name}, p50 of ${String(ANSWERS)}`, median(took), "ms", {
    ...(most === null ? {} : { goal: `<= ${most.toFixed(1)}` }),
    peer: ["two bare pages", least],
  });
  const range = (values: readonly number[]): string =>
    [0.05, 0.95].map((of) => share(values, of).toFixed(0)).join(" to ");
  table.remark(`    first frame${name}: nine of ten took ${range(took)} ms, bare ${range(floor)} ms`);
}

/** By turns, so that what else this machine does meets both. */
async function both(
  count: number,
  product: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<{ took: number[]; floor: number[] }> {
  const took: number[] = [];
  const floor: number[] = [];
  for (let run = -WARM_UP; run < count; run++) {
    const [one, other] = [await product(), await bare()];
    if (run < 0) continue;
    took.push(one);
    floor.push(other);
  }
  return { took, floor };
}
