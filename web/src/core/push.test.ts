import { describe, expect, test } from "vitest";

import type { CallId, ConversationId, PushMessage, RingStopReason } from "../protocol/generated";
import { fromWorker, pressOf, type About } from "./press";
import { bytesOf, reactionTo, readPush, standingOf, type Facts } from "./push";

const CALL = "call_1" as CallId;
const PLACE = "cnv_1" as ConversationId;
const RING: PushMessage = {
  kind: "ring",
  call_id: CALL,
  conversation_id: PLACE,
  media: "video",
  from: "Leah Morgan",
  place: null,
  expires_at: 1,
  silent: false,
};
const MISSED: PushMessage = {
  kind: "missed",
  call_id: CALL,
  conversation_id: PLACE,
  media: "voice",
  from: "Leah Morgan",
  place: "Instruments",
  started_at: 1,
};

function shown(message: PushMessage): object {
  const reaction = reactionTo(message, false);
  if (reaction.kind === "close") throw new Error("something is shown");
  return reaction.shown;
}

describe("a push", () => {
  test("rings with both answers and stays until one is given", () => {
    expect(shown(RING)).toMatchObject({
      title: "Leah Morgan",
      body: "Incoming video call",
      tag: CALL,
      requireInteraction: true,
      silent: false,
      renotify: true,
      actions: [{ action: "answer" }, { action: "decline" }],
    });
  });

  test("rings without a sound for who is in another call", () => {
    const silent = shown({ ...RING, silent: true });
    expect(silent).toMatchObject({ silent: true, renotify: false });
    expect(silent).not.toHaveProperty("vibrate");
  });

  test("of a missed call takes the ring's place without a sound", () => {
    expect(shown(MISSED)).toMatchObject({
      body: "Missed voice call in Instruments",
      tag: CALL,
      silent: true,
      renotify: false,
      actions: [],
    });
  });

  test("of a ring that is over is shown in its place and goes at once", () => {
    const reasons: RingStopReason[] = ["answered_elsewhere", "declined_elsewhere", "cancelled", "ended"];
    for (const reason of reasons) {
      const stop: PushMessage = { kind: "stop", call_id: CALL, conversation_id: PLACE, from: "Leah Morgan", reason };
      expect(reactionTo(stop, false)).toMatchObject({ kind: "show_and_close", shown: { tag: CALL, silent: true } });
    }
  });

  test("is left to a page that is looked at, and what was shown before goes", () => {
    for (const message of [RING, MISSED]) {
      expect(reactionTo(message, true)).toEqual({ kind: "close", tag: CALL });
    }
    expect(reactionTo({ kind: "test" }, true)).toMatchObject({ kind: "show" });
  });

  test("is read, and one of a newer server is not", () => {
    expect(readPush(JSON.stringify(RING))).toEqual(RING);
    for (const text of ["", "ring", "null", "[]", "{}", '{"kind":"later"}']) expect(readPush(text)).toBeNull();
  });
});

describe("a press", () => {
  const about: About = { kind: "ring", callId: CALL, conversationId: PLACE, media: "video" };

  test("on Answer and Decline does that", () => {
    expect(pressOf("answer", about)).toEqual({ kind: "answer", callId: CALL, conversationId: PLACE, media: "video" });
    expect(pressOf("decline", about)).toEqual({ kind: "decline", callId: CALL });
  });

  test("beside them opens the conversation and answers nothing", () => {
    expect(pressOf("", about)).toEqual({ kind: "open", conversationId: PLACE });
    expect(pressOf("answer", { ...about, kind: "missed" })).toEqual({ kind: "open", conversationId: PLACE });
    expect(pressOf("", { kind: "other" })).toEqual({ kind: "open", conversationId: null });
  });

  test("is heard by the page, and nothing else is", () => {
    const press = pressOf("answer", about);
    expect(fromWorker(press)).toEqual(press);
    for (const data of [null, 1, "answer", {}, { kind: "decline" }]) expect(fromWorker(data)).toBeNull();
  });
});

describe("a device", () => {
  const facts: Facts = { isSecure: true, isSupported: true, permission: "granted", here: "a", there: "a" };

  test("has notifications on only if browser and server mean the same place", () => {
    expect(standingOf(facts)).toEqual({ kind: "on" });
    expect(standingOf({ ...facts, there: null })).toEqual({ kind: "off", isAsked: true });
    expect(standingOf({ ...facts, there: "b" })).toEqual({ kind: "off", isAsked: true });
    expect(standingOf({ ...facts, here: null, there: null })).toEqual({ kind: "off", isAsked: true });
  });

  test("says what stands in the way, the gravest first", () => {
    expect(standingOf({ ...facts, permission: "default" })).toEqual({ kind: "off", isAsked: false });
    expect(standingOf({ ...facts, permission: "denied" })).toEqual({ kind: "denied" });
    expect(standingOf({ ...facts, isSupported: false, permission: "denied" })).toEqual({ kind: "unsupported" });
    expect(standingOf({ ...facts, isSecure: false, isSupported: false })).toEqual({ kind: "insecure" });
  });
});

test("a key is read from base64url", () => {
  expect([...bytesOf("AAEC_-8")]).toEqual([0, 1, 2, 255, 239]);
  expect([...bytesOf("")]).toEqual([]);
  expect(bytesOf("A".repeat(87))).toHaveLength(65);
});
