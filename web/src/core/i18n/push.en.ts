/**
 * What notifications and their settings say, in English. Another language is another object of
 * this type. The service worker carries it, and the settings, which are loaded when opened.
 */
import type { CallMedia, RingStopReason } from "../../protocol/generated";

const STOPPED: Record<RingStopReason, string> = {
  answered_elsewhere: "Answered on another device",
  declined_elsewhere: "Declined on another device",
  handled: "The call is over",
  cancelled: "The call was cancelled",
  expired: "The call is over",
  ended: "The call is over",
};

export const pushed = {
  ring: (media: CallMedia, place: string | null) => `Incoming ${media} call${within(place)}`,
  missed: (media: CallMedia, place: string | null) => `Missed ${media} call${within(place)}`,
  stopped: (reason: RingStopReason) => STOPPED[reason],
  answer: "Answer",
  decline: "Decline",
  testTitle: "Notifications work",
  testText: "Calls reach you here while Connect is closed.",
};

function within(place: string | null): string {
  return place === null ? "" : ` in ${place}`;
}

export const notifications = {
  text: "While Connect is closed, the browser of this device can ring for your calls and tell you what you missed.",
  on: "Ring on this device while Connect is closed",
  denied: "This browser blocks notifications from Connect.",
  deniedText: "Allow them in the browser's settings for this site, then come back here.",
  insecure: "Notifications need a secure address.",
  insecureText: "Open Connect under an address that begins with https, or ask whoever runs it for one.",
  unsupported: "This browser cannot ring while Connect is closed.",
  unsupportedText: "A current Chrome, Edge or Firefox can. On an iPhone, add Connect to the home screen first.",
  refused: "The browser did not allow notifications.",
  failed: "The browser's push service cannot be reached. Try again later.",
  test: "Send a test",
  tested: "Sent. It should appear in a moment.",
};
