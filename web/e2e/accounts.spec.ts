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
