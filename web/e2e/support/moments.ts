/**
 * When something happens in a page. Each is noted there, by the page's own clock, and asked for later;
 * all pages and the test itself are on one machine, so their times can be compared.
 */
import type { CDPSession, Page } from "@playwright/test";

import type { UserId } from "../../src/protocol/generated";

/** Asks when it was, and waits until it has been. */
export type Moment = () => Promise<number>;

declare global {
  interface Window {
    moments: Promise<number>[] | undefined;
    /** When a sound of the page's own was last heard. */
    soundedAt: number;
  }
}

/** Milliseconds since the epoch, in parts of one. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** When the next press on anything that matches has reached the page. */
export async function pressed(page: Page, selector: string): Promise<Moment> {
  const index = await page.evaluate((selector) => {
    const moment = new Promise<number>((done) => {
      const look = (event: MouseEvent): void => {
        if (!(event.target instanceof Element) || event.target.closest(selector) === null) return;
        window.removeEventListener("click", look, true);
        done(performance.timeOrigin + event.timeStamp);
      };
      window.addEventListener("click", look, true);
    });
    return (window.moments ??= []).push(moment) - 1;
  }, selector);
  return () => asked(page, index);
}

/** When a frame with something that matches has been drawn. */
export function shown(page: Page, selector: string): Promise<Moment> {
  return turned(page, selector, true);
}

/** When a frame with nothing that matches any more has been drawn. */
export function gone(page: Page, selector: string): Promise<Moment> {
  return turned(page, selector, false);
}

async function turned(page: Page, selector: string, isThere: boolean): Promise<Moment> {
  const index = await page.evaluate(
    ({ selector, isThere }) => {
      const moment = new Promise<number>((done) => {
        const drawn = (): void => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => done(performance.timeOrigin + performance.now());
          port2.postMessage(null);
        };
        const look = (): void => {
          if ((document.querySelector(selector) !== null) !== isThere) return;
          observer.disconnect();
          // What is asked before a frame is drawn, and answered after it.
          requestAnimationFrame(drawn);
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { subtree: true, childList: true, attributes: true });
        look();
      });
      return (window.moments ??= []).push(moment) - 1;
    },
    { selector, isThere },
  );
  return () => asked(page, index);
}

/** When the next frame of that person's picture is shown, in whichever place. */
export async function framed(page: Page, person: UserId): Promise<Moment> {
  const index = await page.evaluate((person) => {
    const moment = new Promise<number>((done) => {
      const known = new WeakSet<Element>();
      const look = (): void => {
        for (const video of document.querySelectorAll(`video[data-person="${person}"]`)) {
          if (!(video instanceof HTMLVideoElement) || known.has(video)) continue;
          known.add(video);
          video.requestVideoFrameCallback(() => {
            observer.disconnect();
            done(performance.timeOrigin + performance.now());
          });
        }
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true });
      look();
    });
    return (window.moments ??= []).push(moment) - 1;
  }, person);
  return () => asked(page, index);
}

function asked(page: Page, index: number): Promise<number> {
  return page.evaluate((index) => {
    const moment = window.moments?.[index];
    if (moment === undefined) throw new Error("the page was loaded anew since");
    return moment;
  }, index);
}

/** Has the page note from now on when its own sounds are heard, such as its ring. */
export async function overhear(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.soundedAt = 0;
    const taps = new WeakMap<BaseAudioContext, AnalyserNode>();
    const native = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "destination");
    // Whatever leaves the page passes a node that listens.
    const tapOf = (context: BaseAudioContext): AnalyserNode => {
      const held = taps.get(context);
      if (held !== undefined) return held;
      const tap = context.createAnalyser();
      tap.fftSize = 512;
      tap.connect(native?.get?.call(context) as AudioNode);
      taps.set(context, tap);
      const samples = new Float32Array(tap.fftSize);
      setInterval(() => {
        tap.getFloatTimeDomainData(samples);
        // -54 dB: a ring begins at about -20.
        if (samples.some((sample) => Math.abs(sample) > 0.002)) {
          window.soundedAt = performance.timeOrigin + performance.now();
        }
      }, 5);
      return tap;
    };
    Object.defineProperty(BaseAudioContext.prototype, "destination", {
      get(this: BaseAudioContext) {
        return tapOf(this);
      },
    });
  });
  await page.reload();
}

/** Ends the page's process as a crash does: it says no last word. Answers when. */
export async function crash(page: Page): Promise<number> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  const at = now();
  // It is never answered.
  void session.send("Page.crash").catch(() => undefined);
  await crashed;
  return at;
}
