/** A page on a made-up clock, and calls for it. For tests. */
import type {
  CallId,
  CallState,
  CallSummary,
  ConversationId,
  ConversationKind,
  DeviceId,
  EndReason,
  Participant,
  PeerId,
  Ring,
  ServerMessage,
  UserId,
} from "../protocol/generated";
import { deadline, IDLE, step, type Effect, type Event, type State } from "./machine";

export const LEAH = "usr_leah" as UserId;
export const ANA = "usr_ana" as UserId;
export const DIRECT = "cnv_direct" as ConversationId;
export const CHANNEL = "cnv_channel" as ConversationId;
export const CALL = "call_1" as CallId;
/** Ids sort by creation. */
export const FIRST = "peer_1" as PeerId;
export const SECOND = "peer_2" as PeerId;
export const THIRD = "peer_3" as PeerId;

export function participant(user: UserId, peer: PeerId, changes: Partial<Participant> = {}): Participant {
  const off = { on: false, since: 0, by: null };
  return {
    peer_id: peer,
    user_id: user,
    device_id: `dev_${user}` as DeviceId,
    device_name: "Firefox on Linux",
    joined_at: 0,
    microphone: { on: true, since: 0, by: null },
    camera: off,
    screen: off,
    hand_raised_at: null,
    connection: { kind: "connecting" },
    ...changes,
  };
}

export function call(changes: Partial<CallState> = {}): CallState {
  return {
    id: CALL,
    conversation_id: DIRECT,
    media: "video",
    phase: "ringing",
    version: 1,
    session: { epoch: 1, mode: "direct" },
    started_by: LEAH,
    started_at: 0,
    answered_at: null,
    participants: [participant(LEAH, FIRST, { camera: { on: true, since: 0, by: null } })],
    rings: [{ user_id: ANA, status: "calling", devices: 0, since: 0 }],
    lock: null,
    removed: [],
    alone: null,
    moved_from: null,
    ...changes,
  };
}

export function both(changes: Partial<CallState> = {}): CallState {
  const { participants } = call();
  return call({
    phase: "active",
    version: 2,
    answered_at: 10,
    participants: [...participants, participant(ANA, SECOND)],
    ...changes,
  });
}

export function summary(reason: EndReason, answered: boolean): CallSummary {
  return {
    id: CALL,
    conversation_id: DIRECT,
    seq: 1,
    media: "video",
    started_by: LEAH,
    started_at: 0,
    answered_at: answered ? 10 : null,
    ended_at: 100,
    end_reason: reason,
    people: [LEAH],
    rung: [],
    message_count: 0,
    slip: false,
    moved_to: null,
  };
}

export const RING: Ring = {
  call_id: CALL,
  conversation_id: DIRECT,
  from: LEAH,
  media: "video",
  started_at: 0,
  expires_at: 45_000,
  silent: false,
};

/** A machine driven by events, with its effects kept. */
export class Page {
  state: State;
  effects: Effect[] = [];
  now = 0;

  constructor(me: UserId) {
    const kinds: Record<ConversationId, ConversationKind> = { [DIRECT]: "direct", [CHANNEL]: "channel" };
    this.state = { ...IDLE, me, online: true, kinds };
  }

  do(event: Event): Effect[] {
    const [state, effects] = step(this.state, event, this.now);
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }

  hear(message: ServerMessage): Effect[] {
    return this.do({ kind: "message", message });
  }

  hearCall(call: CallState): Effect[] {
    return this.hear({ kind: "call", call });
  }

  /** Lets time pass, waking the machine whenever it asked to be. */
  wait(ms: number): Effect[] {
    const until = this.now + ms;
    const all: Effect[] = [];
    for (let at = deadline(this.state); at !== null && at <= until; at = deadline(this.state)) {
      this.now = Math.max(this.now, at);
      const before = this.state;
      all.push(...this.do({ kind: "timer" }));
      if (this.state === before) throw new Error(`nothing was due at ${at}`);
    }
    this.now = until;
    return all;
  }

  joined(call: CallState, peer: PeerId): Effect[] {
    const media = { ice_servers: [], audio_slots: 3, video_slots_max: 25, media: call.media };
    const joined = { peer_id: peer, call, media, server_time: this.now };
    return this.do({ kind: "joined", attempt: this.state.attempts, joined });
  }

  get in() {
    if (this.state.phase.kind !== "in") throw new Error(`not in a call but ${this.state.phase.kind}`);
    return this.state.phase.in;
  }

  snapshot(calls: CallState[], rings: Ring[] = []): Effect[] {
    const off = { id: this.state.me ?? LEAH, name: "", role: "member" as const, picture: null, hue: 0, disabled: false };
    return this.hear({
      kind: "snapshot",
      snapshot: {
        me: { user: off, email: "", availability: "available", working_hours: null, device_id: "dev" as DeviceId, workspace: { name: "", call_log: { kind: "forever" }, instant_answer: true }, instant_answer: true },
        users: [],
        presence: [],
        conversations: [],
        calls,
        rings,
        missed_calls: 0,
      },
    });
  }
}
