/** The call we are in, kept up to date by what the server pushes. */
import type { CallState, Participant, PeerId, ServerMessage, UserId } from "../protocol/generated";

export type CallPush = Extract<
  ServerMessage,
  { kind: "call" | "call_participant" | "call_participant_left" | "call_ring" }
>;

export type Applied = {
  call: CallState;
  /** Changes are missing before this one: the whole has to be asked for. */
  gap: boolean;
};

/** The call that push belongs to. */
export function callOf(push: CallPush): CallState["id"] {
  return push.kind === "call" ? push.call.id : push.call_id;
}

/** The call after that push. What is older than what we hold changes nothing. */
export function applyPush(call: CallState, push: CallPush): Applied {
  if (callOf(push) !== call.id) return { call, gap: false };
  if (push.kind === "call") {
    return { call: push.call.version < call.version ? call : push.call, gap: false };
  }
  if (push.version <= call.version) return { call, gap: false };
  if (push.version > call.version + 1) return { call, gap: true };
  const next = { ...call, version: push.version };
  switch (push.kind) {
    case "call_participant":
      next.participants = withParticipant(call.participants, push.participant);
      break;
    case "call_participant_left":
      next.participants = call.participants.filter((each) => each.peer_id !== push.peer_id);
      break;
    case "call_ring":
      next.rings = call.rings.some((ring) => ring.user_id === push.ring.user_id)
        ? call.rings.map((ring) => (ring.user_id === push.ring.user_id ? push.ring : ring))
        : [...call.rings, push.ring];
      break;
  }
  return { call: next, gap: false };
}

function withParticipant(all: Participant[], one: Participant): Participant[] {
  return all.some((each) => each.peer_id === one.peer_id)
    ? all.map((each) => (each.peer_id === one.peer_id ? one : each))
    : [...all, one];
}

export function participantOf(call: CallState, peer: PeerId): Participant | undefined {
  return call.participants.find((each) => each.peer_id === peer);
}

/** Everybody else's stays, those of one's own other devices among them. */
export function others(call: CallState, own: PeerId): Participant[] {
  return call.participants.filter((each) => each.peer_id !== own);
}

/** The place of a raised hand: 1 for the first one up, 0 for none. */
export function handPlace(call: CallState, peer: PeerId): number {
  const hands = call.participants
    .flatMap((each) => (each.hand_raised_at === null ? [] : [{ peer: each.peer_id, at: each.hand_raised_at }]))
    .sort((a, b) => a.at - b.at || (a.peer < b.peer ? -1 : 1));
  return hands.findIndex((hand) => hand.peer === peer) + 1;
}

export function isPersonIn(call: CallState, person: UserId): boolean {
  return call.participants.some((each) => each.user_id === person);
}
