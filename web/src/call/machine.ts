/**
 * The call this page is in, and the rings it shows: `(state, event, now) → [state, effects]`.
 *
 * There is no clock here, no network and no device: times come in as milliseconds of the own clock,
 * what has to be done leaves as effects, and what came of it comes back as events.
 */
import type {
  CallId,
  CallMedia,
  CallState,
  ClientMessage,
  ConversationId,
  ConversationKind,
  DetachReason,
  DirectSignal,
  EndReason,
  ErrorCode,
  Joined,
  MediaSetup,
  ParticipantChange,
  PeerId,
  Prepared,
  Ring,
  RingState,
  ServerMessage,
  Snapshot,
  UserId,
} from "../protocol/generated";
import type { OtherDevice } from "../core/calls";
import { DEVICE_KINDS, NO_DEVICES, type DeviceKind, type DeviceProblem, type Devices, type Wanted } from "./devices";
import { applyPush, callOf, others, participantOf, type CallPush } from "./live";
import { legDeadline, legNews, legsOnline, legTimer, reconcile, type Leg, type LegNews, type MediaEffect } from "./media";
import { followRings, isExpected, takePrepared, type PrepareEffect, type Preparing } from "./prepare";
import { addRing, expireRings, removeRing, replaceRings } from "./ring";

/** What it takes to come in, kept so that it can be tried again. */
export type Request =
  | Starting
  | {
      kind: "join";
      conversationId: ConversationId;
      callId: CallId;
      media: CallMedia;
      wanted: Wanted;
      /** Whether the person's other devices leave once this one has media. */
      moveHere: boolean;
    };

type Starting = {
  kind: "start";
  conversationId: ConversationId;
  media: CallMedia;
  ring: boolean;
  /** Whether the person was asked and means to ring more than eight people. */
  ringMany: boolean;
  wanted: Wanted;
};

export type InCall = {
  peerId: PeerId;
  call: CallState;
  setup: MediaSetup;
  wanted: Wanted;
  devices: Devices;
  legs: Leg[];
  /** Those who are rung and whose connection is up before they answer. */
  expected: readonly PeerId[];
  /** Who of them says that they answer while the server has not said so, and until when that is believed. */
  unconfirmed: { peerId: PeerId; until: number } | null;
  /** The whole has been asked for, because changes were missing. */
  catchingUp: boolean;
  /** Media has been up at least once. */
  wasUp: boolean;
  /** Plays nothing, because another device of the same person does: together they would howl. */
  silent: boolean;
  /** What this device takes over once the person's other devices have left; null if they stay. */
  moving: { microphone: boolean } | null;
  notices: Notice[];
};

/** What the stage says once there is no call to show. */
export type Aftermath =
  | {
      kind: "unanswered";
      conversationId: ConversationId;
      media: CallMedia;
      reason: EndReason;
      rings: RingState[];
      startedAt: number;
      endedAt: number;
    }
  | { kind: "refused"; request: Request; code: ErrorCode | "offline"; message: string }
  | { kind: "detached"; reason: DetachReason; request: Request }
  /** Not a call yet: the person is in it with another device, and says what becomes of that. */
  | { kind: "elsewhere"; request: Extract<Request, { kind: "join" }>; elsewhere: OtherDevice };

export type Phase =
  | { kind: "idle" }
  | { kind: "joining"; attempt: number; request: Request; devices: Devices; since: number }
  | { kind: "in"; in: InCall }
  | { kind: "after"; after: Aftermath };

/** Something worth a sentence, for a while. */
export type Notice = { until: number } & (
  | { kind: "device"; device: DeviceKind; problem: DeviceProblem }
  | { kind: "joined"; userId: UserId }
  | { kind: "left"; userId: UserId }
  | { kind: "hand"; userId: UserId }
  /** A host has turned it off here. */
  | { kind: "turned_off"; device: "microphone" | "screen"; by: UserId }
  /** The own sound and picture were gone for that long. */
  | { kind: "was_lost"; ms: number }
);

/** What a reload needs to come back. */
export type Memory = {
  callId: CallId;
  conversationId: ConversationId;
  media: CallMedia;
  wanted: Wanted;
};

export type State = {
  me: UserId | null;
  online: boolean;
  /** What to add to the own clock to have the server's. */
  clockOffset: number;
  kinds: Readonly<Record<ConversationId, ConversationKind>>;
  /** From before the reload, until the first snapshot says whether the call is still there. */
  memory: Memory | null;
  attempts: number;
  /** Attempts to come in that were given up before the answer: what they got is left again. */
  abandoned: readonly number[];
  phase: Phase;
  rings: Ring[];
  preparing: Preparing | null;
};

export type Event =
  | { kind: "start"; conversationId: ConversationId; media: CallMedia; ring: boolean }
  | { kind: "join"; callId: CallId; conversationId: ConversationId; media: CallMedia; elsewhere: OtherDevice | null }
  /** Comes in although another device of the person is in the call: in its place, or beside it. */
  | { kind: "come_in_too"; moveHere: boolean }
  | { kind: "answer"; callId: CallId; media: CallMedia }
  /** With a message, which the caller has before the ring is over. */
  | { kind: "decline"; callId: CallId; message: string | null }
  | { kind: "leave" }
  | { kind: "end_for_all" }
  /** Tries the refused request again, or comes back after having been detached. */
  | { kind: "retry" }
  | { kind: "dismiss" }
  | { kind: "toggle"; device: DeviceKind; on: boolean }
  | { kind: "hand"; up: boolean }
  /** Plays the call here although another device of the same person is in it. */
  | { kind: "play_here" }
  | { kind: "close_notice"; notice: Notice }
  | { kind: "joined"; attempt: number; joined: Joined }
  | { kind: "join_failed"; attempt: number; code: ErrorCode | "offline"; message: string }
  | { kind: "prepared"; callId: CallId; prepared: Prepared }
  /** Somebody who was rung says so over the connection they have prepared, before the server does. */
  | { kind: "answered"; from: PeerId }
  | { kind: "call_got"; call: CallState }
  /** The server says that this participant, or the whole call, is no more. */
  | { kind: "not_in_call"; peerId: PeerId }
  | { kind: "captured"; device: DeviceKind }
  | { kind: "capture_failed"; device: DeviceKind; problem: DeviceProblem | "cancelled" }
  | { kind: "media"; epoch: number; news: LegNews }
  | { kind: "message"; message: ServerMessage }
  | { kind: "offline" }
  | { kind: "recalled"; memory: Memory }
  | { kind: "timer" };

export type Sound = "joined" | "left" | "muted" | "unmuted" | "hand";

export type Effect =
  /** Answered by `joined` or `join_failed` with the same attempt. */
  | { kind: "come_in"; attempt: number; message: ClientMessage }
  | { kind: "send"; message: ClientMessage }
  /** Answered by `call_got`. */
  | { kind: "get_call"; callId: CallId }
  | { kind: "capture"; device: DeviceKind }
  | { kind: "release"; device: DeviceKind }
  | { kind: "set_muted"; muted: boolean }
  | { kind: "signal"; epoch: number; from: PeerId; signal: DirectSignal }
  | { kind: "remember"; memory: Memory }
  | { kind: "forget" }
  | { kind: "sound"; sound: Sound }
  | PrepareEffect
  | Exclude<MediaEffect, { kind: "report_media" }>;

export type Step = [State, Effect[]];

/**
 * Somebody who says that they answer, and of whom the server does not hear it, would see and hear the
 * caller unnoticed. Shorter, and a server that writes slowly costs the connection.
 */
const CONFIRM_MS = 3_000;
/** An answer to a request to come in that takes longer will not come. */
const JOINING_MS = 15_000;
const NOTICE_MS = 6_000;
const PROBLEM_MS = 20_000;
const NOTICES_MAX = 4;
const ABANDONED_MAX = 8;
/** More people than that come and go without a sound. */
const SOUND_PEOPLE_MAX = 8;

export const IDLE: State = {
  me: null,
  online: false,
  clockOffset: 0,
  kinds: {},
  memory: null,
  attempts: 0,
  abandoned: [],
  phase: { kind: "idle" },
  rings: [],
  preparing: null,
};

export function step(before: State, event: Event, now: number): Step {
  const [state, effects] = take(before, event, now);
  const { phase } = state;
  const { request } = phase.kind === "joining" ? phase : { request: null };
  // While this page is in a call nothing is prepared for another one.
  const isFree = phase.kind === "idle" || phase.kind === "after";
  const [preparing, prepared] = followRings(state.preparing, {
    rings: state.rings.filter(
      (ring) => !ring.silent && state.kinds[ring.conversation_id] === "direct" && (isFree || ring.call_id === state.preparing?.callId),
    ),
    joining: request?.kind === "join" ? request.callId : null,
  });
  return preparing === state.preparing ? [state, effects] : [{ ...state, preparing }, [...effects, ...prepared]];
}

function take(state: State, event: Event, now: number): Step {
  switch (event.kind) {
    case "start": {
      const direct = state.kinds[event.conversationId] === "direct";
      const wanted = { microphone: direct, camera: event.media === "video", screen: false, hand: false };
      const { conversationId, media, ring } = event;
      return comeIn(state, { kind: "start", conversationId, media, ring, ringMany: false, wanted }, now);
    }
    case "join": {
      const direct = state.kinds[event.conversationId] === "direct";
      // Whoever walks into a group is seen and heard when they choose to be.
      const wanted = { microphone: direct, camera: direct && event.media === "video", screen: false, hand: false };
      const { conversationId, callId, media, elsewhere } = event;
      const request = { kind: "join", conversationId, callId, media, wanted, moveHere: false } as const;
      if (elsewhere === null || isComingIn(state, callId)) return comeIn(state, request, now);
      const [left, effects] = leave(state, "call_leave");
      return [{ ...left, phase: { kind: "after", after: { kind: "elsewhere", request, elsewhere } } }, effects];
    }
    case "come_in_too":
      return comeInToo(state, event.moveHere, now);
    case "answer": {
      const ring = state.rings.find((each) => each.call_id === event.callId);
      if (ring === undefined) return [state, []];
      const wanted = { microphone: true, camera: event.media === "video", screen: false, hand: false };
      const request: Request = {
        kind: "join",
        conversationId: ring.conversation_id,
        callId: ring.call_id,
        media: event.media,
        wanted,
        moveHere: false,
      };
      return comeIn({ ...state, rings: removeRing(state.rings, ring.call_id) }, request, now);
    }
    case "decline":
      return [
        { ...state, rings: removeRing(state.rings, event.callId) },
        [{ kind: "send", message: { kind: "ring_decline", call_id: event.callId, message: event.message } }],
      ];
    case "leave":
      return leave(state, "call_leave");
    case "end_for_all":
      return leave(state, "call_end_for_all");
    case "retry":
      return retry(state, now);
    case "dismiss":
      return state.phase.kind === "after" ? [{ ...state, phase: { kind: "idle" } }, []] : [state, []];
    case "toggle":
      return toggle(state, event.device, event.on);
    case "hand":
      return raise(state, event.up);
    case "play_here":
      return withIn(state, (own) => [{ ...own, silent: false }, []]);
    case "close_notice":
      return withIn(state, (own) => [
        { ...own, notices: own.notices.filter((notice) => notice !== event.notice) },
        [],
      ]);
    case "joined":
      return joined(state, event.attempt, event.joined, now);
    case "join_failed":
      return joinFailed(state, event);
    case "prepared": {
      const [preparing, effects] = takePrepared(state.preparing, event.callId, event.prepared);
      return [{ ...state, preparing }, effects];
    }
    case "answered":
      return withIn(state, (own) => {
        const { from } = event;
        // A second time, or a second device, changes nothing.
        if (!own.expected.includes(from) || own.unconfirmed !== null) return [own, []];
        const unconfirmed = { peerId: from, until: now + CONFIRM_MS };
        return [{ ...own, unconfirmed }, [{ kind: "attach_prepared", partner: from }]];
      });
    case "call_got":
      return withIn(state, (own) =>
        own.call.id === event.call.id ? takeCall({ ...own, catchingUp: false }, event.call, state, now) : [own, []],
      );
    case "not_in_call":
      return state.phase.kind === "in" && state.phase.in.peerId === event.peerId
        ? detached(state, state.phase.in, "lost")
        : [state, []];
    case "captured":
      return captured(state, event.device);
    case "capture_failed":
      return captureFailed(state, event.device, event.problem, now);
    case "media":
      return withIn(state, (own) => mediaNews(own, event.epoch, event.news, now));
    case "message":
      return message(state, event.message, now);
    case "offline":
      return [{ ...state, online: false }, []];
    case "recalled":
      return [{ ...state, memory: event.memory }, []];
    case "timer":
      return timer(state, now);
  }
}

/** When to come back with `timer` if nothing happens before; null for never. */
export function deadline(state: State): number | null {
  const times: number[] = state.rings.map((ring) => ring.expires_at - state.clockOffset);
  if (state.phase.kind === "joining") times.push(state.phase.since + JOINING_MS);
  if (state.phase.kind === "in") {
    const legs = legDeadline(state.phase.in.legs);
    if (legs !== null) times.push(legs);
    for (const notice of state.phase.in.notices) times.push(notice.until);
    const { unconfirmed } = state.phase.in;
    if (unconfirmed !== null) times.push(unconfirmed.until);
  }
  return times.length === 0 ? null : Math.min(...times);
}

/** The repeating sound there should be now, if any. */
export function ringing(state: State): "ring" | "ringback" | null {
  if (state.phase.kind === "in") {
    const { call } = state.phase.in;
    const heard = call.phase === "ringing" && call.rings.some((ring) => ring.status === "ringing");
    return heard ? "ringback" : null;
  }
  if (state.phase.kind === "joining") return null;
  return state.rings.some((ring) => !ring.silent) ? "ring" : null;
}

export function serverTime(state: State, now: number): number {
  return now + state.clockOffset;
}

// Coming in ----------------------------------------------------------------------------------------

function comeIn(before: State, request: Request, now: number): Step {
  const { phase } = before;
  // A second press, and a press in the conversation whose call this is, change nothing.
  if (phase.kind === "joining" && phase.request.conversationId === request.conversationId) return [before, []];
  if (phase.kind === "in" && phase.in.call.conversation_id === request.conversationId) return [before, []];

  const [left, effects] = leave(before, "call_leave");
  if (!left.online) {
    const after: Aftermath = { kind: "refused", request, code: "offline", message: "" };
    return [{ ...left, phase: { kind: "after", after } }, effects];
  }
  const attempt = left.attempts + 1;
  const devices: Devices = {
    ...NO_DEVICES,
    // Muted too, so that the first word after unmuting is heard and talking while muted is noticed.
    microphone: { kind: "starting" },
    camera: request.wanted.camera ? { kind: "starting" } : { kind: "off" },
  };
  effects.push({ kind: "set_muted", muted: !request.wanted.microphone }, { kind: "capture", device: "microphone" });
  if (request.wanted.camera) effects.push({ kind: "capture", device: "camera" });
  effects.push({ kind: "come_in", attempt, message: requestMessage(request) });
  return [{ ...left, attempts: attempt, phase: { kind: "joining", attempt, request, devices, since: now } }, effects];
}

function requestMessage(request: Request): ClientMessage {
  const state: ParticipantChange = { ...request.wanted, screen: false };
  return request.kind === "start"
    ? {
        kind: "call_start",
        conversation_id: request.conversationId,
        media: request.media,
        state,
        ring: request.ring,
        ring_many: request.ringMany,
      }
    : { kind: "call_join", call_id: request.callId, state, move_here: request.moveHere };
}

/** What the other device did, this one goes on with if it takes its place; beside it, it is muted. */
function comeInToo(state: State, moveHere: boolean, now: number): Step {
  if (state.phase.kind !== "after" || state.phase.after.kind !== "elsewhere") return [state, []];
  const { request, elsewhere } = state.phase.after;
  const { microphone, camera } = elsewhere;
  const wanted = moveHere ? { ...request.wanted, microphone, camera } : request.wanted;
  return comeIn({ ...state, phase: { kind: "idle" } }, { ...request, wanted, moveHere }, now);
}

function joined(state: State, attempt: number, answer: Joined, now: number): Step {
  if (state.phase.kind !== "joining" || state.phase.attempt !== attempt) {
    if (!state.abandoned.includes(attempt)) return [state, []];
    const message: ClientMessage = { kind: "call_leave", call_id: answer.call.id, peer_id: answer.peer_id };
    return [
      { ...state, abandoned: state.abandoned.filter((each) => each !== attempt) },
      [{ kind: "send", message }],
    ];
  }
  const { request, devices } = state.phase;
  const isSecond = others(answer.call, answer.peer_id).some((each) => each.user_id === state.me);
  const own: InCall = {
    peerId: answer.peer_id,
    call: answer.call,
    setup: answer.media,
    wanted: isSecond ? { ...request.wanted, microphone: false } : request.wanted,
    devices,
    legs: [],
    expected: [],
    unconfirmed: null,
    catchingUp: false,
    wasUp: false,
    silent: isSecond,
    moving:
      isSecond && request.kind === "join" && request.moveHere ? { microphone: request.wanted.microphone } : null,
    notices: [],
  };
  const clockOffset = answer.server_time - now;
  const [ready, opened] = takeCall(own, answer.call, { ...state, clockOffset }, now);
  const [corrected, changes] = correct(ready);
  return [
    {
      ...state,
      clockOffset,
      rings: removeRing(state.rings, answer.call.id),
      phase: { kind: "in", in: corrected },
    },
    [
      ...(isSecond ? [{ kind: "set_muted", muted: true } as const] : []),
      remember(corrected),
      ...opened,
      ...changes,
    ],
  ];
}

function joinFailed(state: State, event: Extract<Event, { kind: "join_failed" }>): Step {
  if (state.phase.kind !== "joining" || state.phase.attempt !== event.attempt) {
    return [{ ...state, abandoned: state.abandoned.filter((each) => each !== event.attempt) }, []];
  }
  const { code, message } = event;
  const after: Aftermath = { kind: "refused", request: state.phase.request, code, message };
  return [
    { ...state, phase: { kind: "after", after } },
    [...releaseAll(state.phase.devices), { kind: "forget" }],
  ];
}

function retry(state: State, now: number): Step {
  if (state.phase.kind !== "after") return [state, []];
  const { after } = state.phase;
  const idle: State = { ...state, phase: { kind: "idle" } };
  switch (after.kind) {
    case "unanswered":
      return step(idle, { kind: "start", conversationId: after.conversationId, media: after.media, ring: true }, now);
    case "refused": {
      const { request, code } = after;
      // Asked by now, the person means it.
      const meant = request.kind === "start" && code === "rings_many" ? { ...request, ringMany: true } : request;
      return comeIn(idle, meant, now);
    }
    case "detached": {
      const { request, reason } = after;
      return comeIn(idle, request.kind === "join" ? { ...request, moveHere: reason === "moved" } : request, now);
    }
    case "elsewhere":
      return [state, []];
  }
}

// Going --------------------------------------------------------------------------------------------

/** Devices and connections are shut first: nothing is sent of a person who has pressed leave. */
function leave(state: State, how: "call_leave" | "call_end_for_all"): Step {
  const { phase } = state;
  const idle: State = { ...state, memory: null, phase: { kind: "idle" } };
  switch (phase.kind) {
    case "idle":
    case "after":
      return [idle, []];
    case "joining":
      return [
        { ...idle, abandoned: [...state.abandoned, phase.attempt].slice(-ABANDONED_MAX) },
        [...releaseAll(phase.devices), { kind: "forget" }],
      ];
    case "in": {
      const { call, peerId } = phase.in;
      const message: ClientMessage =
        how === "call_leave"
          ? { kind: how, call_id: call.id, peer_id: peerId }
          : { kind: how, call_id: call.id };
      return [idle, [...shut(phase.in), { kind: "send", message }]];
    }
  }
}

function releaseAll(devices: Devices): Effect[] {
  return DEVICE_KINDS.flatMap((device): Effect[] =>
    devices[device].kind === "off" || devices[device].kind === "failed" ? [] : [{ kind: "release", device }],
  );
}

function shut(own: InCall): Effect[] {
  return [
    ...releaseAll(own.devices),
    ...own.legs.map((leg): Effect => ({ kind: "close_media", epoch: leg.epoch })),
    ...own.expected.map((partner): Effect => ({ kind: "drop_prepared", partner })),
    { kind: "forget" },
  ];
}

function detached(state: State, own: InCall, reason: DetachReason): Step {
  const request: Request = {
    kind: "join",
    conversationId: own.call.conversation_id,
    callId: own.call.id,
    media: own.call.media,
    wanted: { ...own.wanted, screen: false, hand: false },
    moveHere: false,
  };
  const phase: Phase =
    reason === "ended" ? { kind: "idle" } : { kind: "after", after: { kind: "detached", reason, request } };
  return [{ ...state, phase }, shut(own)];
}

// Own devices --------------------------------------------------------------------------------------

function toggle(state: State, device: DeviceKind, on: boolean): Step {
  if (state.phase.kind === "joining") {
    const { request, devices } = state.phase;
    if (device === "screen") return [state, []];
    const wanted = { ...request.wanted, [device]: on };
    const [nextDevices, effects] = drive(devices, wanted, device);
    return [{ ...state, phase: { ...state.phase, request: { ...request, wanted }, devices: nextDevices } }, effects];
  }
  return withIn(state, (own) => {
    const wanted = { ...own.wanted, [device]: on };
    const [devices, effects] = drive(own.devices, wanted, device);
    const notices = own.notices.filter((notice) => !(notice.kind === "device" && notice.device === device));
    const next = { ...own, wanted, devices, notices };
    // Others are told of a screen or a camera once there is one.
    const told = !on || devices[device].kind === "on";
    if (device === "microphone") effects.push({ kind: "sound", sound: on ? "unmuted" : "muted" });
    return [next, [...effects, ...(told ? change(own, { [device]: on }) : []), remember(next)]];
  });
}

/** What the device has to do so that it fits what is wanted. */
function drive(devices: Devices, wanted: Wanted, device: DeviceKind): [Devices, Effect[]] {
  const held = devices[device].kind === "on" || devices[device].kind === "starting";
  const effects: Effect[] = [];
  let next = devices[device];
  if (device === "microphone") effects.push({ kind: "set_muted", muted: !wanted.microphone });
  if (wanted[device] && !held) {
    effects.push({ kind: "capture", device });
    next = { kind: "starting" };
  } else if (!wanted[device] && device !== "microphone") {
    if (held) effects.push({ kind: "release", device });
    next = { kind: "off" };
  }
  return [{ ...devices, [device]: next }, effects];
}

function captured(state: State, device: DeviceKind): Step {
  if (state.phase.kind === "joining") {
    const { request, devices } = state.phase;
    if (device !== "microphone" && !request.wanted[device]) return [state, [{ kind: "release", device }]];
    return [{ ...state, phase: { ...state.phase, devices: { ...devices, [device]: { kind: "on" } } } }, []];
  }
  if (state.phase.kind !== "in") return [state, [{ kind: "release", device }]];
  return withIn(state, (own) => {
    if (device !== "microphone" && !own.wanted[device]) return [own, [{ kind: "release", device }]];
    return correct({ ...own, devices: { ...own.devices, [device]: { kind: "on" } } });
  });
}

function captureFailed(
  state: State,
  device: DeviceKind,
  problem: DeviceProblem | "cancelled",
  now: number,
): Step {
  const failed: Devices[DeviceKind] =
    problem === "cancelled" ? { kind: "off" } : { kind: "failed", problem };
  if (state.phase.kind === "joining") {
    const { request, devices } = state.phase;
    const wanted = { ...request.wanted, [device]: false };
    return [
      {
        ...state,
        phase: { ...state.phase, request: { ...request, wanted }, devices: { ...devices, [device]: failed } },
      },
      [],
    ];
  }
  return withIn(state, (own) => {
    const asked = own.wanted[device];
    const wanted = { ...own.wanted, [device]: false };
    let next: InCall = { ...own, wanted, devices: { ...own.devices, [device]: failed } };
    // A microphone that was only to listen for "you are muted and talking" is not missed.
    if (problem !== "cancelled" && asked) {
      next = withNotice(next, { kind: "device", device, problem, until: now + PROBLEM_MS });
    }
    const [corrected, changes] = correct(next);
    return [corrected, [...changes, remember(corrected)]];
  });
}

function raise(state: State, up: boolean): Step {
  return withIn(state, (own) => {
    const next = { ...own, wanted: { ...own.wanted, hand: up } };
    return [next, [...change(own, { hand: up }), remember(next)]];
  });
}

/** Tells the server where what it believes differs from what this page does. */
function correct(own: InCall): [InCall, Effect[]] {
  const known = participantOf(own.call, own.peerId);
  if (known === undefined) return [own, []];
  const does = {
    microphone: own.wanted.microphone && own.devices.microphone.kind !== "failed",
    camera: own.wanted.camera && own.devices.camera.kind === "on",
    screen: own.wanted.screen && own.devices.screen.kind === "on",
    hand: own.wanted.hand,
  };
  const starting = own.devices.camera.kind === "starting";
  const differs: Partial<ParticipantChange> = {};
  if (known.microphone.on !== does.microphone) differs.microphone = does.microphone;
  if (known.camera.on !== does.camera && !starting) differs.camera = does.camera;
  if (known.screen.on !== does.screen) differs.screen = does.screen;
  if ((known.hand_raised_at !== null) !== does.hand) differs.hand = does.hand;
  return [own, Object.keys(differs).length === 0 ? [] : change(own, differs)];
}

function change(own: InCall, part: Partial<ParticipantChange>): Effect[] {
  const whole: ParticipantChange = { microphone: null, camera: null, screen: null, hand: null, ...part };
  return [
    { kind: "send", message: { kind: "call_change", call_id: own.call.id, peer_id: own.peerId, change: whole } },
  ];
}

function remember(own: InCall): Effect {
  return {
    kind: "remember",
    memory: {
      callId: own.call.id,
      conversationId: own.call.conversation_id,
      media: own.call.media,
      wanted: own.wanted,
    },
  };
}

// What the server says -----------------------------------------------------------------------------

function message(state: State, message: ServerMessage, now: number): Step {
  switch (message.kind) {
    case "ping":
      return [{ ...state, clockOffset: message.server_time - now }, []];
    case "reply":
      return message.reply.kind === "welcome"
        ? [{ ...state, online: true, clockOffset: message.reply.welcome.server_time - now }, []]
        : [state, []];
    case "snapshot":
      return snapshot({ ...state, online: true }, message.snapshot, now);
    case "conversation": {
      const { id, kind } = message.conversation.conversation;
      return state.kinds[id] === kind ? [state, []] : [{ ...state, kinds: { ...state.kinds, [id]: kind } }, []];
    }
    case "call":
    case "call_participant":
    case "call_participant_left":
    case "call_ring":
      return withIn(state, (own) => push(own, message, state, now));
    case "call_ended":
      return ended(state, message.call.id, message, now);
    case "call_detached":
      return state.phase.kind === "in" && state.phase.in.peerId === message.peer_id
        ? detached(state, state.phase.in, message.reason)
        : [state, []];
    case "call_signal": {
      const { epoch, from, signal } = message;
      const effect: Effect = { kind: "signal", epoch, from, signal };
      const { preparing } = state;
      if (preparing?.kind === "ready" && preparing.callId === message.call_id && preparing.prepared.caller === from) {
        return [state, [effect]];
      }
      return withIn(state, (own) => {
        if (message.call_id !== own.call.id) return [own, []];
        if (signal.kind === "offer" && isExpected(own.call, own.expected, from, epoch)) {
          const { call, peerId, setup, expected } = own;
          const partner = from;
          const prepare: Effect = { kind: "prepare_media", callId: call.id, peerId, partner, epoch, offers: false, setup, quiet: false };
          return [{ ...own, expected: [...expected, from] }, [prepare, effect]];
        }
        // Of a session we have not heard of yet: the signal is kept by the connections' owner.
        const behind = message.epoch > own.call.session.epoch && !own.catchingUp;
        return behind
          ? [{ ...own, catchingUp: true }, [effect, { kind: "get_call", callId: own.call.id }]]
          : [own, [effect]];
      });
    }
    case "ring": {
      if (isComingIn(state, message.ring.call_id)) return [state, []];
      const { rings, shown } = addRing(state.rings, message.ring, serverTime(state, now));
      return [{ ...state, rings }, shown.map(acknowledge)];
    }
    case "ring_stopped":
      return [{ ...state, rings: removeRing(state.rings, message.call_id) }, []];
    case "signed_out": {
      const [next, effects] = leave(state, "call_leave");
      return [{ ...next, rings: [], online: false }, effects.filter((effect) => effect.kind !== "send")];
    }
    case "failed":
    case "resumed":
    case "resync":
    case "going_away":
    case "entry":
    case "conversation_gone":
    case "read":
    case "typing":
    case "me":
    case "user":
    case "presence":
    case "availability":
    case "call_speaking":
    case "missed_calls":
      return [state, []];
    // The wire only grows: what is not known yet is left alone.
    default:
      return [state, []];
  }
}

function isComingIn(state: State, callId: CallId): boolean {
  if (state.phase.kind === "in") return state.phase.in.call.id === callId;
  return (
    state.phase.kind === "joining" && state.phase.request.kind === "join" && state.phase.request.callId === callId
  );
}

function acknowledge(callId: CallId): Effect {
  return { kind: "send", message: { kind: "ring_acknowledge", call_id: callId } };
}

/** The socket is new, or new again: everything is as the snapshot says. */
function snapshot(state: State, snapshot: Snapshot, now: number): Step {
  const kinds: Record<ConversationId, ConversationKind> = {};
  for (const { conversation } of snapshot.conversations) kinds[conversation.id] = conversation.kind;
  const coming = snapshot.rings.filter((ring) => !isComingIn(state, ring.call_id));
  const { rings, shown } = replaceRings(coming, serverTime(state, now));
  const fresh: State = { ...state, me: snapshot.me.user.id, kinds, rings, memory: null };
  const effects = shown.map(acknowledge);

  if (state.phase.kind === "in") {
    const own = state.phase.in;
    const call = snapshot.calls.find((each) => each.id === own.call.id);
    if (call === undefined) return [{ ...fresh, phase: { kind: "idle" } }, [...shut(own), ...effects]];
    if (participantOf(call, own.peerId) === undefined) {
      const [next, more] = detached(fresh, own, "lost");
      return [next, [...more, ...effects]];
    }
    const [taken, opened] = takeCall({ ...own, catchingUp: false, legs: legsOnline(own.legs, now) }, call, fresh, now);
    const [corrected, changes] = correct(taken);
    // A new socket alone does not bring a participant back: its page has to say that it is there.
    const { epoch } = call.session;
    const isUp = corrected.legs.some((leg) => leg.epoch === epoch && leg.state.kind === "up");
    const there = report(corrected, epoch, isUp);
    return [{ ...fresh, phase: { kind: "in", in: corrected } }, [...effects, there, ...opened, ...changes]];
  }
  const { memory } = state;
  const live = memory !== null && snapshot.calls.some((call) => call.id === memory.callId);
  if (memory !== null && live && fresh.phase.kind === "idle") {
    const { callId, conversationId, media } = memory;
    const wanted = { ...memory.wanted, screen: false };
    const [next, more] = comeIn(fresh, { kind: "join", callId, conversationId, media, wanted, moveHere: false }, now);
    return [next, [...effects, ...more]];
  }
  return [fresh, memory === null ? effects : [...effects, { kind: "forget" }]];
}

function push(own: InCall, push: CallPush, state: State, now: number): [InCall, Effect[]] {
  if (callOf(push) !== own.call.id) return [own, []];
  const { call, gap } = applyPush(own.call, push);
  if (gap) {
    return own.catchingUp ? [own, []] : [{ ...own, catchingUp: true }, [{ kind: "get_call", callId: own.call.id }]];
  }
  return takeCall(own, call, state, now);
}

/** Takes the call as it is now: says who came and went, and moves the media where it belongs. */
function takeCall(before: InCall, call: CallState, state: State, now: number): [InCall, Effect[]] {
  if (call !== before.call && call.version < before.call.version) return [before, []];
  const effects: Effect[] = [];
  let own: InCall = { ...before, call };
  const quiet = call.participants.length > SOUND_PEOPLE_MAX;
  for (const one of others(call, own.peerId)) {
    const was = before.call.participants.find((each) => each.user_id === one.user_id);
    if (was === undefined) {
      own = withNotice(own, { kind: "joined", userId: one.user_id, until: now + NOTICE_MS });
      if (!quiet) effects.push({ kind: "sound", sound: "joined" });
    } else if (was.hand_raised_at === null && one.hand_raised_at !== null && before.call !== call) {
      own = withNotice(own, { kind: "hand", userId: one.user_id, until: now + NOTICE_MS });
      if (!quiet) effects.push({ kind: "sound", sound: "hand" });
    }
  }
  // The other device has gone: this one speaks for the person now.
  if (own.silent && !others(call, own.peerId).some((each) => each.user_id === state.me)) {
    const speaks = own.moving?.microphone === true && !own.wanted.microphone;
    own = { ...own, silent: false, moving: null };
    if (speaks) {
      const wanted = { ...own.wanted, microphone: true };
      const [devices, driven] = drive(own.devices, wanted, "microphone");
      own = { ...own, wanted, devices };
      effects.push(...driven, ...change(own, { microphone: true }), remember(own));
    }
  }
  for (const one of others(before.call, own.peerId)) {
    if (one.user_id === state.me || call.participants.some((each) => each.user_id === one.user_id)) continue;
    own = withNotice(own, { kind: "left", userId: one.user_id, until: now + NOTICE_MS });
    if (!quiet) effects.push({ kind: "sound", sound: "left" });
  }
  const [obeying, closed] = obey(own, before.call, now);
  const context = { call, peerId: own.peerId, setup: own.setup };
  const [legs, opened] = reconcile(own.legs, context, now);
  // Over the connection of whoever has answered the call goes on; the others' are of no use.
  const isOver = call.phase !== "ringing" || call.session.mode !== "direct";
  const expected = isOver ? [] : own.expected;
  const dropped = isOver ? own.expected.map((partner): Effect => ({ kind: "drop_prepared", partner })) : [];
  const unconfirmed = isOver ? null : own.unconfirmed;
  return [{ ...obeying, legs, expected, unconfirmed }, [...effects, ...closed, ...carryOut(own, opened), ...dropped]];
}

/** Closes what a host has turned off. It stays so until its owner turns it on again. */
function obey(before: InCall, call: CallState, now: number): [InCall, Effect[]] {
  const known = participantOf(before.call, before.peerId);
  if (known === undefined) return [before, []];
  const was = call === before.call ? undefined : participantOf(call, before.peerId);
  const effects: Effect[] = [];
  let own = before;
  for (const device of ["microphone", "screen"] as const) {
    const { on, by, since } = known[device];
    const isNews = was === undefined || was[device].on || was[device].since !== since;
    if (on || by === null || !isNews || !own.wanted[device]) continue;
    const wanted = { ...own.wanted, [device]: false };
    const [devices, driven] = drive(own.devices, wanted, device);
    own = withNotice({ ...own, wanted, devices }, { kind: "turned_off", device, by, until: now + PROBLEM_MS });
    effects.push(...driven, ...(device === "microphone" ? [{ kind: "sound", sound: "muted" } as const] : []));
  }
  if (own.wanted.hand && was !== undefined && was.hand_raised_at !== null && known.hand_raised_at === null) {
    own = { ...own, wanted: { ...own.wanted, hand: false } };
  }
  return own === before ? [own, []] : [own, [...effects, remember(own)]];
}

function ended(
  state: State,
  callId: CallId,
  { call }: Extract<ServerMessage, { kind: "call_ended" }>,
  now: number,
): Step {
  const rings = removeRing(state.rings, callId);
  const { phase: before } = state;
  if (before.kind === "after" && before.after.kind === "elsewhere" && before.after.request.callId === callId) {
    return [{ ...state, rings, phase: { kind: "idle" } }, []];
  }
  if (before.kind !== "in" || before.in.call.id !== callId) {
    return rings === state.rings ? [state, []] : [{ ...state, rings }, []];
  }
  const own = before.in;
  const unanswered = call.answered_at === null && call.started_by === state.me;
  let phase: Phase = { kind: "idle" };
  const reason = call.end_reason;
  switch (reason) {
    case "declined":
    case "no_answer":
    case "busy":
      if (unanswered) {
        phase = {
          kind: "after",
          after: {
            kind: "unanswered",
            conversationId: call.conversation_id,
            media: call.media,
            reason,
            rings: own.call.rings,
            startedAt: call.started_at,
            endedAt: call.ended_at ?? serverTime(state, now),
          },
        };
      }
      break;
    case "left":
    case "ended_for_all":
    case "cancelled":
    case "connection_lost":
    case "alone":
    case "moved":
    case null:
      break;
  }
  return [{ ...state, rings, phase }, shut(own)];
}

// Media --------------------------------------------------------------------------------------------

function mediaNews(own: InCall, epoch: number, news: LegNews, now: number): [InCall, Effect[]] {
  const before = own.legs.find((leg) => leg.epoch === epoch)?.state;
  const [legs, effects] = legNews(own.legs, epoch, news, now);
  let next: InCall = { ...own, legs, wasUp: own.wasUp || news === "up" };
  if (news === "up" && before?.kind === "down") {
    next = withNotice(next, { kind: "was_lost", ms: now - before.since, until: now + NOTICE_MS });
  }
  return [next, carryOut(own, effects)];
}

function carryOut(own: InCall, effects: MediaEffect[]): Effect[] {
  return effects.map((effect): Effect =>
    effect.kind === "report_media" ? report(own, effect.epoch, effect.connected) : effect,
  );
}

function report(own: InCall, epoch: number, connected: boolean): Effect {
  const message: ClientMessage = {
    kind: "call_media_state",
    call_id: own.call.id,
    peer_id: own.peerId,
    epoch,
    connected,
  };
  return { kind: "send", message };
}

// Time ---------------------------------------------------------------------------------------------

function timer(state: State, now: number): Step {
  const rings = expireRings(state.rings, serverTime(state, now));
  const next = rings === state.rings ? state : { ...state, rings };
  if (next.phase.kind === "joining" && next.phase.since + JOINING_MS <= now) {
    const { attempt } = next.phase;
    const [failed, effects] = step(
      next,
      { kind: "join_failed", attempt, code: next.online ? "unavailable" : "offline", message: "" },
      now,
    );
    return [{ ...failed, abandoned: [...failed.abandoned, attempt].slice(-ABANDONED_MAX) }, effects];
  }
  return withIn(next, (own) => {
    const [legs, effects] = legTimer(own.legs, now);
    const notices = own.notices.some((notice) => notice.until <= now)
      ? own.notices.filter((notice) => notice.until > now)
      : own.notices;
    const { unconfirmed } = own;
    if (unconfirmed !== null && unconfirmed.until <= now) {
      const dropped: Effect = { kind: "drop_prepared", partner: unconfirmed.peerId };
      return [{ ...own, legs, notices, unconfirmed: null }, [...carryOut(own, effects), dropped]];
    }
    const still = effects.length === 0 && notices === own.notices;
    return still ? [own, []] : [{ ...own, legs, notices }, carryOut(own, effects)];
  });
}

function withNotice(own: InCall, notice: Notice): InCall {
  return { ...own, notices: [...own.notices, notice].slice(-NOTICES_MAX) };
}

function withIn(state: State, change: (own: InCall) => [InCall, Effect[]]): Step {
  if (state.phase.kind !== "in") return [state, []];
  const [own, effects] = change(state.phase.in);
  return own === state.phase.in ? [state, effects] : [{ ...state, phase: { kind: "in", in: own } }, effects];
}
