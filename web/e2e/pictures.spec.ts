import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import { moves } from "./support/media";
import { leave, open, reads, ring, stage, tile, toggle, write } from "./support/pages";
import { PORTRAITS } from "./support/portraits";
import { expect, test, type Person, type Scene } from "./support/test";
import type { Account } from "./support/workspace";

/** With PICTURES set, those of the README; else beside the other results, to be looked at. */
const IS_FOR_README = process.env["PICTURES"] !== undefined;
const FOLDER = resolve(import.meta.dirname, IS_FOR_README ? "../../docs/pictures" : "../test-results/pictures");

const IN_CALL = ["Leah Morgan", "Ana Kovac", "Mateo Ruiz", "Priya Raman", "Tomasz Zielinski", "Elin Berg"] as const;
const OTHERS = ["Samuel Okafor", "Ingrid Dahl", "Noor Haddad", "Yuki Tanaka"] as const;
type Name = (typeof IN_CALL)[number] | (typeof OTHERS)[number];

/** Whose screen is not in a picture needs little room, */
const SMALL = { width: 400, height: 420 };
/** and where there is none for tiles, no video is asked for: the machine has enough to do. */
const RESTING = { width: 400, height: 150 };

for (const colorScheme of ["light", "dark"] as const) {
  test(`the product as people see it (${colorScheme})`, async ({ scene }) => {
    test.setTimeout(300_000);
    mkdirSync(FOLDER, { recursive: true });
    const picture = async (person: Person, name: string): Promise<void> => {
      const path = `${FOLDER}/${name}-${colorScheme}.png`;
      await person.page.screenshot({ path, animations: "disabled" });
    };

    const cast = await accounts(scene);
    const of = (name: Name): Account => cast.get(name) ?? never();
    const portrait = (who: keyof typeof PORTRAITS, talks = false): { portrait: NonNullable<Person["look"]["portrait"]> } => ({
      portrait: { look: PORTRAITS[who], talks },
    });

    const channel = await of("Leah Morgan").conversation({
      kind: "channel",
      name: "harbour-sensors",
      topic: "Tide gauges in Aberdeen, Esbjerg and Vigo. Field window closes Friday.",
      visibility: "public",
    });
    const rooms = new Map<string, typeof channel>();
    for (const [name, visibility] of [
      ["field-reports", "public"],
      ["firmware", "public"],
      ["release-2-4", "public"],
      ["pricing", "private"],
    ] as const) {
      rooms.set(name, await of("Leah Morgan").conversation({ kind: "channel", name, topic: "", visibility }));
    }
    const room = (name: string): typeof channel => rooms.get(name) ?? never();
    for (const name of [...IN_CALL.slice(1), ...OTHERS.slice(0, 2)]) {
      for (const place of [channel, room("field-reports"), room("firmware")]) await of(name).join(place);
    }
    const launch = await of("Leah Morgan").conversation({
      kind: "group",
      name: "Launch week",
      members: [of("Noor Haddad").id, of("Mateo Ruiz").id],
    });
    const directs = new Map<Name, typeof channel>();
    for (const name of ["Yuki Tanaka", "Noor Haddad", "Mateo Ruiz", "Tomasz Zielinski", "Ingrid Dahl", "Ana Kovac"] as const) {
      directs.set(name, await of("Leah Morgan").conversation({ kind: "direct", user_id: of(name).id }));
    }
    const direct = (name: Name): typeof channel => directs.get(name) ?? never();

    await of("Mateo Ruiz").say(channel, "The Esbjerg gauge drifted 4 mm overnight. Raw log on the field wiki.");
    await of("Priya Raman").say(
      channel,
      "That jump is the pressure offset, not the bracket. We read it before the sensor settles:\n\n```rust\n// settle first, then read the offset\nlet raw = sensor.read_after(Duration::from_millis(250))?;\nlet level = raw - self.offset.unwrap_or_default();\n```",
    );

    const leah = await scene.device(of("Leah Morgan"), { colorScheme, ...portrait("leah") });
    const ana = await scene.device(of("Ana Kovac"), { viewport: SMALL, ...portrait("ana") });
    const mateo = await scene.device(of("Mateo Ruiz"), { viewport: SMALL, ...portrait("mateo") });
    const priya = await scene.device(of("Priya Raman"), { viewport: SMALL, ...portrait("priya", true) });
    const tomasz = await scene.device(of("Tomasz Zielinski"), { viewport: SMALL, ...portrait("tomasz") });
    const elin = await scene.device(of("Elin Berg"), { viewport: SMALL, ...portrait("leah") });
    const ingrid = await scene.device(of("Ingrid Dahl"), { viewport: SMALL, ...portrait("leah") });

    // A call that is over, with what was written in it.
    for (const person of [tomasz, ana, leah]) await open(person.page, channel);
    await tomasz.page.getByRole("button", { name: "Start video call" }).click();
    for (const person of [ana, leah]) await join(person);
    for (const [person, text] of [
      [tomasz, "Three things today: the 4 mm, the release date, who goes to Vigo."],
      [ana, "Recheck Vigo on Friday, I book the boat."],
    ] as const) {
      await writeInCall(person, text);
    }
    for (const person of [leah, ana]) await leave(person.page);
    await tomasz.page.getByRole("button", { name: "More" }).last().click();
    await tomasz.page.getByRole("menuitem", { name: "End for everyone" }).click();
    await tomasz.page.getByRole("button", { name: "End for everyone" }).click();
    await leah.page.getByRole("button", { name: "Unfold" }).waitFor();
    await of("Ana Kovac").say(
      channel,
      `Summary of the call: we ship the settle fix in **2.4.1** and recheck Vigo on Friday. I wrote it up in \`docs/offset.md\`. <@${tomasz.id}> owns the release note.`,
    );
    await reads(leah.page, "docs/offset.md");

    // One that found nobody.
    await of("Tomasz Zielinski").say(direct("Tomasz Zielinski"), "Is the note for 2.4.1 ready? I would send it with the build.");
    await of("Leah Morgan").say(direct("Tomasz Zielinski"), "Half of it. You have it before lunch.");
    await open(tomasz.page, direct("Tomasz Zielinski"));
    await tomasz.page.getByRole("button", { name: "Start voice call" }).click();
    await ring(leah.page, "Tomasz Zielinski").waitFor();
    await tomasz.page.getByRole("button", { name: "Cancel" }).click();
    await ring(leah.page, "Tomasz Zielinski").waitFor({ state: "detached" });

    // What waits to be read.
    await open(leah.page, room("release-2-4"));
    for (const text of ["Wind is at 9 m/s, we wait for the tide.", "Boat leaves at ten.", "Two spare life vests are aboard."]) {
      await of("Elin Berg").say(room("field-reports"), text);
    }
    await of("Samuel Okafor").say(room("firmware"), `<@${leah.id}> the battery alarm fires at 3.4 V. Is that right?`);
    await of("Noor Haddad").say(launch, "Slides are in, please read page 6.");
    await of("Ingrid Dahl").say(direct("Ingrid Dahl"), "Are you at the pier tomorrow?");
    await of("Ana Kovac").say(direct("Ana Kovac"), "Booked the boat for Friday.");
    await of("Tomasz Zielinski").say(
      channel,
      `<@${leah.id}> can you join? Ana and I want your eyes on the Vigo numbers before we freeze.`,
    );

    // A live call, with what is written in it.
    const talking = [ana, mateo, priya, tomasz, elin];
    for (const person of talking) await open(person.page, channel);
    await ana.page.getByRole("button", { name: "Start video call" }).click();
    for (const person of talking.slice(1)) await join(person);
    for (const person of talking) await turn(person, "Camera", person !== elin);
    for (const person of talking) await turn(person, "Microphone", person !== tomasz);
    for (const [person, text] of [
      [mateo, "Vigo reads 1.862 m with the fix, 1.866 m without. That is our 4 mm."],
      [elin, "Joining from the pier, voice only."],
    ] as const) {
      await writeInCall(person, text);
    }
    await toggle(tomasz.page, "Raise hand").click();
    await expect(toggle(tomasz.page, "Raise hand")).toHaveAttribute("aria-pressed", "true");
    for (const person of talking) await person.page.setViewportSize(RESTING);
    await open(leah.page, channel);
    await reads(leah.page, "Joining from the pier, voice only.");
    await expect(leah.page.getByText("Priya is talking").first()).toBeVisible();
    await picture(leah, "conversation");

    await join(leah);
    await turn(leah, "Camera", true);
    await stage(leah.page).getByRole("button", { name: "Chat" }).click();
    await expect(tile(leah.page, "Tomasz Zielinski")).toHaveAccessibleName(/hand up/);
    // A machine that has no time for all of them says so on the tiles, truly; the README shows a
    // call on one that has.
    await expect(async () => {
      for (const other of [ana, mateo, priya, tomasz]) await moves(leah.page, other.id);
      if (IS_FOR_README) expect(await leah.page.getByText("less than").count()).toBe(0);
    }).toPass({ timeout: 150_000 });
    await picture(leah, "group-call");
    await leave(leah.page);

    await open(leah.page, direct("Tomasz Zielinski"));
    await open(ingrid.page, direct("Ingrid Dahl"));
    await ingrid.page.getByRole("button", { name: "Start video call" }).click();
    await ring(leah.page, "Ingrid Dahl").waitFor();
    await picture(leah, "ring");
    await ring(leah.page, "Ingrid Dahl").getByRole("button", { name: "Decline" }).click();

    await leah.page.getByRole("link", { name: /^Calls/ }).click();
    await leah.page.getByRole("button", { name: /^harbour-sensors/ }).click();
    await leah.page.getByText("2 messages during this call").waitFor();
    await picture(leah, "calls");
    await leah.page.setViewportSize({ width: 390, height: 844 });
    await open(leah.page, channel);
    await reads(leah.page, "Joining from the pier, voice only.");
    await picture(leah, "phone");
  });
}

/** Joins the call of the conversation that is open. */
async function join(person: Person): Promise<void> {
  await person.page.getByRole("button", { name: /^Join call/ }).first().click();
  await stage(person.page).waitFor();
}

/** Writes beside the room, which a small window covers with the chat for that long. */
async function writeInCall(person: Person, text: string): Promise<void> {
  await stage(person.page).getByRole("button", { name: /^Chat/ }).click();
  await write(person.page, text);
  await reads(person.page, text);
  await stage(person.page).getByRole("button", { name: "Close" }).click();
}

async function turn(person: Person, device: "Microphone" | "Camera", on: boolean): Promise<void> {
  const button = toggle(person.page, device);
  await button.waitFor();
  if ((await button.getAttribute("aria-pressed")) !== String(on)) await button.click();
  await expect(button).toHaveAttribute("aria-pressed", String(on));
}

/**
 * The people, named so that those who are seen together have hues far apart: a hue comes with the
 * account and stays, so there are a few more accounts than names in the pictures.
 */
async function accounts(scene: Scene): Promise<Map<Name, Account>> {
  const all: Account[] = [];
  for (const name of [...IN_CALL, ...OTHERS]) all.push(await scene.account(name));
  const hue = (account: Account): number => account.me.user.hue;
  const gap = (one: Account, other: Account): number => {
    const degrees = Math.abs(hue(one) - hue(other));
    return Math.min(degrees, 360 - degrees);
  };
  const [first, ...left] = all;
  const ordered = [first ?? never()];
  while (left.length > 0) {
    const farthest = left
      .map((account) => ({ account, gap: Math.min(...ordered.map((one) => gap(one, account))) }))
      .reduce((best, one) => (one.gap > best.gap ? one : best)).account;
    ordered.push(...left.splice(left.indexOf(farthest), 1));
  }
  const cast = new Map<Name, Account>();
  for (const [index, name] of [...IN_CALL, ...OTHERS].entries()) {
    const account = ordered[index] ?? never();
    await account.rename(name);
    cast.set(name, account);
  }
  return cast;
}

function never(): never {
  throw new Error("it was made above");
}
