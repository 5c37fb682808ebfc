/**
 * Which media connections there should be. A leg is the connection of one epoch. When the call moves,
 * the next leg comes up while the old one goes on carrying. Once the new one carries everything here,
 * the old one goes on sending for a little while, since the others may not be as far; after five
 * seconds it goes in any case.
 */
import {
  HANDOVER_MS,
  type CallId,
  type CallState,
  type MediaMode,
  type MediaSetup,
  type PeerId,
} from "../protocol/generated";
import { others, participantOf } from "./live";

export type LegState =
  | { kind: "connecting"; since: number }
  | { kind: "up"; since: number }
  | { kind: "down"; since: number };

export type Leg = {
  epoch: number;
  mode: MediaMode;
  /** The other browser of a direct leg; null for the media node. */
  partner: PeerId | null;
  /** Whether this side makes the offers. */
  offers: boolean;
  state: LegState;
  /** Starts over since it was last up. */
  tries: number;
  /** When to start over; null while there is nothing to mend. */
  retryAt: number | null;
  /** Being replaced: gone by then. Null for the current one. */
  dropAt: number | null;
  /** Everything its predecessor carried has come over it. */
  carries: boolean;
};

export type MediaEffect =
  | {
      kind: "open_media";
      callId: CallId;
      peerId: PeerId;
      epoch: number;
      mode: MediaMode;
      partner: PeerId | null;
      offers: boolean;
      setup: MediaSetup;
    }
  | { kind: "restart_media"; epoch: number }
  | { kind: "close_media"; epoch: number }
  | { kind: "report_media"; epoch: number; connected: boolean };

/**
 * It goes on sending for this long after its successor carries everything here. Shorter, and whoever
 * connects later than this loses sound and picture for a moment; longer, and a narrow uplink carries
 * both for longer.
 */
const LINGER_MS = 2_000;
/** A connection often mends itself within this. */
const DISCONNECTED_MS = 2_500;
/** No connection by then counts as failed. */
const CONNECTING_MS = 8_000;
const RETRIES_MS = [1_000, 2_000, 4_000, 8_000];

type Context = {
  call: CallState;
  peerId: PeerId;
  setup: MediaSetup;
};

type Stepped = [Leg[], MediaEffect[]];

/**
 * Of two browsers in a direct call the one that came later offers. Ids sort by creation and a page that
 * reloads comes back with a new one, so it offers to whoever is there.
 */
function isLater(own: PeerId, other: PeerId): boolean {
  return own > other;
}

/** Opens and closes legs until they are what the call's session asks for. */
export function reconcile(legs: Leg[], context: Context, now: number): Stepped {
  const { call, peerId, setup } = context;
  const own = participantOf(call, peerId);
  const partner = call.session.mode === "direct" ? others(call, peerId)[0] : undefined;
  const wanted = own !== undefined && (call.session.mode === "forwarded" || partner !== undefined);
  const partnerId = partner?.peer_id ?? null;

  const effects: MediaEffect[] = [];
  const close = (leg: Leg): false => {
    effects.push({ kind: "close_media", epoch: leg.epoch });
    return false;
  };
  const current = legs.find((leg) => leg.epoch === call.session.epoch);
  const keep = wanted && current?.partner === partnerId && current.mode === call.session.mode;
  const kept = legs.flatMap((leg): Leg[] => {
    if (leg.epoch > call.session.epoch) return [leg];
    if (leg === current) return keep ? [leg] : (close(leg), []);
    // Old: it overlaps only while it carries and something is to come.
    if (!wanted || leg.state.kind !== "up") return (close(leg), []);
    return [{ ...leg, retryAt: null, dropAt: leg.dropAt ?? now + HANDOVER_MS }];
  });
  if (!wanted || keep) return [kept, effects];

  const offers = partnerId === null || isLater(peerId, partnerId);
  const leg: Leg = {
    epoch: call.session.epoch,
    mode: call.session.mode,
    partner: partnerId,
    offers,
    state: { kind: "connecting", since: now },
    tries: 0,
    retryAt: offers ? now + CONNECTING_MS : null,
    dropAt: null,
    carries: false,
  };
  effects.push({
    kind: "open_media",
    callId: call.id,
    peerId,
    epoch: leg.epoch,
    mode: leg.mode,
    partner: leg.partner,
    offers,
    setup,
  });
  return [[...kept, leg], effects];
}

/** With `carries`, whatever its predecessor brought comes over it by now. */
export type LegNews = "up" | "interrupted" | "failed" | "carries";

/** What a connection said about itself. */
export function legNews(legs: Leg[], epoch: number, news: LegNews, now: number): Stepped {
  const leg = legs.find((each) => each.epoch === epoch);
  if (leg === undefined) return [legs, []];
  const effects: MediaEffect[] = [];
  let next: Leg = leg;
  switch (news) {
    case "up":
      // While the old one goes on, the server hears of the new one when that brings everything.
      if (leg.state.kind !== "up" && !isSuccessor(legs, leg)) effects.push({ kind: "report_media", epoch, connected: true });
      next = { ...leg, state: { kind: "up", since: now }, tries: 0, retryAt: null };
      break;
    case "interrupted":
    case "failed": {
      // An old leg is not mended: its successor is on the way.
      if (leg.dropAt !== null) {
        const left = legs.filter((each) => each !== leg);
        return [left, [{ kind: "close_media", epoch }, ...reportHeirs(legs, left)]];
      }
      if (leg.state.kind === "up") effects.push({ kind: "report_media", epoch, connected: false });
      const pause =
        news === "interrupted"
          ? DISCONNECTED_MS
          : leg.tries === 0
            ? 0
            : (RETRIES_MS[Math.min(leg.tries, RETRIES_MS.length) - 1] ?? 0);
      const at = now + pause;
      next = {
        ...leg,
        state: leg.state.kind === "up" ? { kind: "down", since: now } : leg.state,
        // The side that answers waits for the next offer.
        retryAt: !leg.offers ? null : leg.retryAt === null ? at : Math.min(at, leg.retryAt),
      };
      break;
    }
    case "carries": {
      const soon = now + LINGER_MS;
      const linger = (old: Leg): Leg => ({ ...old, dropAt: Math.min(old.dropAt ?? soon, soon) });
      const lingering = legs.map((each) => (each === leg ? { ...leg, carries: true } : each.epoch < epoch ? linger(each) : each));
      return [lingering, leg.carries ? [] : [{ kind: "report_media", epoch, connected: true }]];
    }
  }
  return [legs.map((each) => (each === leg ? next : each)), effects];
}

/** Starts over what is due, and drops what has been replaced for long enough. */
export function legTimer(legs: Leg[], now: number): Stepped {
  const effects: MediaEffect[] = [];
  const next = legs.flatMap((leg): Leg[] => {
    if (leg.dropAt !== null && leg.dropAt <= now) {
      effects.push({ kind: "close_media", epoch: leg.epoch });
      return [];
    }
    if (leg.retryAt === null || leg.retryAt > now) return [leg];
    effects.push({ kind: "restart_media", epoch: leg.epoch });
    const pause = RETRIES_MS[Math.min(leg.tries, RETRIES_MS.length - 1)] ?? 0;
    return [{ ...leg, tries: leg.tries + 1, retryAt: now + Math.max(pause, 2_000) }];
  });
  return [next, [...effects, ...reportHeirs(legs, next)]];
}

/** Whether an old one still goes on while this one does not bring everything. */
function isSuccessor(legs: readonly Leg[], leg: Leg): boolean {
  return !leg.carries && legs.some((each) => each.epoch < leg.epoch);
}

/** Those that are up and have nobody before them any more are all there is: the server hears of them. */
function reportHeirs(before: readonly Leg[], after: readonly Leg[]): MediaEffect[] {
  const heirs = after.filter((leg) => leg.state.kind === "up" && isSuccessor(before, leg) && !isSuccessor(after, leg));
  return heirs.map((leg) => ({ kind: "report_media", epoch: leg.epoch, connected: true }));
}

/** The socket is back: whatever is down is tried at once. */
export function legsOnline(legs: Leg[], now: number): Leg[] {
  return legs.map((leg) => (leg.retryAt === null ? leg : { ...leg, retryAt: now }));
}

/** The leg that carries what is seen and heard: one being replaced goes on until its successor does. */
export function carrying(legs: readonly Leg[]): Leg | undefined {
  const oldestFirst = [...legs].sort((a, b) => a.epoch - b.epoch);
  return (
    oldestFirst.findLast((leg) => leg.carries) ?? oldestFirst.find((leg) => leg.state.kind === "up") ?? oldestFirst.at(-1)
  );
}

export function legDeadline(legs: Leg[]): number | null {
  const times = legs.flatMap((leg) => [leg.retryAt, leg.dropAt]).filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}
