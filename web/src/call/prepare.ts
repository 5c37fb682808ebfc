/**
 * Answering at once. While a direct call rings, the page that rings brings up its connection to the
 * caller, so that an answer has only to attach tracks. Until then no media flows and no device is
 * opened; but the caller learns a network address, so the person and the workspace may forbid it. Then
 * the connection is agreed on as far as it goes without one, and comes up with the answer.
 */
import type { CallId, CallState, MediaSetup, PeerId, Prepared, Ring } from "../protocol/generated";

/** What this page prepares, of one ring at a time. */
export type Preparing =
  /** The server was asked. Where it refuses, it stays at that. */
  | { kind: "asked"; callId: CallId }
  | { kind: "ready"; callId: CallId; prepared: Prepared; isAnswered: boolean };

export type PrepareEffect =
  /** Answered by `prepared`, or not at all. */
  | { kind: "ask_to_prepare"; callId: CallId }
  | {
      kind: "prepare_media";
      callId: CallId;
      /** Who this page is to the other. */
      peerId: PeerId;
      partner: PeerId;
      epoch: number;
      offers: boolean;
      setup: MediaSetup;
      /** Shows no network address, and looks at none, before the answer. */
      quiet: boolean;
    }
  /** This page sends on it from now on. */
  | { kind: "attach_prepared"; partner: PeerId }
  /** Unless the call goes on over it. */
  | { kind: "drop_prepared"; partner: PeerId };

/** What the preparation depends on. */
export type Ringing = {
  /** Rings to prepare for, oldest first. */
  rings: readonly Ring[];
  /** The call this page is about to come in to. */
  joining: CallId | null;
};

type Stepped = [Preparing | null, PrepareEffect[]];

/** Begins with the first ring there is, and ends with it, unless that was answered here. */
export function followRings(preparing: Preparing | null, { rings, joining }: Ringing): Stepped {
  const effects: PrepareEffect[] = [];
  let next = preparing;
  if (next !== null) {
    const { callId } = next;
    if (joining !== callId && !rings.some((ring) => ring.call_id === callId)) {
      if (next.kind === "ready") effects.push({ kind: "drop_prepared", partner: next.prepared.caller });
      next = null;
    } else if (joining === callId && next.kind === "ready" && !next.isAnswered) {
      effects.push({ kind: "attach_prepared", partner: next.prepared.caller });
      next = { ...next, isAnswered: true };
    }
  }
  const [first] = rings;
  if (next === null && joining === null && first !== undefined) {
    effects.push({ kind: "ask_to_prepare", callId: first.call_id });
    next = { kind: "asked", callId: first.call_id };
  }
  return [next, effects];
}

/** The server has said who this page will be. */
export function takePrepared(preparing: Preparing | null, callId: CallId, prepared: Prepared): Stepped {
  if (preparing?.kind !== "asked" || preparing.callId !== callId) return [preparing, []];
  const { peer_id: peerId, caller: partner, epoch, media: setup, connects } = prepared;
  return [
    { kind: "ready", callId, prepared, isAnswered: false },
    [{ kind: "prepare_media", callId, peerId, partner, epoch, offers: true, setup, quiet: !connects }],
  ];
}

/** A direct call's two devices used last prepare. Further offers are not this call's. */
const EXPECTED_MAX = 2;

/** Whether this offer is of somebody who is rung and prepares to answer. */
export function isExpected(call: CallState, expected: readonly PeerId[], from: PeerId, epoch: number): boolean {
  return (
    call.phase === "ringing" &&
    call.session.mode === "direct" &&
    call.session.epoch === epoch &&
    expected.length < EXPECTED_MAX &&
    !expected.includes(from) &&
    !call.participants.some((participant) => participant.peer_id === from)
  );
}
