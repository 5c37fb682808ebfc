/** Rings and ringback: when they sound, and in which of a browser's tabs. */
import { Store } from "../../core/store";
import { audioContext, isKeptSilent } from "./audio";
import { strikeRing, strikeRingback, type BreakOff } from "./sounds";

const RING_EVERY_MS = 3_000;
/** The ring grows to its full volume over this. */
const RING_RISE_MS = 6_000;
const RINGBACK_EVERY_MS = 3_000;
/** Long enough for the ring to have grown. */
const TRIAL_MS = 9_000;
/** How often a page that may make no sound looks whether it may now. A press is heard of at once. */
const LOOK_MS = 500;
/** Held by the tab that rings. Its other holders wait behind it. */
const LOCK = "connect.ring";

export type Sounding = {
  /** A ring should sound, the browser lets no page of this browser make it, and a press would help. */
  isKeptSilent: boolean;
  /** The ring is being tried out. */
  isTrial: boolean;
};

export class Ringer {
  readonly sounding = new Store<Sounding>({ isKeptSilent: false, isTrial: false });
  private current: "ring" | "ringback" | null = null;
  private stopCurrent: () => void = () => undefined;

  set(sound: "ring" | "ringback" | null): void {
    if (sound === this.current) return;
    this.current = sound;
    this.stop();
    switch (sound) {
      case "ring":
        void this.ring(this.begin());
        break;
      // The caller's tab is the only one with that call.
      case "ringback":
        void strokes(strikeRingback, RINGBACK_EVERY_MS, this.begin());
        break;
      case null:
        break;
    }
  }

  /** Lets the person hear a ring, for some seconds. A real one takes its place. */
  beginTrial(): void {
    if (this.current !== null) return;
    this.stop();
    const signal = this.begin();
    this.tell({ isTrial: true });
    void strokes(grown(), RING_EVERY_MS, signal);
    const timer = setTimeout(() => this.endTrial(), TRIAL_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      this.tell({ isTrial: false });
    });
  }

  endTrial(): void {
    if (this.sounding.state.isTrial) this.stop();
  }

  /** Somebody wants to hear it: within a press, the browser lets them. */
  allow(): void {
    audioContext();
  }

  /** Given when what begins now has to stop. */
  private begin(): AbortSignal {
    const stopping = new AbortController();
    this.stopCurrent = () => stopping.abort();
    return stopping.signal;
  }

  private stop(): void {
    this.stopCurrent();
    this.stopCurrent = () => undefined;
  }

  private tell(change: Partial<Sounding>): void {
    const next = { ...this.sounding.state, ...change };
    const { isKeptSilent, isTrial } = this.sounding.state;
    if (next.isKeptSilent !== isKeptSilent || next.isTrial !== isTrial) this.sounding.set(next);
  }

  /** A tab that may make no sound leaves the ring to one that may. */
  private async ring(signal: AbortSignal): Promise<void> {
    const audio = audioContext();
    if (audio === null) return;
    await this.mayBeHeard(audio, signal);
    if (signal.aborted) return;
    const play = (): Promise<void> => strokes(grown(), RING_EVERY_MS, signal);
    if (!("locks" in navigator)) await play();
    else await navigator.locks.request(LOCK, { signal }, play).catch(() => undefined);
  }

  private mayBeHeard(audio: AudioContext, signal: AbortSignal): Promise<void> {
    return new Promise((decided) => {
      const look = (): void => {
        audioContext();
        if (audio.state === "running") end();
        else {
          void ringsElsewhere().then((elsewhere) => {
            if (!signal.aborted && audio.state !== "running") {
              this.tell({ isKeptSilent: isKeptSilent(audio) && !elsewhere });
            }
          });
        }
      };
      const end = (): void => {
        clearInterval(timer);
        audio.removeEventListener("statechange", look);
        signal.removeEventListener("abort", end);
        this.tell({ isKeptSilent: false });
        decided();
      };
      const timer = setInterval(look, LOOK_MS);
      audio.addEventListener("statechange", look);
      signal.addEventListener("abort", end);
      if (audio.state === "running") end();
    });
  }
}

/** Whether another tab of this browser rings. */
async function ringsElsewhere(): Promise<boolean> {
  if (!("locks" in navigator)) return false;
  const { held } = await navigator.locks.query();
  return held?.some((lock) => lock.name === LOCK) ?? false;
}

/** Strokes of a ring that begins now, each as loud as the ring has grown. */
function grown(): () => BreakOff {
  const began = performance.now();
  return () => strikeRing(Math.min(1, (performance.now() - began) / RING_RISE_MS));
}

/** One stroke now and more after it, until stopped. */
function strokes(strike: () => BreakOff, everyMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((stopped) => {
    if (signal.aborted) {
      stopped();
      return;
    }
    let breakOff = strike();
    const again = (): void => {
      breakOff = strike();
    };
    const timer = setInterval(again, everyMs);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      breakOff();
      stopped();
    });
  });
}
