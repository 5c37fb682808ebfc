import { hears, moves, sees } from "./support/media";
import { leave, open, tile, toggle, unmute } from "./support/pages";
import { expect, test, type Person, type Scene } from "./support/test";

const NAMES = ["Leah Morgan", "Ana Kovac", "Mateo Ruiz", "Priya Raman"];

/** People in the channel everybody is in, each with it open. */
async function channelOf(scene: Scene, names: string[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const name of names) people.push(await scene.person(name));
  const [first] = people;
  if (first === undefined) return people;
  const channel = await first.account.conversation({
    kind: "channel",
    name: "harbour-sensors",
    topic: "Tide gauges in Aberdeen, Esbjerg and Vigo",
    visibility: "public",
  });
  for (const person of people) {
    if (person !== first) await person.account.join(channel);
    await open(person.page, channel);
  }
  return people;
}

async function joinUnmuted(person: Person): Promise<void> {
  await person.page.getByRole("button", { name: /^Join call/ }).first().click();
  await unmute(person.page);
}

test("in a channel's call of four, each sees and hears the three others", async ({ scene }) => {
  test.setTimeout(180_000);
  const people = await channelOf(scene, NAMES);
  const [leah, ...others] = people;
  if (leah === undefined) throw new Error("there are four");
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await unmute(leah.page);
  for (const person of others) await joinUnmuted(person);

  for (const person of people) {
    for (const other of people.filter((each) => each !== person)) {
      await sees(person.page, other.id, other.look);
      await moves(person.page, other.id);
      await hears(person.page, other.look);
    }
  }

  for (const person of people) await leave(person.page);
  await expect(leah.page.getByText(/4 people/).first()).toBeVisible({ timeout: 25_000 });
});

test("who comes in mid-call sees at once who is muted, without camera and has a hand up", async ({
  scene,
}) => {
  const [leah, ana, mateo] = await channelOf(scene, NAMES.slice(0, 3));
  if (leah === undefined || ana === undefined || mateo === undefined) throw new Error("three");
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await unmute(leah.page);
  await joinUnmuted(ana);
  await toggle(ana.page, "Microphone").click();
  await toggle(ana.page, "Camera").click();
  await toggle(ana.page, "Raise hand").click();
  await expect(tile(leah.page, "Ana Kovac")).toHaveAccessibleName(/hand/);

  await mateo.page.getByRole("button", { name: /^Join call/ }).first().click();
  await expect(tile(mateo.page, "Ana Kovac")).toHaveAccessibleName(/muted.*hand|hand.*muted/);
  await sees(mateo.page, leah.id, leah.look);
});

test("a shared screen is seen by the others", async ({ scene }) => {
  const [leah, ana] = await channelOf(scene, NAMES.slice(0, 2));
  if (leah === undefined || ana === undefined) throw new Error("two");
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await unmute(leah.page);
  await joinUnmuted(ana);
  await sees(leah.page, ana.id, ana.look);
  await toggle(ana.page, "Camera").click();
  await toggle(ana.page, "Share screen").click();
  await expect(toggle(ana.page, "Share screen")).toHaveAttribute("aria-pressed", "true");
  await sees(leah.page, ana.id, ana.look);
});

test("a reload comes back into a channel's call", async ({ scene }) => {
  const [leah, ana] = await channelOf(scene, NAMES.slice(0, 2));
  if (leah === undefined || ana === undefined) throw new Error("two");
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await unmute(leah.page);
  await joinUnmuted(ana);
  await sees(leah.page, ana.id, ana.look);
  await ana.page.reload();
  await sees(ana.page, leah.id, leah.look);
  await sees(leah.page, ana.id, ana.look);
});
