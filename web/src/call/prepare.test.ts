import { describe, expect, test } from "vitest";

import type { CallId, DirectSignal, MediaSetup, PeerId, Prepared, Ring, ServerMessage } from "../protocol/generated";
import type { Effect } from "./machine";
import { ANA, both, call, CALL, FIRST, LEAH, Page, participant, RING, SECOND, THIRD } from "./testing";

const SETUP: MediaSetup = { ice_servers: [], audio_slots: 3, video_slots_max: 25, media: "video" };
const PREPARED: Prepared = { peer_id: SECOND, caller: FIRST, epoch: 1, media: SETUP, connects: true };
const OFFER: DirectSignal = { kind: "offer", sdp: "v=0" };

function signal(from: PeerId, epoch = 1): ServerMessage {
  return { kind: "call_signal", call_id: CALL, from, epoch, signal: OFFER };
}

/** Ana's page, which Leah calls. */
function rung(ring: Partial<Ring> = {}): Page {
  const page = new Page(ANA);
  page.hear({ kind: "ring", ring: { ...RING, ...ring } });
  return page;
}

function ready(): Page {
  const page = rung();
  page.do({ kind: "prepared", callId: CALL, prepared: PREPARED });
  return page;
}

function kinds(effects: Effect[]): string[] {
  return effects.map(({ kind }) => kind);
}

describe("a page that rings", () => {
  test("brings up its connection without any device", () => {
    const page = rung();
    expect(page.effects).toContainEqual({ kind: "ask_to_prepare", callId: CALL });
    const effects = page.do({ kind: "prepared", callId: CALL, prepared: PREPARED });
    expect(effects).toEqual([
      { kind: "prepare_media", callId: CALL, peerId: SECOND, partner: FIRST, epoch: 1, offers: true, setup: SETUP, quiet: false },
    ]);
    expect(kinds(page.effects)).not.toContain("capture");
    expect(page.hear(signal(FIRST))).toEqual([{ kind: "signal", epoch: 1, from: FIRST, signal: OFFER }]);
  });

  test("goes on with it when it answers, and sends from then on", () => {
    const page = ready();
    const answered = page.do({ kind: "answer", callId: CALL, media: "video" });
    expect(answered).toContainEqual({ kind: "attach_prepared", partner: FIRST });
    const joined = page.joined(both(), SECOND);
    const opened = joined.findIndex(({ kind }) => kind === "open_media");
    const dropped = joined.findIndex(({ kind }) => kind === "drop_prepared");
    expect(opened).toBeGreaterThan(-1);
    // Whatever was not taken over is closed.
    expect(dropped).toBeGreaterThan(opened);
  });

  test("is ready soon when the answer came before the server's word", () => {
    const page = rung();
    page.do({ kind: "answer", callId: CALL, media: "video" });
    const effects = page.do({ kind: "prepared", callId: CALL, prepared: PREPARED });
    expect(kinds(effects)).toEqual(["prepare_media", "attach_prepared"]);
  });

  test("closes it when the ring is over", () => {
    const stopped = ready().hear({ kind: "ring_stopped", call_id: CALL, reason: "cancelled" });
    expect(stopped).toContainEqual({ kind: "drop_prepared", partner: FIRST });
    const declined = ready().do({ kind: "decline", callId: CALL, message: null });
    expect(declined).toContainEqual({ kind: "drop_prepared", partner: FIRST });
    expect(ready().wait(RING.expires_at)).toContainEqual({ kind: "drop_prepared", partner: FIRST });
  });

  test("closes it when it could not come in", () => {
    const page = ready();
    page.do({ kind: "answer", callId: CALL, media: "video" });
    const failed = page.do({ kind: "join_failed", attempt: 1, code: "call_ended", message: "" });
    expect(failed).toContainEqual({ kind: "drop_prepared", partner: FIRST });
  });

  test("asks once, and does nothing more where it was refused", () => {
    const page = rung();
    page.hear({ kind: "ring", ring: RING });
    expect(kinds(page.effects).filter((kind) => kind === "ask_to_prepare")).toHaveLength(1);
    expect(kinds(page.hear({ kind: "ring_stopped", call_id: CALL, reason: "ended" }))).toEqual([]);
  });

  test("prepares for the next ring once the first is over", () => {
    const page = ready();
    const next = "call_2" as CallId;
    expect(kinds(page.hear({ kind: "ring", ring: { ...RING, call_id: next } }))).not.toContain("ask_to_prepare");
    const effects = page.hear({ kind: "ring_stopped", call_id: CALL, reason: "cancelled" });
    expect(effects).toEqual([
      { kind: "drop_prepared", partner: FIRST },
      { kind: "ask_to_prepare", callId: next },
    ]);
  });

  test("shows no address before the answer where the server says so", () => {
    const page = rung();
    const effects = page.do({ kind: "prepared", callId: CALL, prepared: { ...PREPARED, connects: false } });
    expect(effects).toMatchObject([{ kind: "prepare_media", quiet: true }]);
  });

  test("prepares nothing for a ring without a sound, or in a call", () => {
    expect(kinds(rung({ silent: true }).effects)).not.toContain("ask_to_prepare");
    const busy = new Page(ANA);
    busy.do({ kind: "join", callId: CALL, conversationId: RING.conversation_id, media: "video", elsewhere: null });
    busy.joined(both(), SECOND);
    const other = { ...RING, call_id: "call_2" as CallId };
    expect(kinds(busy.hear({ kind: "ring", ring: other }))).not.toContain("ask_to_prepare");
  });
});

describe("a page that calls", () => {
  function calling(): Page {
    const page = new Page(LEAH);
    page.do({ kind: "start", conversationId: RING.conversation_id, media: "video", ring: true });
    page.joined(call(), FIRST);
    return page;
  }

  test("answers whoever prepares, and sends them nothing", () => {
    const page = calling();
    const effects = page.hear(signal(SECOND));
    expect(kinds(effects)).toEqual(["prepare_media", "signal"]);
    expect(effects[0]).toMatchObject({ peerId: FIRST, partner: SECOND, offers: false });
    // What follows goes the same way.
    expect(kinds(page.hear(signal(SECOND)))).toEqual(["signal"]);
  });

  test("sends to whoever prepared and says that they answer, before the server does", () => {
    const page = calling();
    page.hear(signal(SECOND));
    expect(page.do({ kind: "answered", from: SECOND })).toEqual([{ kind: "attach_prepared", partner: SECOND }]);
    expect(page.do({ kind: "answered", from: THIRD })).toEqual([]);
    expect(page.do({ kind: "answered", from: SECOND })).toEqual([]);
  });

  test("does not go on sending to whoever says so and does not come in", () => {
    const page = calling();
    page.hear(signal(SECOND));
    page.do({ kind: "answered", from: SECOND });
    expect(page.wait(2_999)).toEqual([]);
    expect(page.wait(1)).toEqual([{ kind: "drop_prepared", partner: SECOND }]);
    // They have had their turn.
    expect(kinds(page.hear(signal(SECOND)))).not.toContain("prepare_media");
  });

  test("goes on sending to whoever says so and comes in", () => {
    const page = calling();
    page.hear(signal(SECOND));
    page.do({ kind: "answered", from: SECOND });
    const participants = [...call().participants, participant(ANA, SECOND)];
    page.hearCall(call({ phase: "active", version: 2, answered_at: 10, participants }));
    expect(page.wait(3_000)).not.toContainEqual({ kind: "drop_prepared", partner: SECOND });
  });

  test("goes on with who answers and closes the others'", () => {
    const page = calling();
    page.hear(signal(SECOND));
    page.hear(signal(THIRD));
    const answered = call({
      phase: "active",
      version: 2,
      answered_at: 10,
      participants: [...call().participants, participant(ANA, THIRD)],
    });
    const effects = page.hearCall(answered);
    const opened = effects.findIndex((effect) => effect.kind === "open_media" && effect.partner === THIRD);
    expect(opened).toBeGreaterThan(-1);
    expect(effects.slice(opened + 1)).toEqual([
      { kind: "drop_prepared", partner: SECOND },
      { kind: "drop_prepared", partner: THIRD },
    ]);
  });

  test("takes two, of its own epoch", () => {
    const page = calling();
    expect(kinds(page.hear(signal(SECOND, 2)))).not.toContain("prepare_media");
    const fourth = "peer_4" as PeerId;
    for (const peer of [SECOND, THIRD]) expect(kinds(page.hear(signal(peer)))).toContain("prepare_media");
    expect(kinds(page.hear(signal(fourth)))).not.toContain("prepare_media");
  });

  test("closes what was prepared when it hangs up", () => {
    const page = calling();
    page.hear(signal(SECOND));
    expect(page.do({ kind: "leave" })).toContainEqual({ kind: "drop_prepared", partner: SECOND });
  });
});
