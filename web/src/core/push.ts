/**
 * Notifications of a closed browser: what is shown for what was pushed, and how things stand on
 * this device. The service worker and the settings carry it out.
 */
import type { PushMessage } from "../protocol/generated";
import { pushed } from "./i18n/push.en";
import type { About, Action } from "./press";

export type Shown = {
  title: string;
  body: string;
  /** A later notification with the same tag takes the place of this one. */
  tag: string;
  data: About;
  actions: readonly { action: Action; title: string }[];
  requireInteraction: boolean;
  silent: boolean;
  /** Whether it makes itself heard though it takes the place of another. */
  renotify: boolean;
  vibrate?: readonly number[];
};

/** Two short pulls, as a phone does, for about as long as one looks for it. */
const VIBRATION_MS = Array.from({ length: 5 }, () => [400, 200, 400, 1000]).flat();

/** What becomes of a push. */
export type Reaction =
  | { kind: "show"; shown: Shown }
  /** Some browsers take the right to push from who shows nothing: it is shown, and goes at once. */
  | { kind: "show_and_close"; shown: Shown }
  | { kind: "close"; tag: string };

/** `isLookedAt`: a page is in sight, which rings and tells by itself. */
export function reactionTo(message: PushMessage, isLookedAt: boolean): Reaction {
  if (isLookedAt && message.kind !== "test") return { kind: "close", tag: message.call_id };
  switch (message.kind) {
    case "ring": {
      const { silent } = message;
      const shown: Shown = {
        title: message.from,
        body: pushed.ring(message.media, message.place),
        tag: message.call_id,
        data: aboutCall(message),
        actions: [
          { action: "answer", title: pushed.answer },
          { action: "decline", title: pushed.decline },
        ],
        requireInteraction: true,
        silent,
        renotify: !silent,
      };
      // Browsers refuse to vibrate in silence.
      return { kind: "show", shown: silent ? shown : { ...shown, vibrate: VIBRATION_MS } };
    }
    case "missed":
      return {
        kind: "show",
        shown: {
          ...quiet(message.call_id, message.from, pushed.missed(message.media, message.place)),
          data: aboutCall(message),
          requireInteraction: true,
        },
      };
    case "stop":
      return { kind: "show_and_close", shown: quiet(message.call_id, message.from, pushed.stopped(message.reason)) };
    case "test":
      return { kind: "show", shown: { ...quiet("test", pushed.testTitle, pushed.testText), silent: false, renotify: true } };
  }
}

function aboutCall(message: Extract<PushMessage, { kind: "ring" | "missed" }>): About {
  const { kind, media, call_id: callId, conversation_id: conversationId } = message;
  return { kind, callId, conversationId, media };
}

function quiet(tag: string, title: string, body: string): Shown {
  return {
    title,
    body,
    tag,
    data: { kind: "other" },
    actions: [],
    requireInteraction: false,
    silent: true,
    renotify: false,
  };
}

/** Reads what was pushed. A newer server may push what this worker does not know. */
export function readPush(text: string): PushMessage | null {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== "object" || data === null || !("kind" in data)) return null;
    const { kind } = data;
    const isKnown = kind === "ring" || kind === "missed" || kind === "stop" || kind === "test";
    return isKnown ? (data as PushMessage) : null;
  } catch {
    return null;
  }
}

/** How notifications stand on this device. */
export type Standing =
  /** Browsers give notifications to https and to this machine only. */
  | { kind: "insecure" }
  | { kind: "unsupported" }
  /** The person, or whoever manages the browser, has said no for good. */
  | { kind: "denied" }
  | { kind: "off"; isAsked: boolean }
  | { kind: "on" };

export type Facts = {
  isSecure: boolean;
  isSupported: boolean;
  permission: "default" | "granted" | "denied";
  /** Where the browser gets pushes; null while it does not. */
  here: string | null;
  /** Where the server sends them. */
  there: string | null;
};

export function standingOf(facts: Facts): Standing {
  if (!facts.isSecure) return { kind: "insecure" };
  if (!facts.isSupported) return { kind: "unsupported" };
  if (facts.permission === "denied") return { kind: "denied" };
  if (facts.permission === "default") return { kind: "off", isAsked: false };
  return facts.here !== null && facts.here === facts.there ? { kind: "on" } : { kind: "off", isAsked: true };
}

/** Reads base64url, as keys are written. */
export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const letters = [...base64url].map((letter) => alphabet.indexOf(letter));
  const bytes = new Uint8Array(Math.floor((letters.length * 6) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of letters) {
    held = ((held << 6) | letter) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  return bytes;
}
