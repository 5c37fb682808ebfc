/** Why a tile gets less than it asks for, as a fact with its number. */
import type { LimitReason } from "../protocol/generated";

export type Received = {
  /** Rows of the picture that comes; null while none does. */
  heightPx: number | null;
  reason: LimitReason | null;
};

/** What is said on the tile. */
export type Shortfall =
  | { kind: "your_connection"; heightPx: number | null }
  | { kind: "their_upload"; heightPx: number | null };

/** Nothing is said when the picture is as large as its tile, or is about to be. */
export function shortfallOf(received: Received | undefined): Shortfall | null {
  if (received === undefined) return null;
  switch (received.reason) {
    case "your_connection":
    case "their_upload":
      return { kind: received.reason, heightPx: received.heightPx };
    case "switching":
    case "off":
    case null:
      return null;
  }
}

/** Lit bars of four. */
export function barsOf(heightPx: number | null): 0 | 1 | 2 | 3 | 4 {
  if (heightPx === null) return 0;
  if (heightPx < 240) return 1;
  if (heightPx < 480) return 2;
  if (heightPx < 720) return 3;
  return 4;
}

/** What one look at a direct connection's statistics says of the way to us. */
export type PathSample = { packetsReceived: number; packetsLost: number };

/** More loss than this on our side of a direct connection is named as the reason. */
const LOSS_SHOWN = 0.04;
const PACKETS_MIN = 50;

export function isLossy(before: PathSample, now: PathSample): boolean {
  const received = now.packetsReceived - before.packetsReceived;
  const lost = now.packetsLost - before.packetsLost;
  return received + lost >= PACKETS_MIN && lost / (received + lost) > LOSS_SHOWN;
}
