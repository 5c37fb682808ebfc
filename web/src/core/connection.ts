/**
 * Whether the socket is there, and when to try again: pauses grow and are scattered, so that a
 * server that comes back is not met by everybody at once.
 */
import type { Timestamp } from "../protocol/generated";

export type Connection =
  | { kind: "idle" }
  | { kind: "connecting"; attempt: number; lostAt: Timestamp | null }
  | { kind: "online"; since: Timestamp }
  | { kind: "waiting"; attempt: number; lostAt: Timestamp; nextAt: Timestamp }
  /** The device says it has no network. */
  | { kind: "offline"; lostAt: Timestamp }
  | { kind: "signed_out" };

export type ConnectionEvent =
  | { kind: "start" }
  | { kind: "welcomed"; now: Timestamp }
  /** `jitter` is from 0 to 1; `retryAfter` is what the server asked for. */
  | { kind: "closed"; now: Timestamp; jitter: number; retryAfter: number | null }
  | { kind: "due" }
  | { kind: "try_now" }
  | { kind: "network_lost"; now: Timestamp }
  | { kind: "network_back" }
  | { kind: "signed_out" }
  | { kind: "stop" };

export type ConnectionEffect =
  | { kind: "open" }
  | { kind: "close" }
  | { kind: "wake_at"; at: Timestamp }
  | { kind: "cancel_wake" };

const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 20_000;

export const IDLE: Connection = { kind: "idle" };

export function step(state: Connection, event: ConnectionEvent): [Connection, ConnectionEffect[]] {
  switch (event.kind) {
    case "start":
      if (state.kind !== "idle" && state.kind !== "signed_out") return [state, []];
      return [{ kind: "connecting", attempt: 1, lostAt: null }, [{ kind: "open" }]];
    case "welcomed":
      if (state.kind !== "connecting") return [state, []];
      return [{ kind: "online", since: event.now }, []];
    case "closed": {
      if (state.kind !== "connecting" && state.kind !== "online") return [state, []];
      const attempt = state.kind === "online" ? 1 : state.attempt + 1;
      const lostAt = state.kind === "online" ? event.now : (state.lostAt ?? event.now);
      const nextAt = event.now + (event.retryAfter ?? pause(attempt, event.jitter));
      return [{ kind: "waiting", attempt, lostAt, nextAt }, [{ kind: "wake_at", at: nextAt }]];
    }
    case "due":
    case "try_now":
      if (state.kind !== "waiting") return [state, []];
      return [
        { kind: "connecting", attempt: state.attempt, lostAt: state.lostAt },
        [{ kind: "cancel_wake" }, { kind: "open" }],
      ];
    case "network_lost":
      switch (state.kind) {
        case "connecting":
        case "waiting":
          return [
            { kind: "offline", lostAt: state.lostAt ?? event.now },
            [{ kind: "cancel_wake" }, { kind: "close" }],
          ];
        // The socket may outlive what the device believes: its heartbeat decides.
        case "online":
        case "idle":
        case "offline":
        case "signed_out":
          return [state, []];
      }
      break;
    case "network_back":
      if (state.kind === "offline" || state.kind === "waiting") {
        return [
          { kind: "connecting", attempt: 1, lostAt: state.lostAt },
          [{ kind: "cancel_wake" }, { kind: "open" }],
        ];
      }
      return [state, []];
    case "signed_out":
      return [{ kind: "signed_out" }, [{ kind: "cancel_wake" }, { kind: "close" }]];
    case "stop":
      return [{ kind: "idle" }, [{ kind: "cancel_wake" }, { kind: "close" }]];
  }
  return [state, []];
}

/** Half of the pause is fixed, half is scattered. */
function pause(attempt: number, jitter: number): number {
  const full = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * jitter);
}

/** How far the server's clock is ahead, from the time it said and when it was heard. */
export class Clock {
  private offset = 0;
  private best = Infinity;

  constructor(private readonly local: () => number) {}

  now(): Timestamp {
    return this.local() + this.offset;
  }

  /**
   * The least delay seen is nearest to the truth; a larger one only moves the clock when it drifts
   * by more than a second.
   */
  heard(serverTime: Timestamp): void {
    const offset = serverTime - this.local();
    const delay = this.offset - offset;
    if (this.best === Infinity || delay < 0 || delay > 1_000) {
      this.offset = offset;
      this.best = 0;
    }
  }
}
