import { messageField, open, reads, write } from "./support/pages";
import { expect, test } from "./support/test";

test("a message is edited and deleted for everybody", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await open(ana.page, direct);

  await write(leah.page, "Vigo reads 1.862");
  await reads(ana.page, "Vigo reads 1.862");

  await messageField(leah.page).press("ArrowUp");
  const editor = leah.page.getByRole("textbox", { name: /^Edit message/ });
  await editor.fill("Vigo reads 1.866");
  await editor.press("Enter");
  await reads(ana.page, "Vigo reads 1.866");
  await expect(ana.page.getByText("Vigo reads 1.862", { exact: true })).toHaveCount(0);

  await leah.page.getByText("Vigo reads 1.866", { exact: true }).hover();
  await leah.page.getByRole("button", { name: /^Delete message/ }).first().click();
  await leah.page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(ana.page.getByText("Vigo reads 1.866", { exact: true })).toHaveCount(0);
});

test("what was written while a browser was offline is there when it is back", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await open(ana.page, direct);
  await write(leah.page, "one");
  await reads(ana.page, "one");

  await scene.server.kill();
  await expect(ana.page.getByText(/reconnecting/i).first()).toBeVisible();
  await write(ana.page, "written while the server was away");
  await scene.server.restart();

  await reads(leah.page, "written while the server was away");
  await expect(
    leah.page.getByText("written while the server was away", { exact: true }),
  ).toHaveCount(1);
});

test("an unread conversation says so, and reading it on one device clears the other", async ({
  scene,
}) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const anasPhone = await scene.device(ana.account);
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await leah.account.say(direct, "Are you there?");

  const row = (page: typeof ana.page) =>
    page.getByRole("navigation").getByRole("link", { name: /Leah Morgan/ });
  await expect(row(ana.page)).toHaveAccessibleName(/1 unread|unread/i);
  await expect(row(anasPhone.page)).toHaveAccessibleName(/unread/i);
  await open(ana.page, direct);
  await reads(ana.page, "Are you there?");
  await expect(row(anasPhone.page)).not.toHaveAccessibleName(/unread/i);
});
