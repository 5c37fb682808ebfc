import { describe, expect, test } from "vitest";

import type { CallId, ClientMessage, Participant, ServerMessage } from "../protocol/generated";
import { ringing, type Effect } from "./machine";
import { carrying } from "./media";
import {
  ANA,
  both,
  call,
  CALL,
  CHANNEL,
  DIRECT,
  FIRST,
  LEAH,
  Page,
  participant,
  RING,
  SECOND,
  summary,
  THIRD,
} from "./testing";

/** What the server is asked to let in. */
function request(effects: Effect[]): ClientMessage | undefined {
  return effects.find((effect) => effect.kind === "come_in")?.message;
}

/** Somebody who has pressed "Start video call" and is in. */
function calling(): Page {
  const page = new Page(LEAH);
  page.do({ kind: "start", conversationId: DIRECT, media: "video", ring: true });
  page.do({ kind: "captured", device: "microphone" });
  page.do({ kind: "captured", device: "camera" });
  page.joined(call(), FIRST);
  return page;
}

/** The same, answered and connected. */
function talking(): Page {
  const page = calling();
  page.hearCall(both());
  page.do({ kind: "media", epoch: 1, news: "up" });
  return page;
}

function kinds(effects: Effect[]): string[] {
  return effects.map((effect) => effect.kind);
}

function sent(effects: Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === "send" ? [effect.message.kind] : []));
}

describe("coming in", () => {
  test("a press takes the devices and asks at once, without a step between", () => {
    const page = new Page(LEAH);
    const effects = page.do({ kind: "start", conversationId: DIRECT, media: "video", ring: true });
    expect(kinds(effects)).toEqual(["set_muted", "capture", "capture", "come_in"]);
  });

  test("a direct call begins unmuted, a channel's muted", () => {
    const page = new Page(LEAH);
    expect(page.do({ kind: "start", conversationId: DIRECT, media: "voice", ring: true })).toContainEqual({
      kind: "set_muted",
      muted: false,
    });
    const other = new Page(LEAH);
    expect(other.do({ kind: "join", conversationId: CHANNEL, callId: CALL, media: "video", elsewhere: null })).toContainEqual({
      kind: "set_muted",
      muted: true,
    });
  });

  test("a voice call takes no camera", () => {
    const page = new Page(LEAH);
    const effects = page.do({ kind: "start", conversationId: DIRECT, media: "voice", ring: true });
    expect(effects).not.toContainEqual({ kind: "capture", device: "camera" });
  });

  test("a second press changes nothing", () => {
    const page = new Page(LEAH);
    page.do({ kind: "start", conversationId: DIRECT, media: "video", ring: true });
    expect(page.do({ kind: "start", conversationId: DIRECT, media: "video", ring: true })).toEqual([]);
  });

  test("who presses without a network is told, and can try again", () => {
    const page = new Page(LEAH);
    page.do({ kind: "offline" });
    page.do({ kind: "start", conversationId: DIRECT, media: "video", ring: true });
    expect(page.state.phase).toMatchObject({ kind: "after", after: { kind: "refused", code: "offline" } });
    page.snapshot([]);
    expect(kinds(page.do({ kind: "retry" }))).toContain("come_in");
  });

  test("leaving before the answer leaves again what the answer brings", () => {
    const page = new Page(LEAH);
    page.do({ kind: "start", conversationId: DIRECT, media: "video", ring: true });
    const effects = page.do({ kind: "leave" });
    expect(kinds(effects)).toEqual(["release", "release", "forget"]);
    expect(sent(page.joined(call(), FIRST))).toEqual(["call_leave"]);
    expect(page.state.phase.kind).toBe("idle");
  });

  test("a camera that fails while coming in is not announced", () => {
    const page = new Page(LEAH);
    page.do({ kind: "start", conversationId: DIRECT, media: "video", ring: true });
    page.do({ kind: "capture_failed", device: "camera", problem: "in_use" });
    const effects = page.joined(call(), FIRST);
    expect(effects).toContainEqual({
      kind: "send",
      message: {
        kind: "call_change",
        call_id: CALL,
        peer_id: FIRST,
        change: { microphone: null, camera: false, screen: null, hand: null },
      },
    });
  });

  test("an answer that does not come is given up", () => {
    const page = new Page(LEAH);
    page.do({ kind: "start", conversationId: DIRECT, media: "voice", ring: true });
    page.wait(20_000);
    expect(page.state.phase).toMatchObject({ kind: "after", after: { kind: "refused" } });
  });

  test("another call is left first", () => {
    const page = talking();
    const effects = page.do({ kind: "join", conversationId: CHANNEL, callId: "call_2" as CallId, media: "video", elsewhere: null });
    expect(kinds(effects).indexOf("close_media")).toBeLessThan(kinds(effects).indexOf("come_in"));
    expect(sent(effects)).toEqual(["call_leave"]);
  });
});

describe("a call that would ring many", () => {
  test("rings them when the person says that it is meant", () => {
    const page = new Page(LEAH);
    page.do({ kind: "start", conversationId: CHANNEL, media: "video", ring: true });
    page.do({ kind: "join_failed", attempt: page.state.attempts, code: "rings_many", message: "" });
    expect(request(page.do({ kind: "retry" }))).toMatchObject({ ring_many: true });
  });
});

describe("what a host turns off", () => {
  test("is off here, and says by whom", () => {
    const page = talking();
    const [, ana] = both().participants;
    const muted = participant(LEAH, FIRST, { microphone: { on: false, since: 5, by: ANA } });
    const effects = page.hearCall(both({ version: 9, participants: ana === undefined ? [muted] : [muted, ana] }));
    expect(page.in.wanted.microphone).toBe(false);
    expect(effects).toContainEqual({ kind: "set_muted", muted: true });
    expect(page.in.notices).toContainEqual(expect.objectContaining({ kind: "turned_off", device: "microphone", by: ANA }));
    // Only its owner turns it on again.
    page.do({ kind: "toggle", device: "microphone", on: true });
    expect(page.in.wanted.microphone).toBe(true);
  });
});

describe("a second device of the same person", () => {
  function second(): Page {
    const page = new Page(LEAH);
    page.do({ kind: "join", conversationId: DIRECT, callId: CALL, media: "voice", elsewhere: null });
    page.joined(both({ participants: [...both().participants, participant(LEAH, THIRD)] }), THIRD);
    return page;
  }

  test("comes in muted and plays nothing, so that the two do not howl", () => {
    const page = second();
    expect(page.in.silent).toBe(true);
    expect(page.in.wanted.microphone).toBe(false);
    expect(page.effects).toContainEqual({ kind: "set_muted", muted: true });
  });

  const ELSEWHERE = { deviceName: "Firefox on Linux", microphone: true, camera: true };

  function asked(): Page {
    const page = new Page(LEAH);
    page.do({ kind: "join", conversationId: DIRECT, callId: CALL, media: "voice", elsewhere: ELSEWHERE });
    return page;
  }

  test("is asked first whether the call moves here or this device is added", () => {
    const page = asked();
    expect(page.effects).toEqual([]);
    expect(page.state.phase).toMatchObject({ kind: "after", after: { kind: "elsewhere", elsewhere: ELSEWHERE } });
    expect(request(page.do({ kind: "come_in_too", moveHere: false }))).toMatchObject({ move_here: false });
  });

  test("is not asked any more when that call is over", () => {
    const page = asked();
    page.hear({ kind: "call_ended", call: summary("left", true) });
    expect(page.state.phase.kind).toBe("idle");
  });

  test("goes on with what the other did once that has left, when the call moves here", () => {
    const page = asked();
    const coming = page.do({ kind: "come_in_too", moveHere: true });
    expect(request(coming)).toMatchObject({ move_here: true });
    expect(coming).toContainEqual({ kind: "capture", device: "camera" });
    page.do({ kind: "captured", device: "microphone" });
    const off = { on: false, since: 0, by: null };
    const here = participant(LEAH, THIRD, { microphone: off });
    page.joined(both({ participants: [...both().participants, here] }), THIRD);
    expect(page.in.wanted.microphone).toBe(false);
    const moved = page.hearCall(both({ version: 9, participants: [participant(ANA, SECOND), here] }));
    expect(page.in).toMatchObject({ silent: false, moving: null, wanted: { microphone: true } });
    expect(moved).toContainEqual({ kind: "set_muted", muted: false });
    expect(sent(moved)).toContain("call_change");
  });

  test("whose call has moved away can bring it back", () => {
    const page = talking();
    page.hear({ kind: "call_detached", call_id: CALL, peer_id: FIRST, reason: "moved" });
    expect(page.state.phase).toMatchObject({ kind: "after", after: { kind: "detached", reason: "moved" } });
    expect(request(page.do({ kind: "retry" }))).toMatchObject({ kind: "call_join", move_here: true });
  });

  test("plays the call when told to, or when the first one has gone", () => {
    const asked = second();
    asked.do({ kind: "play_here" });
    expect(asked.in.silent).toBe(false);
    const alone = second();
    alone.hear({ kind: "call_participant_left", call_id: CALL, version: 3, peer_id: FIRST });
    expect(alone.in.silent).toBe(false);
  });
});

describe("leaving", () => {
  test("devices and connections are shut before anything is sent", () => {
    const page = talking();
    const effects = page.do({ kind: "leave" });
    expect(kinds(effects)).toEqual(["release", "release", "close_media", "forget", "send"]);
    expect(page.state.phase.kind).toBe("idle");
  });

  test("when the other one leaves a direct call it is over here too", () => {
    const page = talking();
    const effects = page.hear({ kind: "call_ended", call: summary("left", true) });
    expect(kinds(effects)).toEqual(["release", "release", "close_media", "forget"]);
    expect(page.state.phase.kind).toBe("idle");
  });

  test("a call that nobody answered says why", () => {
    const page = calling();
    page.hear({ kind: "call_ended", call: summary("declined", false) });
    expect(page.state.phase).toMatchObject({ kind: "after", after: { kind: "unanswered", reason: "declined" } });
    expect(kinds(page.do({ kind: "retry" }))).toContain("come_in");
  });

  test("what comes late for a call that was left is ignored", () => {
    const page = talking();
    page.do({ kind: "leave" });
    expect(page.hearCall(both({ version: 9 }))).toEqual([]);
    expect(page.do({ kind: "media", epoch: 1, news: "failed" })).toEqual([]);
    expect(page.do({ kind: "captured", device: "camera" })).toEqual([{ kind: "release", device: "camera" }]);
  });
});

describe("rings", () => {
  test("a ring is shown, acknowledged, and ends by the clock without a network", () => {
    const page = new Page(ANA);
    expect(sent(page.hear({ kind: "ring", ring: RING }))).toEqual(["ring_acknowledge"]);
    expect(ringing(page.state)).toBe("ring");
    page.do({ kind: "offline" });
    page.wait(45_000);
    expect(page.state.rings).toEqual([]);
    expect(ringing(page.state)).toBeNull();
  });

  test("the clock that ends it is the server's", () => {
    const page = new Page(ANA);
    page.hear({ kind: "ping", server_time: 30_000 });
    page.hear({ kind: "ring", ring: RING });
    page.do({ kind: "offline" });
    page.wait(14_999);
    expect(ringing(page.state)).toBe("ring");
    page.wait(1);
    expect(page.state.rings).toEqual([]);
    expect(ringing(page.state)).toBeNull();
  });

  test("answered elsewhere it closes here", () => {
    const page = new Page(ANA);
    page.hear({ kind: "ring", ring: RING });
    page.hear({ kind: "ring_stopped", call_id: CALL, reason: "answered_elsewhere" });
    expect(page.state.rings).toEqual([]);
  });

  test("answered elsewhere while answering here, the server's word decides", () => {
    const page = new Page(ANA);
    page.hear({ kind: "ring", ring: RING });
    page.do({ kind: "answer", callId: CALL, media: "voice" });
    page.hear({ kind: "ring_stopped", call_id: CALL, reason: "answered_elsewhere" });
    expect(page.state.phase.kind).toBe("joining");
    page.do({ kind: "join_failed", attempt: page.state.attempts, code: "call_ended", message: "It is over." });
    expect(page.state.phase).toMatchObject({ kind: "after", after: { code: "call_ended" } });
    expect(page.effects.filter((effect) => effect.kind === "release")).toHaveLength(1);
  });

  test("while answering, the same ring again from a snapshot is not shown", () => {
    const page = new Page(ANA);
    page.hear({ kind: "ring", ring: RING });
    page.do({ kind: "answer", callId: CALL, media: "video" });
    page.snapshot([call()], [RING]);
    expect(page.state.rings).toEqual([]);
  });

  test("within a call a ring makes no sound", () => {
    const page = talking();
    page.hear({ kind: "ring", ring: { ...RING, call_id: "call_2" as CallId, silent: true } });
    expect(page.state.rings).toHaveLength(1);
    expect(ringing(page.state)).toBeNull();
  });

  test("the caller hears the ring only when a device has confirmed it", () => {
    const page = calling();
    expect(ringing(page.state)).toBeNull();
    page.hear({
      kind: "call_ring",
      call_id: CALL,
      version: 2,
      ring: { user_id: ANA, status: "ringing", devices: 2, since: 1 },
    });
    expect(ringing(page.state)).toBe("ringback");
  });
});

describe("media", () => {
  test("nothing is connected until somebody is there; the one who came later offers", () => {
    const page = calling();
    expect(kinds(page.effects)).not.toContain("open_media");
    expect(page.hearCall(both())).toContainEqual(
      expect.objectContaining({ kind: "open_media", epoch: 1, partner: SECOND, offers: false }),
    );
    const other = new Page(ANA);
    other.hear({ kind: "ring", ring: RING });
    other.do({ kind: "answer", callId: CALL, media: "video" });
    expect(other.joined(both(), SECOND)).toContainEqual(
      expect.objectContaining({ kind: "open_media", partner: FIRST, offers: true }),
    );
  });

  test("a forwarded call connects at once and alone", () => {
    const page = new Page(LEAH);
    page.do({ kind: "start", conversationId: CHANNEL, media: "video", ring: false });
    const effects = page.joined(call({ session: { epoch: 1, mode: "forwarded" }, phase: "active" }), FIRST);
    expect(effects).toContainEqual(expect.objectContaining({ kind: "open_media", mode: "forwarded", partner: null }));
  });

  test("up and down are told to the server", () => {
    const page = talking();
    expect(sent(page.effects)).toContain("call_media_state");
    expect(sent(page.do({ kind: "media", epoch: 1, news: "interrupted" }))).toEqual(["call_media_state"]);
  });

  test("the one who offers starts over 2.5 s after an interruption, at once after a failure", () => {
    const page = new Page(ANA);
    page.hear({ kind: "ring", ring: RING });
    page.do({ kind: "answer", callId: CALL, media: "voice" });
    page.joined(both(), SECOND);
    page.do({ kind: "media", epoch: 1, news: "up" });
    page.do({ kind: "media", epoch: 1, news: "interrupted" });
    expect(page.wait(2_400)).toEqual([]);
    expect(kinds(page.wait(200))).toEqual(["restart_media"]);
    page.do({ kind: "media", epoch: 1, news: "up" });
    page.do({ kind: "media", epoch: 1, news: "failed" });
    expect(kinds(page.wait(0))).toEqual(["restart_media"]);
    expect(page.wait(1_900)).toEqual([]);
    expect(kinds(page.wait(30_000)).length).toBeGreaterThan(2);
  });

  test("an interruption that mends itself starts nothing over, and says how long it was", () => {
    const page = talking();
    page.do({ kind: "media", epoch: 1, news: "interrupted" });
    page.now += 2_000;
    page.do({ kind: "media", epoch: 1, news: "up" });
    expect(page.in.notices).toContainEqual(expect.objectContaining({ kind: "was_lost", ms: 2_000 }));
    expect(kinds(page.wait(20_000))).not.toContain("restart_media");
  });

  test("a new epoch comes up beside the old one, which goes soon after the new one carries", () => {
    const page = talking();
    const moved = both({ version: 3, session: { epoch: 2, mode: "forwarded" } });
    expect(kinds(page.hearCall(moved))).toEqual(["open_media"]);
    expect(page.in.legs).toHaveLength(2);
    expect(carrying(page.in.legs)?.epoch).toBe(1);
    expect(page.do({ kind: "media", epoch: 2, news: "up" })).toEqual([]);
    expect(carrying(page.in.legs)?.epoch).toBe(1);
    expect(sent(page.do({ kind: "media", epoch: 2, news: "carries" }))).toEqual(["call_media_state"]);
    expect(page.do({ kind: "media", epoch: 2, news: "carries" })).toEqual([]);
    expect(carrying(page.in.legs)?.epoch).toBe(2);
    // The others may not be as far.
    expect(page.wait(1_900)).toEqual([]);
    expect(page.wait(100)).toEqual([{ kind: "close_media", epoch: 1 }]);
    expect(page.in.legs).toHaveLength(1);
  });

  test("a new epoch that carries late leaves the old one no more than its five seconds", () => {
    const page = talking();
    page.hearCall(both({ version: 3, session: { epoch: 2, mode: "forwarded" } }));
    page.do({ kind: "media", epoch: 2, news: "up" });
    page.wait(4_500);
    page.do({ kind: "media", epoch: 2, news: "carries" });
    expect(page.wait(500)).toEqual([{ kind: "close_media", epoch: 1 }]);
  });

  test("the old one goes after five seconds in any case", () => {
    const page = talking();
    page.hearCall(both({ version: 3, session: { epoch: 2, mode: "forwarded" } }));
    expect(page.do({ kind: "media", epoch: 2, news: "up" })).toEqual([]);
    const effects = page.wait(5_000);
    expect(effects).toContainEqual({ kind: "close_media", epoch: 1 });
    expect(sent(effects)).toEqual(["call_media_state"]);
  });

  test("an old one that never carried goes at once", () => {
    const page = calling();
    page.hearCall(both());
    expect(kinds(page.hearCall(both({ version: 3, session: { epoch: 2, mode: "forwarded" } })))).toEqual([
      "close_media",
      "open_media",
    ]);
  });

  test("a partner whose page reloaded is connected anew", () => {
    const page = talking();
    const { participants } = call();
    const back = both({ version: 3, participants: [...participants, participant(ANA, THIRD)] });
    expect(page.hearCall(back)).toEqual([
      { kind: "close_media", epoch: 1 },
      expect.objectContaining({ kind: "open_media", partner: THIRD, offers: false }),
    ]);
    expect(page.in.notices.filter((notice) => notice.kind === "joined")).toHaveLength(1);
  });

  test("a signal of an epoch not heard of makes the machine ask", () => {
    const page = talking();
    const effects = page.hear({
      kind: "call_signal",
      call_id: CALL,
      from: SECOND,
      epoch: 2,
      signal: { kind: "offer", sdp: "" },
    });
    expect(kinds(effects)).toEqual(["signal", "get_call"]);
  });
});

describe("keeping up", () => {
  test("a missed change asks for the whole, once", () => {
    const page = talking();
    const late = (version: number): ServerMessage => ({
      kind: "call_participant",
      call_id: CALL,
      version,
      participant: participant(ANA, SECOND, { hand_raised_at: 5 }),
    });
    expect(kinds(page.hear(late(5)))).toEqual(["get_call"]);
    expect(page.hear(late(6))).toEqual([]);
    page.do({ kind: "call_got", call: both({ version: 6 }) });
    expect(page.in.catchingUp).toBe(false);
  });

  test("an older state does not undo a newer one", () => {
    const page = talking();
    page.hearCall(both({ version: 8 }));
    page.do({ kind: "call_got", call: call({ version: 3 }) });
    expect(page.in.call.version).toBe(8);
  });

  test("a dropped socket changes nothing; back again, what was pressed meanwhile is told", () => {
    const page = talking();
    page.do({ kind: "offline" });
    page.do({ kind: "toggle", device: "microphone", on: false });
    expect(page.state.phase.kind).toBe("in");
    const effects = page.snapshot([both({ version: 4 })]);
    expect(effects).toContainEqual({
      kind: "send",
      message: {
        kind: "call_change",
        call_id: CALL,
        peer_id: FIRST,
        change: { microphone: false, camera: null, screen: null, hand: null },
      },
    });
    expect(sent(effects)).toContain("call_media_state");
    expect(kinds(effects)).not.toContain("close_media");
  });

  describe("what a host does", () => {
    const muted = (since: number): Participant =>
      participant(LEAH, FIRST, { microphone: { on: false, since, by: ANA } });
    const told = (version: number, one: Participant): ServerMessage => ({
      kind: "call_participant",
      call_id: CALL,
      version,
      participant: one,
    });

    test("a microphone turned off by a host is closed, and is opened by its owner", () => {
      const page = talking();
      const effects = page.hear(told(3, muted(20)));
      expect(effects).toContainEqual({ kind: "set_muted", muted: true });
      expect(sent(effects)).toEqual([]);
      expect(page.in.wanted.microphone).toBe(false);

      page.do({ kind: "toggle", device: "microphone", on: true });
      // What was said before the server heard of it does not close it again.
      page.hear(told(4, { ...muted(20), connection: { kind: "connected" } }));
      expect(page.in.wanted.microphone).toBe(true);
      page.hear(told(5, muted(30)));
      expect(page.in.wanted.microphone).toBe(false);
    });

    test("a host who turned the microphone off while the socket was away is obeyed", () => {
      const page = talking();
      page.do({ kind: "offline" });
      const [, other] = both().participants;
      if (other === undefined) throw new Error("two are talking");
      const camera = { on: true, since: 0, by: null };
      const effects = page.snapshot([both({ version: 4, participants: [{ ...muted(20), camera }, other] })]);
      expect(effects).toContainEqual({ kind: "set_muted", muted: true });
      expect(sent(effects)).not.toContain("call_change");
    });

    test("a lowered hand stays down", () => {
      const page = talking();
      page.do({ kind: "hand", up: true });
      page.hear(told(3, participant(LEAH, FIRST, { hand_raised_at: 5 })));
      expect(page.in.wanted.hand).toBe(true);
      page.hear(told(4, participant(LEAH, FIRST)));
      expect(page.in.wanted.hand).toBe(false);
    });
  });

  test("back again while nobody has answered yet, it says that it is still there", () => {
    const page = calling();
    page.do({ kind: "offline" });
    expect(page.snapshot([call({ version: 2 })])).toContainEqual({
      kind: "send",
      message: { kind: "call_media_state", call_id: CALL, peer_id: FIRST, epoch: 1, connected: false },
    });
  });

  test("back again without a place in the call, it says so and offers to rejoin", () => {
    const page = talking();
    page.do({ kind: "offline" });
    const effects = page.snapshot([call({ participants: [] })]);
    expect(kinds(effects)).toContain("close_media");
    expect(page.state.phase).toMatchObject({ kind: "after", after: { kind: "detached", reason: "lost" } });
    expect(kinds(page.do({ kind: "retry" }))).toContain("come_in");
  });

  test("back again after the call has ended, it is closed", () => {
    const page = talking();
    page.do({ kind: "offline" });
    expect(kinds(page.snapshot([]))).toContain("close_media");
    expect(page.state.phase.kind).toBe("idle");
  });

  test("replaced by another tab, it stops and says why", () => {
    const page = talking();
    const effects = page.hear({ kind: "call_detached", call_id: CALL, peer_id: FIRST, reason: "replaced" });
    expect(kinds(effects)).toEqual(["release", "release", "close_media", "forget"]);
    expect(page.state.phase).toMatchObject({ kind: "after", after: { kind: "detached", reason: "replaced" } });
  });

  test("a reload comes back with the same devices and without a press", () => {
    const page = new Page(LEAH);
    const wanted = { microphone: false, camera: true, screen: true, hand: false };
    page.do({ kind: "recalled", memory: { callId: CALL, conversationId: DIRECT, media: "video", wanted } });
    const effects = page.snapshot([both()]);
    expect(effects).toContainEqual({ kind: "set_muted", muted: true });
    expect(effects).toContainEqual({ kind: "capture", device: "camera" });
    expect(effects).not.toContainEqual({ kind: "capture", device: "screen" });
    expect(kinds(effects)).toContain("come_in");
  });

  test("a reload after the call has ended comes back into nothing", () => {
    const page = new Page(LEAH);
    const wanted = { microphone: true, camera: false, screen: false, hand: false };
    page.do({ kind: "recalled", memory: { callId: CALL, conversationId: DIRECT, media: "video", wanted } });
    expect(page.snapshot([])).toEqual([{ kind: "forget" }]);
    expect(page.snapshot([both()])).toEqual([]);
  });
});

describe("devices", () => {
  test("muting is heard here at once and told", () => {
    const page = talking();
    const effects = page.do({ kind: "toggle", device: "microphone", on: false });
    expect(kinds(effects)).toEqual(["set_muted", "sound", "send", "remember"]);
  });

  test("a camera is announced when there is a picture", () => {
    const page = talking();
    page.do({ kind: "toggle", device: "camera", on: false });
    page.hear({
      kind: "call_participant",
      call_id: CALL,
      version: 3,
      participant: participant(LEAH, FIRST),
    });
    expect(sent(page.do({ kind: "toggle", device: "camera", on: true }))).toEqual([]);
    expect(sent(page.do({ kind: "captured", device: "camera" }))).toEqual(["call_change"]);
  });

  test("a camera switched off while it starts is let go of", () => {
    const page = talking();
    page.do({ kind: "toggle", device: "camera", on: false });
    page.do({ kind: "toggle", device: "camera", on: true });
    page.do({ kind: "toggle", device: "camera", on: false });
    expect(kinds(page.do({ kind: "captured", device: "camera" }))).toEqual(["release"]);
  });

  test("an unplugged microphone is said, told, and the call goes on", () => {
    const page = talking();
    const effects = page.do({ kind: "capture_failed", device: "microphone", problem: "unplugged" });
    expect(sent(effects)).toEqual(["call_change"]);
    expect(page.in.notices).toContainEqual(
      expect.objectContaining({ kind: "device", device: "microphone", problem: "unplugged" }),
    );
    expect(page.in.wanted.microphone).toBe(false);
  });

  test("a screen that was not chosen after all is no problem", () => {
    const page = talking();
    page.do({ kind: "toggle", device: "screen", on: true });
    page.do({ kind: "capture_failed", device: "screen", problem: "cancelled" });
    expect(page.in.notices.filter((notice) => notice.kind === "device")).toEqual([]);
    expect(page.in.devices.screen.kind).toBe("off");
  });
});
