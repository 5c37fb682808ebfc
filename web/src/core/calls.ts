/**
 * The calls that are live in this person's conversations, what rings, and what was missed: data
 * that everybody sees, whether in a call or not. Taking part in one is `call/`.
 */
import type {
  CallId,
  CallMedia,
  CallState,
  ConversationId,
  DeviceId,
  Ring,
  ServerMessage,
  Snapshot,
  UserId,
} from "../protocol/generated";

export type Calls = {
  /** By conversation: there is at most one. */
  live: ReadonlyMap<ConversationId, CallState>;
  rings: readonly Ring[];
  missed: number;
  /** Who talks in a call one looks at from outside. */
  speaking: ReadonlyMap<CallId, readonly UserId[]>;
};

/** A change was missed: the whole has to be asked for. */
export type CallsEffect = { kind: "call_get"; callId: CallId };

export const NO_CALLS: Calls = { live: new Map(), rings: [], missed: 0, speaking: new Map() };

/** A device of the person's own that is in a call. */
export type OtherDevice = { deviceName: string; microphone: boolean; camera: boolean };

/** What the shell asks of the part that takes part in calls. */
export type CallController = {
  start(conversationId: ConversationId, media: CallMedia): Promise<void>;
  /** `elsewhere`: another device the person is in it with already, so that they are asked which. */
  join(callId: CallId, media: CallMedia, elsewhere: OtherDevice | null): Promise<void>;
  leave(): Promise<void>;
  current(): CurrentCall | undefined;
  subscribe(listener: () => void): () => void;
};

export type CurrentCall = {
  /** Null while one is coming in, and while the stage says why one is not in it any more. */
  callId: CallId | null;
  conversationId: ConversationId;
};

export function fromSnapshot(snapshot: Snapshot): Calls {
  return {
    live: new Map(snapshot.calls.map((call) => [call.conversation_id, call])),
    rings: snapshot.rings,
    missed: snapshot.missed_calls,
    speaking: new Map(),
  };
}

export function step(calls: Calls, message: ServerMessage): [Calls, CallsEffect[]] {
  switch (message.kind) {
    case "call":
      return [withCall(calls, message.call), []];
    case "reply":
      if (message.reply.kind === "call") return [withCall(calls, message.reply.call), []];
      if (message.reply.kind === "joined") return [withCall(calls, message.reply.joined.call), []];
      return [calls, []];
    case "call_participant": {
      const { participant } = message;
      return change(calls, message.call_id, message.version, (call) => {
        const index = call.participants.findIndex((one) => one.peer_id === participant.peer_id);
        return {
          ...call,
          participants:
            index < 0 ? [...call.participants, participant] : call.participants.with(index, participant),
        };
      });
    }
    case "call_participant_left":
      return change(calls, message.call_id, message.version, (call) => ({
        ...call,
        participants: call.participants.filter((one) => one.peer_id !== message.peer_id),
      }));
    case "call_ring": {
      const { ring } = message;
      return change(calls, message.call_id, message.version, (call) => {
        const index = call.rings.findIndex((one) => one.user_id === ring.user_id);
        return { ...call, rings: index < 0 ? [...call.rings, ring] : call.rings.with(index, ring) };
      });
    }
    case "call_ended": {
      const held = calls.live.get(message.call.conversation_id);
      const rings = calls.rings.filter((ring) => ring.call_id !== message.call.id);
      if (held?.id !== message.call.id) return [{ ...calls, rings }, []];
      const live = new Map(calls.live);
      live.delete(message.call.conversation_id);
      const speaking = new Map(calls.speaking);
      speaking.delete(message.call.id);
      return [{ ...calls, live, speaking, rings }, []];
    }
    case "call_speaking":
      return [
        { ...calls, speaking: new Map(calls.speaking).set(message.call_id, message.user_ids) },
        [],
      ];
    case "conversation_gone": {
      if (!calls.live.has(message.conversation_id)) return [calls, []];
      const live = new Map(calls.live);
      live.delete(message.conversation_id);
      return [{ ...calls, live }, []];
    }
    case "ring":
      return [
        {
          ...calls,
          rings: [...calls.rings.filter((ring) => ring.call_id !== message.ring.call_id), message.ring],
        },
        [],
      ];
    case "ring_stopped":
      return [{ ...calls, rings: calls.rings.filter((ring) => ring.call_id !== message.call_id) }, []];
    case "missed_calls":
      return [{ ...calls, missed: message.unseen }, []];
    case "failed":
    case "ping":
    case "snapshot":
    case "resumed":
    case "resync":
    case "going_away":
    case "signed_out":
    case "entry":
    case "conversation":
    case "read":
    case "typing":
    case "user":
    case "me":
    case "presence":
    case "availability":
    case "call_signal":
    case "call_detached":
      return [calls, []];
    default:
      return [calls, []];
  }
}

export function byId(calls: Calls, callId: CallId): CallState | undefined {
  for (const call of calls.live.values()) if (call.id === callId) return call;
  return undefined;
}

/** Another device with which this person is in the call. */
export function otherDeviceIn(call: CallState, me: UserId, device: DeviceId): OtherDevice | null {
  const other = call.participants.find((one) => one.user_id === me && one.device_id !== device);
  if (other === undefined) return null;
  return { deviceName: other.device_name, microphone: other.microphone.on, camera: other.camera.on };
}

/** The host by being in it: its starter, else whoever of those in it came first. */
export function hostOf(call: CallState): UserId | undefined {
  const starter = call.participants.find((one) => one.user_id === call.started_by);
  return (starter ?? call.participants[0])?.user_id;
}

/** People in a call, each once, in order of coming. */
export function peopleIn(call: CallState): UserId[] {
  return [...new Set(call.participants.map((participant) => participant.user_id))];
}

/** Who talks in it, as one sees it from outside: nobody who has left. */
export function talkersIn(calls: Calls, call: CallState): UserId[] {
  const people = peopleIn(call);
  return (calls.speaking.get(call.id) ?? []).filter((user) => people.includes(user));
}

/** Everybody has left, and it ends in a moment unless somebody joins. */
export function isEnding(call: CallState): boolean {
  return call.participants.length === 0;
}

function withCall(calls: Calls, call: CallState): Calls {
  const held = calls.live.get(call.conversation_id);
  if (held?.id === call.id && held.version >= call.version) return calls;
  // Ids sort by creation: an older call cannot replace a newer one.
  if (held !== undefined && held.id > call.id) return calls;
  const live = new Map(calls.live).set(call.conversation_id, call);
  // People were added to a direct message's call: it goes on in their group.
  if (call.moved_from !== null && live.get(call.moved_from)?.id === call.id) live.delete(call.moved_from);
  return { ...calls, live };
}

function change(
  calls: Calls,
  callId: CallId,
  version: number,
  to: (call: CallState) => CallState,
): [Calls, CallsEffect[]] {
  const held = byId(calls, callId);
  if (held === undefined || version > held.version + 1) return [calls, [{ kind: "call_get", callId }]];
  if (version <= held.version) return [calls, []];
  const live = new Map(calls.live).set(held.conversation_id, { ...to(held), version });
  return [{ ...calls, live }, []];
}
