import type { CDPSession, Page, Worker } from "@playwright/test";

import { open, ring, stage } from "./support/pages";
import { PushService, type Pushed } from "./support/push-service";
import { expect, test, type Person } from "./support/test";

/** What the worker shows: the part of a notification that says what it is. */
type Shown = { title: string; body: string; tag: string; actions: string[] };

/** What of a service worker's globals is used here; the pages' own types have none of them. */
type WorkerScope = {
  registration: {
    getNotifications: () => Promise<(Omit<Shown, "actions"> & { actions: { action: string }[] })[]>;
    showNotification: (...notification: unknown[]) => Promise<void>;
  };
  /** Resolves once so many notifications have been put on the screen. */
  shownAtLeast: (count: number) => Promise<void>;
  NotificationEvent: new (type: string, init: { notification: unknown; action: string }) => Event;
  dispatchEvent: (event: Event) => boolean;
};

/**
 * Ana's browser, whose maker's push service is the test's own: pushes are read there, as a browser
 * would, and handed to the service worker by Chromium's own way for that.
 */
class Device {
  /** Pushes handed over that are shown. */
  private notices = 0;

  private constructor(
    readonly service: PushService,
    private readonly worker: Worker,
    private readonly session: CDPSession,
    private readonly target: { origin: string; registrationId: string },
  ) {}

  /** Switches notifications on, in the settings. */
  static async of(person: Person): Promise<Device> {
    const { page, context } = person;
    const { origin } = new URL(page.url());
    const service = await PushService.open();
    await context.grantPermissions(["notifications"], { origin });
    await subscribeAt(page, service);
    const session = await context.newCDPSession(await context.newPage());
    const registered = new Promise<string>((resolve) => {
      session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
        const own = registrations.find((registration) => registration.scopeURL === `${origin}/`);
        if (own !== undefined) resolve(own.registrationId);
      });
    });
    await session.send("ServiceWorker.enable");
    const started = context.waitForEvent("serviceworker");
    await page.goto(`${origin}/settings/notifications`);
    await page.getByRole("switch", { name: /^Ring on this device/ }).click();
    // Offered once the server knows the device; the switch itself moves at the press.
    await expect(page.getByRole("button", { name: "Send a test" })).toBeVisible();
    const target = { origin, registrationId: await registered };
    const worker = await started;
    await worker.evaluate(() => {
      const scope = self as unknown as WorkerScope;
      const { registration } = scope;
      const show = registration.showNotification.bind(registration);
      const waiting: { count: number; resolve: () => void }[] = [];
      let shown = 0;
      registration.showNotification = async (...notification) => {
        await show(...notification);
        shown++;
        for (const { count, resolve } of waiting) if (shown >= count) resolve();
      };
      scope.shownAtLeast = (count) =>
        new Promise((resolve) => {
          if (shown >= count) resolve();
          else waiting.push({ count, resolve });
        });
    });
    return new Device(service, worker, session, target);
  }

  /** Waits for the next push and hands it to the worker. */
  async receive(): Promise<Pushed> {
    const pushed = await this.service.next();
    await this.session.send("ServiceWorker.deliverPushMessage", { ...this.target, data: pushed.text });
    if (pushed.message.kind !== "stop") this.notices++;
    return pushed;
  }

  /**
   * Not asked while one is just being shown: Chromium forgets whatever is kept and not on the screen
   * yet.
   */
  shown(): Promise<Shown[]> {
    return this.worker.evaluate(async (notices) => {
      const scope = self as unknown as WorkerScope;
      await scope.shownAtLeast(notices);
      const notifications = await scope.registration.getNotifications();
      return notifications.map(({ title, body, tag, actions }) => ({
        title,
        body,
        tag,
        actions: actions.map((one) => one.action),
      }));
    }, this.notices);
  }

  /** Presses a button of the only notification there is. */
  async press(action: string): Promise<void> {
    await this.worker.evaluate(async (action) => {
      const scope = self as unknown as WorkerScope;
      const [notification] = await scope.registration.getNotifications();
      if (notification === undefined) throw new Error("there is a notification");
      scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification, action }));
    }, action);
  }
}

/** No maker's push service is asked: the browser's subscription is at the test's. */
async function subscribeAt(page: Page, service: PushService): Promise<void> {
  await page.addInitScript(({ endpoint, keys }) => {
    let held: PushSubscription | null = null;
    PushManager.prototype.subscribe = (options) => {
      const made = {
        endpoint,
        options: { applicationServerKey: options?.applicationServerKey ?? null },
        toJSON: () => ({ endpoint, keys }),
        unsubscribe: () => Promise.resolve(true),
      };
      held = made as unknown as PushSubscription;
      return Promise.resolve(held);
    };
    PushManager.prototype.getSubscription = () => Promise.resolve(held);
  }, service.subscription);
}

test("a closed browser rings, then tells of the missed call in the same place", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  const device = await Device.of(ana);
  await ana.page.getByRole("button", { name: "Send a test" }).click();
  expect((await device.receive()).message.kind).toBe("test");
  await expect.poll(() => device.shown()).toMatchObject([{ title: "Notifications work" }]);
  await ana.page.close();

  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  const rung = await device.receive();
  expect(rung).toMatchObject({ message: { kind: "ring", from: "Leah Morgan" }, urgency: "high" });
  expect(rung.ttl).toBeGreaterThan(30);
  expect(rung.ttl).toBeLessThanOrEqual(45);
  // The worker has said that it rings.
  await expect(stage(leah.page).getByText(/Ringing on 1 device/).first()).toBeVisible();
  await expect
    .poll(() => device.shown())
    .toContainEqual({
      title: "Leah Morgan",
      body: "Incoming video call",
      tag: "call_id" in rung.message ? rung.message.call_id : "",
      actions: ["answer", "decline"],
    });

  await stage(leah.page).getByRole("button", { name: /Cancel|Leave call/ }).click();
  const missed = await device.receive();
  expect(missed).toMatchObject({ message: { kind: "missed" }, topic: rung.topic });
  await expect.poll(() => device.shown()).toContainEqual(expect.objectContaining({ body: "Missed video call", actions: [] }));
  const calls = (await device.shown()).filter((one) => one.title === "Leah Morgan");
  expect(calls).toHaveLength(1);
  device.service.close();
});

test("a notification goes when the call was answered on another device", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  const device = await Device.of(ana);
  await ana.page.close();
  const phone = await scene.device(ana.account, { viewport: { width: 390, height: 844 } });

  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start voice call" }).click();
  expect((await device.receive()).message.kind).toBe("ring");
  await expect(stage(leah.page).getByText(/Ringing on 2 devices/).first()).toBeVisible();
  await expect.poll(() => device.shown()).toHaveLength(1);
  await ring(phone.page, "Leah Morgan").getByRole("button", { name: "Answer with voice" }).click();
  const stop = await device.receive();
  expect(stop.message).toMatchObject({ kind: "stop", reason: "answered_elsewhere" });
  await expect.poll(() => device.shown()).toHaveLength(0);
  device.service.close();
});

test("Decline in a notification declines the call", async ({ scene }) => {
  const leah = await scene.person("Leah Morgan");
  const ana = await scene.person("Ana Kovac");
  const direct = await leah.account.conversation({ kind: "direct", user_id: ana.id });
  const device = await Device.of(ana);
  await ana.page.close();

  await open(leah.page, direct);
  await leah.page.getByRole("button", { name: "Start video call" }).click();
  await device.receive();
  await expect(stage(leah.page).getByText(/Ringing on 1 device/).first()).toBeVisible();
  await expect.poll(() => device.shown()).toHaveLength(1);
  await device.press("decline");
  await expect(leah.page.getByText(/declined/i).first()).toBeVisible();
  device.service.close();
});
