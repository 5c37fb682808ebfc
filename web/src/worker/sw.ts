/**
 * The service worker: rings while no page is looked at. It keeps no files and answers no fetches;
 * a page that is open hears of calls through its own socket.
 */
import { pressOf, type About, type FromWorker } from "../core/press";
import { bytesOf, reactionTo, readPush, type Shown } from "../core/push";
import type { CallId, PushStatus, RingStanding } from "../protocol/generated";

declare const self: ServiceWorkerGlobalScope;

const API = "/api/v1";

self.addEventListener("install", () => void self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => event.waitUntil(pushed(event.data?.text() ?? "")));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(pressed(event.action, event.notification.data as About));
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAgain(event.newSubscription)));

async function pushed(text: string): Promise<void> {
  const message = readPush(text);
  if (message === null) return;
  const pages = await windows();
  const reaction = reactionTo(
    message,
    pages.some((page) => page.visibilityState === "visible"),
  );
  switch (reaction.kind) {
    case "show":
      await show(reaction.shown);
      if (message.kind === "ring") await acknowledge(message.call_id);
      break;
    case "show_and_close":
      await show(reaction.shown);
      await close(reaction.shown.tag);
      break;
    case "close":
      await close(reaction.tag);
      break;
  }
}

function show({ title, ...options }: Shown): Promise<void> {
  return self.registration.showNotification(title, options);
}

async function close(tag: string): Promise<void> {
  for (const notification of await self.registration.getNotifications({ tag })) notification.close();
}

/** The caller learns that this device rings; and it stops if the call does not, or not for whoever is signed in. */
async function acknowledge(callId: CallId): Promise<void> {
  const response = await ask("POST", `/calls/${callId}/acknowledge`);
  // Without an answer the ring stays: the call may well go on.
  if (response === null || response.status >= 500) return;
  const rings = response.ok && ((await response.json()) as RingStanding).rings;
  if (rings) return;
  for (const notification of await self.registration.getNotifications({ tag: callId })) {
    if ((notification.data as About).kind === "ring") notification.close();
  }
}

async function pressed(action: string, about: About): Promise<void> {
  const press = pressOf(action, about);
  if (press.kind === "decline") {
    await ask("POST", `/calls/${press.callId}/decline`);
    return;
  }
  const page = await inFront(press);
  page?.postMessage(press satisfies FromWorker);
}

/** Brings a page to the front, or opens one. */
async function inFront(press: FromWorker): Promise<WindowClient | null> {
  const pages = await windows();
  const page = pages.find((one) => one.focused) ?? pages.find((one) => one.visibilityState === "visible") ?? pages[0];
  if (page === undefined) {
    const { conversationId } = press;
    return self.clients.openWindow(conversationId === null ? "/" : `/c/${conversationId}`);
  }
  // A window manager may refuse; the page takes the press all the same.
  return page.focus().catch(() => page);
}

async function windows(): Promise<readonly WindowClient[]> {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

/** The push service has changed where this browser gets its pushes. */
async function subscribeAgain(given: PushSubscription | null): Promise<void> {
  const response = await ask("GET", "/push");
  // Whoever is not signed in gets no pushes.
  if (response?.ok !== true) return;
  const status = (await response.json()) as PushStatus;
  const subscription =
    given ??
    (await self.registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytesOf(status.public_key),
    }));
  await ask("PUT", "/push/subscription", subscription.toJSON());
}

function ask(method: string, path: string, body: unknown = {}): Promise<Response | null> {
  const init: RequestInit = { method, credentials: "same-origin" };
  if (method !== "GET") {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  return fetch(API + path, init).catch(() => null);
}
