import type { Locator, Page } from "@playwright/test";

import { leave, open, ring, stage, toggle } from "./support/pages";
import { expect, test } from "./support/test";

/** Goes there as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab does not come there");
}

/** The calls listed, by what their rows begin with. */
function rows(page: Page, name: RegExp): Locator {
  return page.getByRole("region", { name: "Calls" }).getByRole("button", { name });
}

test("without a mouse a ring is answered, the call muted and left, and found among the calls", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start voice call" }).click();
  const { page } = ana;
  await ring(page, "Leah Morgan").waitFor();
  await page.keyboard.press("Control+Shift+A");
  await expect(ring(page, "Leah Morgan").getByRole("button", { name: "Answer with voice" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(toggle(page, "Microphone")).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("m");
  await expect(toggle(page, "Microphone")).toHaveAttribute("aria-pressed", "false");
  await page.keyboard.press("Control+Shift+L");
  await expect(stage(page)).toBeHidden();

  await tabTo(page, page.getByRole("navigation").getByRole("link", { name: /^Calls/ }));
  await page.keyboard.press("Enter");
  await tabTo(page, rows(page, /^Leah Morgan/).first());
  await page.keyboard.press("Enter");
  const details = page.getByRole("region", { name: "Call details" });
  await expect(details.getByRole("heading", { name: "Call with Leah Morgan" })).toBeVisible();
  await expect(details.getByRole("row")).toHaveCount(3);
  await tabTo(page, page.getByRole("button", { name: "Save the list" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "As a table (CSV)" })).toBeVisible();
});

test("calls are narrowed by kind, name, day and conversation", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const { page } = leah;
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  const channel = await leah.account.conversation({ kind: "channel", name: "tides", topic: "", visibility: "public" });
  await open(ana.page, direct);
  await ana.page.getByRole("button", { name: "Start voice call" }).click();
  await ring(page, "Ana Kovac").waitFor();
  await ana.page.getByRole("button", { name: "Cancel" }).click();
  await open(page, channel);
  await page.getByRole("button", { name: "Start voice call" }).click();
  await leave(page);
  await page.getByRole("link", { name: /^Calls/ }).first().click();

  await expect(rows(page, /^Ana Kovac/)).toHaveCount(1);
  await expect(rows(page, /^tides/)).toHaveCount(1, { timeout: 30_000 });
  await page.getByRole("link", { name: "Outgoing" }).click();
  await expect(rows(page, /^Ana Kovac/)).toHaveCount(0);
  await expect(rows(page, /^tides/)).toHaveCount(1);
  await page.getByRole("link", { name: /^Missed/ }).click();
  await expect(rows(page, /^Ana Kovac/)).toHaveCount(1);
  await expect(rows(page, /^tides/)).toHaveCount(0);
  await page.getByRole("link", { name: "All", exact: true }).click();

  await page.getByRole("searchbox", { name: "Search by name" }).fill("TID");
  await expect(rows(page, /^Ana Kovac/)).toHaveCount(0);
  await expect(rows(page, /^tides/)).toHaveCount(1);
  await page.getByRole("searchbox", { name: "Search by name" }).fill("");

  await page.getByRole("button", { name: "By date" }).click();
  await page.getByLabel("To", { exact: true }).fill("2020-02-29");
  await expect(page.getByText("No call found")).toBeVisible();
  await page.getByRole("button", { name: "By date" }).click();
  await expect(rows(page, /^tides/)).toHaveCount(1);

  await rows(page, /^tides/).click();
  await expect(page.getByText("Over before anybody came.")).toBeVisible();
  await page.getByRole("button", { name: "All calls here" }).click();
  await expect(rows(page, /^Ana Kovac/)).toHaveCount(0);
  await page.getByRole("button", { name: "Show all calls" }).click();
  await expect(rows(page, /^Ana Kovac/)).toHaveCount(1);
});

test("a missed call that is opened on one device waits on none", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const phone = await scene.device(leah.account, { viewport: { width: 390, height: 844 } });
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(ana.page, direct);
  await ana.page.getByRole("button", { name: "Start voice call" }).click();
  await ring(leah.page, "Ana Kovac").waitFor();
  await ana.page.getByRole("button", { name: "Cancel" }).click();
  const waiting = /^Calls.*1 missed/;
  for (const { page } of [leah, phone]) await page.getByRole("link", { name: waiting }).waitFor();

  await leah.page.getByRole("link", { name: waiting }).click();
  await rows(leah.page, /^Ana Kovac/).click();
  await phone.page.getByRole("link", { name: waiting }).waitFor({ state: "detached", timeout: 1_000 });

  await expect(leah.page.getByRole("link", { name: waiting })).toHaveCount(0);
  await leah.page.getByRole("region", { name: "Call details" }).getByRole("button", { name: "Reply" }).click();
  await expect(leah.page).toHaveURL(new RegExp(`/c/${direct.id}$`));
});
