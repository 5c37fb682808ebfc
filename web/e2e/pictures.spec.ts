import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import { sees } from "./support/media";
import { leave, open, reads, ring, stage, toggle } from "./support/pages";
import { expect, test, type Person } from "./support/test";

/** With PICTURES set, those of the README; else beside the other results, to be looked at. */
const FOLDER =
  process.env["PICTURES"] === undefined
    ? resolve(import.meta.dirname, "../test-results/pictures")
    : resolve(import.meta.dirname, "../../docs/pictures");

for (const colorScheme of ["light", "dark"] as const) {
  test(`the product as people see it (${colorScheme})`, async ({ scene }) => {
    test.setTimeout(180_000);
    mkdirSync(FOLDER, { recursive: true });
    const picture = async (person: Person, name: string): Promise<void> => {
      const path = `${FOLDER}/${name}-${colorScheme}.png`;
      await person.page.screenshot({ path, animations: "disabled" });
    };

    const leah = await scene.person("Leah Morgan", { colorScheme });
    const ana = await scene.person("Ana Kovac", { colorScheme });
    const mateo = await scene.person("Mateo Ruiz", { colorScheme });
    const priya = await scene.person("Priya Raman", { colorScheme });
    const channel = await leah.account.conversation({
      kind: "channel",
      name: "harbour-sensors",
      topic: "Tide gauges in Aberdeen, Esbjerg and Vigo. Field window closes Friday.",
      visibility: "public",
    });
    await leah.account.conversation({
      kind: "channel",
      name: "field-reports",
      topic: "",
      visibility: "public",
    });
    await leah.account.conversation({
      kind: "group",
      name: "Launch week",
      members: [ana.id, mateo.id],
    });
    for (const person of [ana, mateo, priya]) await person.account.join(channel);
    const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
    await mateo.account.say(
      channel,
      "The Esbjerg gauge drifted 4 mm overnight. Raw log on the field wiki.",
    );
    await priya.account.say(
      channel,
      "That jump is the pressure offset, not the bracket. We read it before the sensor settles:\n\n```rust\n// settle first, then read the offset\nlet raw = sensor.read_after(Duration::from_millis(250))?;\nlet level = raw - self.offset.unwrap_or_default();\n```",
    );
    await ana.account.say(
      channel,
      `Summary: we ship the settle fix in **2.4.1** and recheck Vigo on Friday. I wrote it up in \`docs/offset.md\`. <@${leah.id}> owns the release note.`,
    );
    for (const person of [leah, ana, mateo, priya]) await open(person.page, channel);

    await ana.page.getByRole("button", { name: "Start video call" }).click();
    for (const person of [mateo, priya]) {
      await person.page.getByRole("button", { name: /^Join call/ }).first().click();
    }
    for (const person of [ana, mateo, priya]) {
      await stage(person.page).waitFor();
      for (const name of ["Microphone", "Camera"] as const) {
        const button = toggle(person.page, name);
        if ((await button.getAttribute("aria-pressed")) === "false") await button.click();
        await expect(button).toHaveAttribute("aria-pressed", "true");
      }
    }
    await reads(leah.page, "harbour-sensors");
    await expect(leah.page.getByRole("button", { name: /^Join call/ }).first()).toBeVisible();
    await picture(leah, "conversation");

    await leah.page.getByRole("button", { name: /^Join call/ }).first().click();
    for (const other of [ana, mateo, priya]) await sees(leah.page, other.id, other.look);
    await toggle(priya.page, "Raise hand").click();
    await stage(leah.page).getByRole("button", { name: "Chat" }).click();
    await picture(leah, "group-call");
    await leave(leah.page);
    for (const person of [ana, mateo, priya]) await leave(person.page);

    await open(ana.page, direct);
    await ana.page.getByRole("button", { name: "Start video call" }).click();
    await ring(leah.page, "Ana Kovac").waitFor();
    await picture(leah, "ring");
    await ring(leah.page, "Ana Kovac").getByRole("button", { name: "Decline" }).click();

    await leah.page.getByRole("link", { name: /^Calls/ }).click();
    await picture(leah, "calls");
    await leah.page.setViewportSize({ width: 390, height: 844 });
    await open(leah.page, channel);
    await picture(leah, "phone");
  });
}
