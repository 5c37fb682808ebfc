/** Two people who call each other again and again, each with a real browser and its own idea of a camera. */
import type { Browser, Page } from "@playwright/test";

import { framed, pressed, shown } from "../e2e/support/moments";
import { open, ring, stage } from "../e2e/support/pages";
import type { Account } from "../e2e/support/workspace";

const CARD = "[role=alertdialog]";
const START = "Start video call";
/** Nobody answers sooner. What devices do while they ring is done by then. */
const ANSWER_AFTER_MS = 1_500;

export class Pair {
  private constructor(
    private readonly caller: Account,
    private readonly near: Page,
    private readonly far: Page,
  ) {}

  /** Each with their direct message open. */
  static async open(near: Browser, caller: Account, far: Browser, callee: Account): Promise<Pair> {
    const direct = await caller.conversation({ kind: "direct", user_id: callee.id });
    const pages: Page[] = [];
    for (const [browser, account] of [
      [near, caller],
      [far, callee],
    ] as const) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB" });
      await context.grantPermissions(["camera", "microphone"]);
      const page = await context.newPage();
      await account.signIn(page);
      await page.goto(account.server.url);
      await open(page, direct);
      pages.push(page);
    }
    const [one, other] = pages;
    if (one === undefined || other === undefined) throw new Error("there are two");
    return new Pair(caller, one, other);
  }

  /** From the press to the ring on the other's screen, in milliseconds. It is answered: whoever is not rings more quietly the third time. */
  async ring(): Promise<number> {
    const press = await pressed(this.near, `[aria-label="${START}"]`);
    const card = await shown(this.far, CARD);
    await this.near.getByRole("button", { name: START }).click();
    const took = (await card()) - (await press());
    await this.answerButton().click();
    await this.leave();
    return took;
  }

  /** From the press on Answer to the first frame of the caller's picture, in milliseconds. */
  async answer(): Promise<number> {
    await this.near.getByRole("button", { name: START }).click();
    // Whoever is called takes longer to answer than the caller's camera to begin.
    await this.near.waitForFunction(() => (document.querySelector<HTMLVideoElement>(".outgoing video")?.videoWidth ?? 0) > 0);
    await this.answerButton().waitFor();
    await this.far.waitForTimeout(ANSWER_AFTER_MS);
    const press = await pressed(this.far, `${CARD} button`);
    const frame = await framed(this.far, this.caller.id);
    await this.answerButton().click();
    const took = (await frame()) - (await press());
    await this.leave();
    return took;
  }

  private answerButton(): ReturnType<Page["getByRole"]> {
    return ring(this.far, this.caller.me.user.name).getByRole("button", { name: "Answer with video" });
  }

  /** Until both could call again, and have nothing left to do. */
  private async leave(): Promise<void> {
    await stage(this.far).getByRole("button", { name: /^(Leave call|Cancel)$/ }).click();
    for (const page of [this.near, this.far]) {
      await page.getByRole("button", { name: START }).waitFor();
      await page.evaluate(() => new Promise<void>((done) => requestIdleCallback(() => done(), { timeout: 5_000 })));
    }
  }
}
