import type { Me } from "../src/protocol/generated";
import { messageField, reads, write } from "./support/pages";
import { expect, test } from "./support/test";
import { PASSWORD } from "./support/workspace";

test("the first admin makes a workspace, invites a colleague, and they write to each other", async ({
  scene,
}) => {
  const leah = await scene.visitor();
  await leah.goto(scene.server.setupLink);
  await leah.getByRole("textbox", { name: /workspace/i }).fill("Marlow Instruments");
  await leah.getByRole("textbox", { name: "Your name" }).fill("Leah Morgan");
  await leah.getByRole("textbox", { name: "Email" }).fill("leah@example.org");
  await leah.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await leah.getByRole("button", { name: /create workspace/i }).click();
  await leah.getByRole("link", { name: /general/ }).first().click();

  await leah.getByRole("button", { name: /Marlow Instruments/ }).click();
  await leah.getByRole("menuitem", { name: "Invite people" }).click();
  const dialog = leah.getByRole("dialog", { name: /invite people/i });
  await dialog.getByRole("button", { name: /create (a )?link/i }).click();
  const link = await dialog.getByRole("textbox", { name: /link/i }).inputValue();
  await leah.keyboard.press("Escape");

  const ana = await scene.visitor();
  await ana.goto(link);
  await ana.getByRole("textbox", { name: "Your name" }).fill("Ana Kovač");
  await ana.getByRole("textbox", { name: "Email" }).fill("ana@example.org");
  await ana.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await ana.getByRole("button", { name: /join/i }).click();
  await ana.getByRole("link", { name: /general/ }).first().click();

  await write(ana, "Good morning");
  await reads(leah, "Good morning");
  await write(leah, "Welcome **Ana**");
  await expect(ana.locator("strong", { hasText: "Ana" })).toBeVisible();
});

test("an admin says how long the call log is kept", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  await ana.page.goto(`${scene.server.url}/settings/profile`);
  await expect(ana.page.getByRole("link", { name: "Keyboard" })).toBeVisible();
  await expect(ana.page.getByRole("link", { name: "Workspace" })).toBeHidden();

  await leah.page.goto(`${scene.server.url}/settings/profile`);
  await leah.page.getByRole("link", { name: "Workspace" }).click();
  await leah.page.getByRole("radio", { name: "For some days" }).check();
  const days = leah.page.getByRole("spinbutton", { name: "Days" });
  const save = leah.page.getByRole("button", { name: "Save" }).last();
  await days.fill("30");
  await save.click();
  const question = leah.page.getByRole("alertdialog", { name: "Forget older calls?" });
  await question.getByRole("button", { name: "Keep them" }).click();
  await expect(question).toBeHidden();
  const kept = async (): Promise<unknown> => (await ana.account.get<Me>("/auth/me")).workspace.call_log;
  expect(await kept()).toEqual({ kind: "forever" });

  await save.click();
  await question.getByRole("button", { name: "Forget them" }).click();
  await expect.poll(kept).toEqual({ kind: "days", days: 30 });
  await days.fill("60");
  await save.click();
  await expect.poll(kept, "a longer time takes nothing away").toEqual({ kind: "days", days: 60 });
});

test("signing in by e-mail and password, and a wrong password said so", async ({ scene }) => {
  await scene.account("Leah Morgan");
  const page = await scene.visitor();
  await page.goto(scene.server.url);
  await page.getByRole("textbox", { name: "Email" }).fill("leah.morgan@example.org");
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: /general/ }).first().click();
  await expect(messageField(page)).toBeVisible();
});
