/** Scrolls as fast as nobody can read, and counts the frames that did not come in time. */
import type { Browser, Locator, Page } from "@playwright/test";

import { median } from "./table";

export const FRAMES = 400;
export const STEP_PX = 2_500;

export type Scrolled = {
  /** A frame that came n periods after the one before it dropped n - 1. */
  dropped: number;
  /** Frames in whose middle no message was. */
  blank: number;
  longestMs: number;
  /** Pixels the list was moved, without what it grew by meanwhile. */
  pixels: number;
  /** Processor time of all pages for a frame: other work on the machine changes it least. */
  processorMs: number;
};

/** Moves the list by so many pixels in each frame; up when negative. */
export async function scroll(browser: Browser, list: Locator, step: number): Promise<Scrolled> {
  const used = await processorTime(browser);
  const { times, blank, pixels } = await list.evaluate(
    (viewport, { frames, step }) =>
      new Promise<{ times: number[]; blank: number; pixels: number }>((done) => {
        const { top, height } = viewport.getBoundingClientRect();
        const middle = top + height / 2;
        const rows = viewport.querySelector("ol") ?? viewport;
        const times: number[] = [];
        let blank = 0;
        let pixels = 0;
        const frame = (at: number): void => {
          times.push(at);
          const drawn = rows.getBoundingClientRect();
          if (drawn.top > middle || drawn.bottom < middle) blank++;
          if (times.length > frames) {
            done({ times, blank, pixels });
            return;
          }
          const before = viewport.scrollTop;
          viewport.scrollTop = before + step;
          pixels += Math.abs(viewport.scrollTop - before);
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    { frames: FRAMES, step },
  );
  const deltas = times.slice(1).map((at, i) => at - (times[i] ?? at));
  // The display's, of which most frames need one.
  const period = Math.min(median(deltas), 1_000 / 60);
  const dropped = deltas.reduce((sum, delta) => sum + Math.max(0, Math.round(delta / period) - 1), 0);
  const processorMs = ((await processorTime(browser)) - used) / FRAMES;
  return { dropped, blank, longestMs: Math.max(...deltas), pixels, processorMs };
}

/** Milliseconds all pages of this browser have computed. */
async function processorTime(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const pages = processInfo.filter((process) => process.type === "renderer");
  return pages.reduce((sum, process) => sum + process.cpuTime * 1_000, 0);
}

/** The same on a page with nothing but a high box: what this machine drops by itself. */
export async function floor(browser: Browser, page: Page): Promise<Scrolled> {
  await page.setContent(`
    <!doctype html>
    <div id="list" style="height: 800px; overflow-y: scroll"><div style="height: 5000000px"></div></div>`);
  return scroll(browser, page.locator("#list"), STEP_PX);
}

/** The furthest a row moved in any frame while so many pages of older ones came in above it. */
export function jump(list: Locator, pages: number): Promise<number> {
  return list.evaluate(
    (viewport, pages) =>
      new Promise<number>((done) => {
        let worst = 0;
        let left = pages;
        const watch = (): void => {
          const height = viewport.scrollHeight;
          viewport.scrollTop = 1_000;
          let tops: number[] = [];
          let row: Element | undefined;
          let after = 10;
          const frame = (): void => {
            row ??= [...viewport.querySelectorAll("[data-row]")].find(
              (one) => one.getBoundingClientRect().top > 200,
            );
            if (row !== undefined) tops.push(row.getBoundingClientRect().top);
            if (viewport.scrollHeight > height + 1_000 && after-- === 0) {
              worst = Math.max(worst, Math.max(...tops) - Math.min(...tops));
              tops = [];
              if (--left === 0) done(worst);
              else watch();
              return;
            }
            requestAnimationFrame(frame);
          };
          // One frame later, when the rows of the new place are drawn.
          requestAnimationFrame(() => requestAnimationFrame(frame));
        };
        watch();
      }),
    pages,
  );
}
