import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { open, ring, stage } from "./support/pages";
import { expect, test } from "./support/test";

/** No fault that axe can find, in the theme the page has. */
async function isClean(page: Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const faults = violations.map(
    (fault) => `${screen}: ${fault.id} at ${fault.nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
  expect(faults).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds no fault on any screen (${colorScheme})`, async ({ scene }) => {
    const setup = await scene.visitor({ colorScheme });
    await setup.goto(scene.server.setupLink);
    await setup.getByRole("heading").first().waitFor();
    await isClean(setup, "setup");

    const leah = await scene.person("Leah Morgan", { colorScheme });
    const ana = await scene.person("Ana Kovac", { colorScheme });
    const signIn = await scene.visitor({ colorScheme });
    await signIn.goto(scene.server.url);
    await signIn.getByRole("button", { name: "Sign in" }).waitFor();
    await isClean(signIn, "sign in");

    const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
    await leah.account.say(direct, "Hello **Ana**, see `docs/offset.md`");
    await ana.account.say(direct, "1. one\n2. two\n\n```rust\nlet raw = 1;\n```");
    await open(leah.page, direct);
    await isClean(leah.page, "conversation");

    await leah.page.getByRole("button", { name: "Start video call" }).click();
    await ring(ana.page, "Leah Morgan").waitFor();
    await isClean(ana.page, "incoming ring");
    await isClean(leah.page, "outgoing ring");
    await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
    await expect(leah.page.locator(`video[data-person="${ana.id}"]`)).toBeVisible();
    await isClean(leah.page, "call");
    await stage(leah.page).getByRole("button", { name: "Leave call" }).click();

    await leah.page.getByRole("link", { name: /^Calls/ }).click();
    await leah.page.getByRole("main").getByText("Ana Kovac").first().waitFor();
    await isClean(leah.page, "calls");

    for (const [page, landmark] of [
      ["sound", leah.page.getByRole("button", { name: "Test ring" })],
      ["workspace", leah.page.getByRole("radio", { name: "Forever" })],
    ] as const) {
      await leah.page.goto(`${scene.server.url}/settings/${page}`);
      await landmark.waitFor();
      await isClean(leah.page, page);
    }

    await leah.page.goto(`${scene.server.url}/settings/notifications`);
    await leah.page.getByRole("switch", { name: /^Ring on this device/ }).waitFor();
    await isClean(leah.page, "notifications");
  });
}
