import { expect, test } from "vitest";

import type { CallId, CallState, ConversationId, DeviceId, Participant, PeerId, UserId } from "../protocol/generated";
import { byId, isEnding, NO_CALLS, step, talkersIn, type Calls } from "./calls";

const ANA = "usr_ana" as UserId;
const PRIYA = "usr_priya" as UserId;
const CALL = "call_1" as CallId;

function participant(user: UserId): Participant {
  const off = { on: false, since: 0, by: null };
  return {
    peer_id: `peer_${user}` as PeerId,
    user_id: user,
    device_id: "dev_1" as DeviceId,
    device_name: "Firefox on Linux",
    joined_at: 0,
    microphone: off,
    camera: off,
    screen: off,
    hand_raised_at: null,
    connection: { kind: "connected" },
  };
}

function live(...people: UserId[]): CallState {
  return {
    id: CALL,
    conversation_id: "cnv_1" as ConversationId,
    media: "video",
    phase: "active",
    version: 1,
    session: { epoch: 1, mode: "forwarded" },
    started_by: ANA,
    started_at: 0,
    answered_at: null,
    participants: people.map(participant),
    rings: [],
    lock: null,
    removed: [],
    alone: null,
    moved_from: null,
  };
}

function held(calls: Calls): CallState {
  const call = byId(calls, CALL);
  if (call === undefined) throw new Error("the call is live");
  return call;
}

test("who has left a call talks in it no more, though nothing said that they stopped", () => {
  let [calls] = step(NO_CALLS, { kind: "call", call: live(ANA, PRIYA) });
  [calls] = step(calls, { kind: "call_speaking", call_id: CALL, user_ids: [PRIYA, ANA] });
  expect(talkersIn(calls, held(calls))).toEqual([PRIYA, ANA]);
  const peer = participant(PRIYA).peer_id;
  [calls] = step(calls, { kind: "call_participant_left", call_id: CALL, version: 2, peer_id: peer });
  expect(talkersIn(calls, held(calls))).toEqual([ANA]);
});

test("a call is ending once everybody has left, and goes on when somebody joins", () => {
  let [calls] = step(NO_CALLS, { kind: "call", call: live(ANA) });
  expect(isEnding(held(calls))).toBe(false);
  const peer = participant(ANA).peer_id;
  [calls] = step(calls, { kind: "call_participant_left", call_id: CALL, version: 2, peer_id: peer });
  expect(isEnding(held(calls))).toBe(true);
  [calls] = step(calls, { kind: "call_participant", call_id: CALL, version: 3, participant: participant(PRIYA) });
  expect(isEnding(held(calls))).toBe(false);
});
