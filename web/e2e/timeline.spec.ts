import type { Locator, Page, Route } from "@playwright/test";

import type { Conversation } from "../src/protocol/generated";
import { open, reads } from "./support/pages";
import { expect, test, type Person, type Scene } from "./support/test";

/** A dozen of the largest pages. */
const MESSAGES = 2_400;
/** Fractions of a pixel come from rounding where rows begin. */
const STILL_PX = 1;

/** Of one line and of several, so that heights have to be measured. */
function text(number: number): string {
  const lines = Array.from({ length: number % 7 === 0 ? 4 : number % 3 }, (_, i) => `\n\nline ${String(i)} of it`);
  return `message ${String(number)} ends here${lines.join("")}`;
}

type Long = { leah: Person; ana: Person; direct: Conversation; older: OlderPages };

async function longConversation(scene: Scene): Promise<Long> {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await ana.account.sayAll(direct, Array.from({ length: MESSAGES }, (_, i) => text(i)));
  const older = await OlderPages.of(leah.page);
  await open(leah.page, direct);
  await leah.page.locator("[data-row]").first().waitFor();
  return { leah, ana, direct, older };
}

function timeline(page: Page): Locator {
  return page.getByRole("group", { name: /^Messages in / });
}

function toNewest(page: Page): Locator {
  return page.getByRole("button", { name: /Go to the newest message|new messages?$/ });
}

/** Pixels between what is in sight and the end. */
function fromEnd(page: Page): Promise<number> {
  return timeline(page).evaluate((viewport) => {
    const last = [...viewport.querySelectorAll("[data-row]")].at(-1);
    if (last === undefined) return Infinity;
    return Math.abs(last.getBoundingClientRect().bottom - viewport.getBoundingClientRect().bottom);
  });
}

async function scrollTo(page: Page, top: number): Promise<void> {
  await timeline(page).evaluate((viewport, top) => {
    viewport.scrollTop = top;
  }, top);
}

/** Waits until the page has drawn what its last change asked for. */
function drawn(page: Page): Promise<void> {
  return page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(undefined)))),
  );
}

/** Holds requests for older messages until each is let go, or all are. */
class OlderPages {
  private waiting: Route[] = [];
  private open = false;
  private onAsked: (() => void) | undefined;

  static async of(page: Page): Promise<OlderPages> {
    const pages = new OlderPages();
    await page.route("**/timeline?before=*", async (route) => {
      if (pages.open) return route.continue();
      pages.waiting.push(route);
      pages.onAsked?.();
    });
    return pages;
  }

  async asked(): Promise<void> {
    if (this.waiting.length > 0) return;
    await new Promise<void>((asked) => (this.onAsked = asked));
  }

  async release(): Promise<void> {
    await Promise.all(this.waiting.splice(0).map((route) => route.continue()));
  }

  /** Holds none any more. */
  async releaseAll(): Promise<void> {
    this.open = true;
    await this.release();
  }
}

/** Follows one row in every frame from now on until `stop` tells between which heights it was. */
function follow(page: Page): Promise<{ name: string }> {
  return timeline(page).evaluate((viewport) => {
    const { top, height } = viewport.getBoundingClientRect();
    const row = [...viewport.querySelectorAll("[data-row]")].find(
      (row) => row.getBoundingClientRect().top > top + height / 3,
    );
    if (row === undefined) throw new Error("a row is in sight");
    const name = row.getAttribute("aria-label") ?? "";
    const tops: number[] = [];
    const look = (): void => {
      // Its element may be another one by now.
      const now = viewport.querySelector(`[data-row][aria-label="${CSS.escape(name)}"]`);
      tops.push(now?.getBoundingClientRect().top ?? NaN);
      frame = requestAnimationFrame(look);
    };
    let frame = requestAnimationFrame(look);
    window.stopFollowing = () => {
      cancelAnimationFrame(frame);
      return tops;
    };
    return { name };
  });
}

declare global {
  interface Window {
    stopFollowing: () => number[];
  }
}

test("what one looks at stays where it is while older messages come in above", async ({ scene }) => {
  const { leah, older } = await longConversation(scene);
  const { page } = leah;
  for (let round = 0; round < 5; round++) {
    await scrollTo(page, 700);
    await older.asked();
    await drawn(page);
    const height = (): Promise<number> => timeline(page).evaluate((viewport) => viewport.scrollHeight);
    const before = await height();
    const { name } = await follow(page);
    await older.release();
    // A page of two hundred messages is higher than this.
    await expect.poll(height).toBeGreaterThan(before + 4_000);
    await drawn(page);
    const tops = await page.evaluate(() => window.stopFollowing());
    expect(tops.length).toBeGreaterThan(2);
    expect(Math.max(...tops) - Math.min(...tops), `${name}, round ${String(round)}`).toBeLessThanOrEqual(STILL_PX);
  }
});

test("scrolling up goes on to the first message", async ({ scene }) => {
  const { leah, older } = await longConversation(scene);
  const { page } = leah;
  await older.releaseAll();
  const beginning = page.getByText(/^This is the beginning of what you and Ana Kovac write/);
  await expect
    .poll(
      async () => {
        await scrollTo(page, 0);
        return beginning.isVisible();
      },
      { intervals: [20], timeout: 30_000 },
    )
    .toBe(true);
  await toNewest(page).click();
  await expect.poll(() => fromEnd(page)).toBeLessThan(12);
});

test("who is at the end stays there when messages come, whatever their height", async ({ scene }) => {
  const { leah, ana, direct } = await longConversation(scene);
  for (let number = 0; number < 6; number++) {
    await ana.account.say(direct, `newest ${String(number)}\n\nand\n\nmore`);
    await reads(leah.page, `newest ${String(number)}`);
    await drawn(leah.page);
    expect(await fromEnd(leah.page)).toBeLessThan(12);
  }
  await expect(toNewest(leah.page)).toHaveCount(0);
});

test("who reads older messages is not pulled down, and comes back with one click", async ({ scene }) => {
  const { leah, ana, direct } = await longConversation(scene);
  const { page } = leah;
  await scrollTo(page, 400);
  await expect(toNewest(page)).toBeVisible();
  await drawn(page);
  const { name } = await follow(page);
  await ana.account.say(direct, "one below");
  await ana.account.say(direct, "two below");
  await expect(page.getByRole("button", { name: "2 new messages" })).toBeVisible();
  const tops = await page.evaluate(() => window.stopFollowing());
  expect(Math.max(...tops) - Math.min(...tops), name).toBeLessThanOrEqual(STILL_PX);

  await toNewest(page).click();
  await reads(page, "two below");
  await expect.poll(() => fromEnd(page)).toBeLessThan(12);
  await expect(toNewest(page)).toHaveCount(0);
});
