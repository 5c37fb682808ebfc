import type { Page } from "@playwright/test";

import { open, ring } from "./support/pages";
import { expect, test } from "./support/test";

declare global {
  interface Window {
    strokes: number;
  }
}

/** Counts the tones the page makes by itself, from its next load on. */
async function counted(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.strokes = 0;
    const start = Reflect.get<AudioScheduledSourceNode, "start">(AudioScheduledSourceNode.prototype, "start");
    AudioScheduledSourceNode.prototype.start = function (at) {
      window.strokes++;
      start.call(this, at);
    };
  });
  await page.reload();
  await page.getByRole("navigation").first().waitFor();
}

/**
 * Makes the page, from its next load on, one that nobody has pressed anything in. Whatever a test does
 * to a page counts as a press for the browser, so the browser cannot be asked to be strict by itself.
 */
async function unpressed(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let hasBeenActive = false;
    const press = (): void => {
      hasBeenActive = true;
    };
    for (const kind of ["keydown", "pointerdown"]) window.addEventListener(kind, press, { capture: true });
    Object.defineProperty(navigator, "userActivation", {
      value: {
        get hasBeenActive() {
          return hasBeenActive;
        },
      },
    });
    window.AudioContext = class extends AudioContext {
      constructor() {
        super();
        void this.suspend();
      }
      override resume(): Promise<void> {
        return hasBeenActive ? super.resume() : new Promise(() => undefined);
      }
    };
  });
}

function strokes(page: Page): Promise<number> {
  return page.evaluate(() => window.strokes);
}

/** Waits until the page has made more sound than before. */
async function sounds(page: Page, before = 0): Promise<void> {
  await expect.poll(() => strokes(page), { timeout: 20_000 }).toBeGreaterThan(before);
}

test("of two tabs one rings, and the other once that is closed", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const second = await ana.context.newPage();
  await second.goto(scene.server.url);
  await counted(ana.page);
  await counted(second);
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start voice call" }).click();
  await ring(ana.page, "Leah Morgan").waitFor();
  await ring(second, "Leah Morgan").waitFor();

  const both = [ana.page, second];
  const loud = async (): Promise<Page[]> => {
    const counts = await Promise.all(both.map(strokes));
    return both.filter((_, index) => (counts[index] ?? 0) > 0);
  };
  await expect.poll(async () => (await loud()).length, { timeout: 20_000 }).toBe(1);
  const [first] = await loud();
  const other = both.find((page) => page !== first);
  if (first === undefined || other === undefined) throw new Error("one of two rings");
  // Once more, by when the other would have struck too.
  await sounds(first, await strokes(first));
  expect(await strokes(other)).toBe(0);
  await expect(ring(other, "Leah Morgan").getByText("The browser keeps the sound off")).toBeHidden();
  await first.close();
  await sounds(other);
});

test("a browser that keeps the sound off says so, and rings after a press", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  await unpressed(ana.page);
  await counted(ana.page);
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start voice call" }).click();
  const card = ring(ana.page, "Leah Morgan");
  await expect(card.getByText("The browser keeps the sound off")).toBeVisible();
  expect(await strokes(ana.page)).toBe(0);
  await card.getByRole("button", { name: "Turn sound on" }).press("Enter");
  await sounds(ana.page);
  await expect(card.getByText("The browser keeps the sound off")).toBeHidden();
});

test("the ring is tried out in the settings, and stopped", async ({ scene }) => {
  const { page } = await scene.person("Leah Morgan");
  await page.goto(`${scene.server.url}/settings/sound`);
  await counted(page);
  await page.getByRole("button", { name: "Test ring" }).press("Enter");
  await expect(page.getByRole("status").getByText(/^Ringing as a call would/)).toBeVisible();
  await sounds(page);
  await page.getByRole("button", { name: "Stop the ring" }).press("Enter");
  await expect(page.getByRole("button", { name: "Test ring" })).toBeFocused();
});
