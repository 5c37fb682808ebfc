import type { Page } from "@playwright/test";

import { hears, moves, sees } from "./support/media";
import { open, ring, stage, toggle } from "./support/pages";
import { expect, test, type Person, type Scene } from "./support/test";

async function rung(scene: Scene): Promise<{ leah: Person; ana: Person }> {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await ring(ana.page, "Leah Morgan").waitFor();
  return { leah, ana };
}

/** How many connections the page has made, and which of them are up. */
function connections(page: Page): Promise<{ made: number; up: number }> {
  return page.evaluate(() => ({
    made: window.connections.length,
    up: window.connections.filter((one) => one.connectionState === "connected").length,
  }));
}

/** Bytes of sound and picture the page has sent. */
function sent(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let bytes = 0;
    for (const connection of window.connections) {
      const report = await connection.getStats();
      report.forEach((entry: { type: string; bytesSent?: number }) => {
        if (entry.type === "outbound-rtp") bytes += entry.bytesSent ?? 0;
      });
    }
    return bytes;
  });
}

/** How many addresses of the other the page has learnt. */
function addresses(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let count = 0;
    for (const connection of window.connections) {
      const report = await connection.getStats();
      report.forEach((entry: { type: string }) => {
        if (entry.type === "remote-candidate") count += 1;
      });
      count += connection.remoteDescription?.sdp.match(/^a=candidate/gm)?.length ?? 0;
    }
    return count;
  });
}

/** Which connections have both descriptions and addresses to offer. */
function agreed(page: Page): Promise<boolean[]> {
  return page.evaluate(() =>
    window.connections.map(
      ({ localDescription, remoteDescription }) =>
        remoteDescription !== null && /^a=candidate/m.test(localDescription?.sdp ?? ""),
    ),
  );
}

/** Loads the page again with a server that says nothing from the page's answer on, until it may. */
async function slowToAnswer(page: Page): Promise<{ speak: () => void }> {
  const held: (() => void)[] = [];
  let isSilent = false;
  await page.routeWebSocket(/\/socket/, (client) => {
    const server = client.connectToServer();
    client.onMessage((message) => {
      if (message.toString().includes('"call_join"')) isSilent = true;
      server.send(message);
    });
    server.onMessage((message) => {
      if (isSilent) held.push(() => client.send(message));
      else client.send(message);
    });
  });
  await page.reload();
  const speak = (): void => {
    isSilent = false;
    for (const say of held.splice(0)) say();
  };
  return { speak };
}

test("a ring connects before the answer, sends nothing, and the answer goes on over that", async ({ scene }) => {
  const { leah, ana } = await rung(scene);
  for (const { page } of [leah, ana]) {
    await expect.poll(() => connections(page)).toEqual({ made: 1, up: 1 });
    expect(await sent(page)).toBe(0);
  }

  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Answer with video" }).click();
  await sees(ana.page, leah.id, leah.look);
  await sees(leah.page, ana.id, ana.look);
  await hears(ana.page, leah.look);
  await hears(leah.page, ana.look);
  for (const { page } of [leah, ana]) expect(await connections(page)).toEqual({ made: 1, up: 1 });

  // What is switched off and on later goes the same way.
  await toggle(ana.page, "Camera").click();
  await expect(toggle(ana.page, "Camera")).toHaveAttribute("aria-pressed", "false");
  await toggle(ana.page, "Camera").click();
  await moves(leah.page, ana.id);
});

test("whoever answers sees and hears the caller while the server still writes that down", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const server = await slowToAnswer(ana.page);
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  const incoming = ring(ana.page, "Leah Morgan");
  await incoming.waitFor();
  await expect.poll(() => connections(ana.page)).toEqual({ made: 1, up: 1 });

  await incoming.getByRole("button", { name: "Answer with video" }).click();
  await sees(ana.page, leah.id, leah.look);
  await hears(ana.page, leah.look);
  await expect(stage(ana.page).getByRole("button", { name: "Leave call" })).toHaveCount(0);

  server.speak();
  await stage(ana.page).getByRole("button", { name: "Leave call" }).waitFor();
  await moves(ana.page, leah.id);
  await sees(leah.page, ana.id, ana.look);
});

test("a ring that is over leaves no connection", async ({ scene }) => {
  const { leah, ana } = await rung(scene);
  for (const { page } of [leah, ana]) await expect.poll(() => connections(page)).toEqual({ made: 1, up: 1 });
  await ring(ana.page, "Leah Morgan").getByRole("button", { name: "Decline" }).click();
  for (const { page } of [leah, ana]) await expect.poll(() => connections(page)).toEqual({ made: 1, up: 0 });
});

test("whoever forbids it shows no address before the answer, and is connected with it", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  await ana.page.goto(new URL("/settings/status", ana.page.url()).href);
  const choice = ana.page.getByRole("switch", { name: "Answer at once" });
  await expect(choice).toBeChecked();
  await choice.click();
  await expect(choice).not.toBeChecked();
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  const incoming = ring(ana.page, "Leah Morgan");
  await incoming.waitFor();
  await expect(leah.page.getByText(/Ringing on 1 device/).first()).toBeVisible();
  // The caller's page has agreed to what was offered and knows its own addresses: it lacks the other's.
  await expect.poll(() => agreed(leah.page)).toEqual([true]);
  for (const { page } of [leah, ana]) {
    expect(await connections(page)).toEqual({ made: 1, up: 0 });
    expect(await addresses(page)).toBe(0);
  }

  await incoming.getByRole("button", { name: "Answer with video" }).click();
  await sees(ana.page, leah.id, leah.look);
  await sees(leah.page, ana.id, ana.look);
  await hears(ana.page, leah.look);
  await hears(leah.page, ana.look);
  for (const { page } of [leah, ana]) expect(await connections(page)).toEqual({ made: 1, up: 1 });
});
