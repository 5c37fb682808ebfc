/** Notifications on this device: asks the browser, tells the server. Loaded when it is needed. */
import { bytesOf, standingOf, type Standing } from "../core/push";
import type { PushStatus, PushSubscriptionRequest } from "../protocol/generated";
import type { Http } from "./http";
import { PUSH_MARK, store } from "./storage";

const SCRIPT = "/sw.js";

/** Why switching them on did not work. */
export class NotAllowed extends Error {}
export class PushServiceAway extends Error {}

function isSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

export async function standing(http: Http): Promise<Standing> {
  const facts = { isSecure: window.isSecureContext, isSupported: isSupported() };
  if (!facts.isSecure || !facts.isSupported) {
    return standingOf({ ...facts, permission: "default", here: null, there: null });
  }
  const [here, status] = await Promise.all([subscription(), http.get<PushStatus>("/push")]);
  return standingOf({
    ...facts,
    permission: Notification.permission,
    here: here?.endpoint ?? null,
    there: status.endpoint,
  });
}

/** Asks the person, then the browser, then tells the server. */
export async function switchOn(http: Http): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new NotAllowed();
  const { public_key: key } = await http.get<PushStatus>("/push");
  await subscribe(http, key);
  store("device", PUSH_MARK, "on");
}

export async function switchOff(http: Http): Promise<void> {
  await http.delete("/push/subscription");
  await forgetPush();
}

/** Whoever signs in here next is not rung for the one before, and does not read what they missed. */
export async function forgetPush(): Promise<void> {
  store("device", PUSH_MARK, null);
  if (!isSupported()) return;
  const registration = await navigator.serviceWorker.getRegistration();
  if (registration === undefined) return;
  for (const notification of await registration.getNotifications()) notification.close();
  const held = await registration.pushManager.getSubscription();
  await held?.unsubscribe();
}

/** What was switched on stays on: the server may have lost the subscription, or got another key. */
export async function keepPush(http: Http): Promise<void> {
  if (!isSupported() || Notification.permission !== "granted") return;
  const { public_key: key, endpoint } = await http.get<PushStatus>("/push");
  const held = await subscription();
  if (held !== null && held.endpoint === endpoint && isFor(held, key)) return;
  await subscribe(http, key);
}

export async function tryPush(http: Http): Promise<void> {
  await http.post("/push/test");
}

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function subscribe(http: Http, key: string): Promise<void> {
  await navigator.serviceWorker.register(SCRIPT);
  const { pushManager } = await navigator.serviceWorker.ready;
  const held = await pushManager.getSubscription();
  // One key at a time: the browser refuses another while it has a subscription.
  if (held !== null && !isFor(held, key)) await held.unsubscribe();
  let made: PushSubscription;
  try {
    made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotAllowedError") throw new NotAllowed();
    throw new PushServiceAway();
  }
  const { endpoint, keys } = made.toJSON();
  const { p256dh, auth } = keys ?? {};
  if (endpoint === undefined || p256dh === undefined || auth === undefined) throw new PushServiceAway();
  const request: PushSubscriptionRequest = { endpoint, keys: { p256dh, auth } };
  await http.put("/push/subscription", request);
}

function isFor(held: PushSubscription, key: string): boolean {
  const own = held.options.applicationServerKey;
  const wanted = bytesOf(key);
  return own !== null && new Uint8Array(own).every((byte, at) => byte === wanted[at]);
}
