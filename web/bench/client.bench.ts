/**
 * The client on a real server: what it loads, how fast its longest timeline scrolls, and what
 * Lighthouse says. Prints a table and writes `client.json` into the folder `CONNECT_BENCH`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { chromium, test, type Browser, type Locator, type Page } from "@playwright/test";

import { CHROMIUM_ARGUMENTS, CHROMIUM_PATH, launch } from "../e2e/support/browsers";
import { Server } from "../e2e/support/server";
import { Account } from "../e2e/support/workspace";
import type { Conversation } from "../src/protocol/generated";
import { floor, FRAMES, jump, scroll, STEP_PX, type Scrolled } from "./frames";
import { CATEGORIES, FORMS, judge } from "./lighthouse";
import { Table } from "./table";

const MESSAGES = 100_000;
const DROPPED_MAX = 5;
const FIRST_LOAD_KB_MAX = 110;
const WINDOW = { width: 1440, height: 900 };

test("client", async () => {
  const table = new Table();
  table.add("load average before", loadavg()[0] ?? NaN, "");
  const server = await Server.start();
  try {
    const { leah, conversation } = await fill(server);
    const url = `${server.url}/c/${conversation.id}`;
    const browser = await launch("chromium");
    try {
      await firstLoad(table, browser, server, leah, url);
      await timeline(table, browser, leah, url);
    } finally {
      await browser.close();
    }
    await lighthouse(table, leah, { "sign-in": server.url, conversation: url });
  } finally {
    await server.stop();
  }
  table.print();
  table.write(process.env["CONNECT_BENCH"] ?? "../target/bench", "client");
});

/** A workspace of four people and their long conversation. */
async function fill(server: Server): Promise<{ leah: Account; conversation: Conversation }> {
  const leah = await Account.first(server, "Leah Morgan");
  const others = [];
  for (const name of ["Ana Kovac", "Noor Haddad", "Mateo Ruiz"]) others.push(await leah.invite(name));
  const conversation = await leah.conversation({
    kind: "group",
    name: "Instruments",
    members: others.map((other) => other.id),
  });
  await server.pause();
  const program = process.env["CONNECT_FILL"] ?? "../target/release/examples/fill";
  execFileSync(program, [join(server.folder, "connect.db"), conversation.id, String(MESSAGES)], {
    stdio: "inherit",
  });
  await server.restart();
  return { leah, conversation };
}

/** What a browser that was never here fetches until the page is there. */
async function firstLoad(table: Table, browser: Browser, server: Server, leah: Account, url: string): Promise<void> {
  for (const [name, address, account] of [
    ["sign-in", server.url, null],
    ["conversation", url, leah],
  ] as const) {
    const page = await browser.newPage({ viewport: WINDOW });
    await account?.signIn(page);
    const files = new Map<string, number>();
    const reading: Promise<void>[] = [];
    page.on("response", (response) => {
      const type = response.request().resourceType();
      if (!["document", "script", "stylesheet"].includes(type)) return;
      reading.push(
        response.body().then((body) => {
          files.set(new URL(response.url()).pathname, gzipSync(body, { level: 9 }).length / 1_000);
        }),
      );
    });
    const started = performance.now();
    await page.goto(address);
    await (account === null ? page.getByRole("button", { name: "Sign in" }) : page.locator("[data-row]").first()).waitFor();
    const shown = performance.now() - started;
    await page.waitForLoadState("networkidle");
    await Promise.all(reading);
    const sum = [...files.values()].reduce((total, size) => total + size, 0);
    table.add(`${name}: page, scripts and styles loaded, gzip`, sum, "kB", { goal: `<= ${String(FIRST_LOAD_KB_MAX)}` });
    table.add(`${name}: shown after`, Math.round(shown), "ms");
    for (const [path, size] of [...files].sort((a, b) => b[1] - a[1])) {
      table.remark(`    ${name}: ${path} ${size.toFixed(1)} kB`);
    }
    await page.close();
  }
}

async function timeline(table: Table, browser: Browser, leah: Account, url: string): Promise<void> {
  const context = await browser.newContext({ viewport: WINDOW });
  const empty = await context.newPage();
  const least = await floor(browser, empty);
  await empty.close();

  const page = await context.newPage();
  await leah.signIn(page);
  await page.goto(url);
  const list = page.getByRole("group", { name: /^Messages in / });
  await page.locator("[data-row]").first().waitFor();
  await settled(page);
  scrolled(table, "scroll up while older messages come", await scroll(browser, list, -STEP_PX), least);
  table.add("older messages come in above: a row jumps by at most", await jump(list, 10), "px", { goal: "<= 1" });

  const started = performance.now();
  await readAll(list);
  const all = MESSAGES.toLocaleString("en");
  table.add(`read all ${all} messages by scrolling to the top`, (performance.now() - started) / 1_000, "s");
  await settled(page);
  scrolled(table, `scroll down with all ${all} held`, await scroll(browser, list, STEP_PX), least);
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  table.add("memory of scripts with all held", usedSize / 1e6, "MB");
  await context.close();
}

function scrolled(table: Table, name: string, found: Scrolled, least: Scrolled): void {
  const peer = (value: number): [string, number] => ["an empty page", value];
  table.add(`${name}: frames dropped of ${String(FRAMES)}`, found.dropped, "", {
    goal: `<= ${String(DROPPED_MAX)}`,
    peer: peer(least.dropped),
  });
  table.add("    processor time of the page for a frame", found.processorMs, "ms", { peer: peer(least.processorMs) });
  table.add("    longest time between two frames", found.longestMs, "ms", { peer: peer(least.longestMs) });
  table.add("    frames without a message in the middle", found.blank, "");
  table.add("    way scrolled", Math.round(found.pixels / 1_000), "kpx", { peer: peer(Math.round(least.pixels / 1_000)) });
}

/** Goes to the top again and again until the first message of all is there. */
function readAll(list: Locator): Promise<void> {
  return list.evaluate(
    (viewport) =>
      new Promise<void>((done) => {
        const frame = (): void => {
          if (viewport.querySelector(".beginning") !== null) {
            done();
            return;
          }
          viewport.scrollTop = 0;
          requestAnimationFrame(frame);
        };
        frame();
      }),
  );
}

/** Until the browser has nothing to do. */
function settled(page: Page): Promise<void> {
  return page.evaluate(() => new Promise<void>((done) => requestIdleCallback(() => done(), { timeout: 10_000 })));
}

async function lighthouse(table: Table, leah: Account, pages: Record<string, string>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "connect-bench-browser-"));
  // Lighthouse drives the browser by a port of its own, and sees only what is in its first profile.
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM_PATH,
    args: [...CHROMIUM_ARGUMENTS, "--remote-debugging-port=0"],
    viewport: null,
  });
  try {
    const port = Number(readFileSync(join(folder, "DevToolsActivePort"), "utf8").split("\n")[0]);
    for (const [name, url] of Object.entries(pages)) {
      if (name !== "sign-in") await leah.signIn(context.pages()[0] ?? (await context.newPage()));
      for (const form of FORMS) {
        const { scores, faults } = await judge(url, port, form);
        for (const category of CATEGORIES) {
          table.add(`Lighthouse, ${name}, ${form}: ${category}`, scores[category], "", { goal: ">= 100" });
        }
        for (const fault of faults) table.remark(`    Lighthouse, ${name}, ${form}: ${fault}`);
      }
    }
  } finally {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
