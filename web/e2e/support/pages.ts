import { expect, type Locator, type Page } from "@playwright/test";

import type { Conversation } from "../../src/protocol/generated";

/** Opens a conversation by its address. */
export async function open(page: Page, conversation: Conversation): Promise<void> {
  const url = new URL(page.url());
  await page.goto(`${url.origin}/c/${conversation.id}`);
  await messageField(page).waitFor();
}

export function messageField(page: Page): Locator {
  return page.getByRole("textbox", { name: /^Message/ }).last();
}

/** Writes into the open conversation. */
export async function write(page: Page, text: string): Promise<void> {
  await messageField(page).fill(text);
  await messageField(page).press("Enter");
}

export async function reads(page: Page, text: string): Promise<void> {
  await expect(page.getByText(text, { exact: true }).first()).toBeVisible();
}

export function stage(page: Page): Locator {
  return page.getByRole("region", { name: "Call", exact: true });
}

/** The tile of that person; its name begins with theirs. */
export function tile(page: Page, name: string): Locator {
  return page.getByRole("group", { name: new RegExp(`^${name}`) });
}

export function ring(page: Page, from: string): Locator {
  return page.getByRole("alertdialog", { name: new RegExp(`^Incoming (video|voice) call from ${from}$`) });
}

export function toggle(page: Page, name: "Microphone" | "Camera" | "Share screen" | "Raise hand"): Locator {
  return stage(page).getByRole("button", { name: new RegExp(`^${name}`) });
}

/** Turns microphone and camera on: whoever walks into a group is muted and unseen. */
export async function unmute(page: Page): Promise<void> {
  for (const name of ["Microphone", "Camera"] as const) {
    const button = toggle(page, name);
    await button.waitFor();
    if ((await button.getAttribute("aria-pressed")) === "false") await button.click();
    await expect(button).toHaveAttribute("aria-pressed", "true");
  }
}

export function leave(page: Page): Promise<void> {
  return stage(page).getByRole("button", { name: "Leave call" }).click();
}
