/** Calls that want an answer on this device, and what somebody who calls is told. */
import type { CallId, Ring, RingState, RingStatus } from "../protocol/generated";

export type Rings = {
  rings: Ring[];
  /** Rings to be told to the server as shown. */
  shown: CallId[];
};

/** A ring comes in, or comes again after the socket was away. */
export function addRing(rings: Ring[], ring: Ring, serverNow: number): Rings {
  if (ring.expires_at <= serverNow) return { rings: removeRing(rings, ring.call_id), shown: [] };
  return { rings: [...removeRing(rings, ring.call_id), ring], shown: [ring.call_id] };
}

/** What the server says rings, whole. */
export function replaceRings(all: Ring[], serverNow: number): Rings {
  const rings = all.filter((ring) => ring.expires_at > serverNow);
  return { rings, shown: rings.map((ring) => ring.call_id) };
}

export function removeRing(rings: Ring[], callId: CallId): Ring[] {
  return rings.some((ring) => ring.call_id === callId) ? rings.filter((ring) => ring.call_id !== callId) : rings;
}

/** Even without a network a ring ends by the clock. */
export function expireRings(rings: Ring[], serverNow: number): Ring[] {
  return rings.some((ring) => ring.expires_at <= serverNow)
    ? rings.filter((ring) => ring.expires_at > serverNow)
    : rings;
}

/** What a caller is told, one line for everybody rung. */
export type Truth =
  | { kind: "calling" }
  | { kind: "ringing"; devices: number }
  | { kind: "notified"; at: number }
  | { kind: "offline"; at: number }
  | { kind: "busy" }
  /** It is outside their working hours: devices show it and make no sound. */
  | { kind: "off_hours" }
  /** Called over and over: the same. */
  | { kind: "quiet" }
  | { kind: "do_not_disturb" }
  | { kind: "answered" }
  | { kind: "declined" }
  | { kind: "no_answer" }
  /** The call rings nobody: whoever wants comes in. */
  | { kind: "waiting" };

const STRENGTH: Record<RingStatus, number> = {
  answered: 9,
  ringing: 8,
  busy: 7,
  calling: 6,
  notified: 5,
  off_hours: 4.6,
  quiet: 4.5,
  do_not_disturb: 4,
  offline: 3,
  no_answer: 2,
  declined: 1,
};

/** The most hopeful fact known. */
export function truthOf(rings: RingState[]): Truth {
  const [best] = [...rings].sort((a, b) => STRENGTH[b.status] - STRENGTH[a.status]);
  if (best === undefined) return { kind: "waiting" };
  switch (best.status) {
    case "ringing":
      return {
        kind: "ringing",
        devices: rings.reduce((sum, ring) => sum + (ring.status === "ringing" ? ring.devices : 0), 0),
      };
    case "notified":
    case "offline":
      return { kind: best.status, at: best.since };
    case "calling":
    case "busy":
    case "off_hours":
    case "quiet":
    case "do_not_disturb":
    case "answered":
    case "declined":
    case "no_answer":
      return { kind: best.status };
  }
}
