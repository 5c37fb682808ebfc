/** The sounds of calls, made here: nothing is loaded, so nothing can be missing when it rings. */
import type { Sound } from "../../call";
import { audioContext } from "./audio";

const RING_EVERY_MS = 3_000;
/** The ring grows to its full volume over this. */
const RING_RISE_MS = 6_000;
const RINGBACK_EVERY_MS = 3_000;
const LOCK = "connect.ring";

/** A soft wooden tone: a fundamental with a short, higher knock. */
function knock(audio: AudioContext, hertz: number, at: number, volume: number, seconds = 0.5): void {
  for (const [factor, share, length] of [
    [1, 1, seconds],
    [3.93, 0.28, seconds * 0.28],
  ] as const) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.type = "sine";
    tone.frequency.value = hertz * factor;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(volume * share, at + 0.006);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length + 0.02);
  }
}

function now(audio: AudioContext): number {
  return audio.currentTime + 0.01;
}

export function playSound(sound: Sound): void {
  const audio = audioContext();
  if (audio?.state !== "running") return;
  switch (sound) {
    case "joined":
      knock(audio, 294, now(audio), 0.12);
      break;
    case "left":
      knock(audio, 220, now(audio), 0.1);
      break;
    case "muted":
      knock(audio, 330, now(audio), 0.05, 0.12);
      break;
    case "unmuted":
      knock(audio, 440, now(audio), 0.05, 0.12);
      break;
    case "hand":
      knock(audio, 587, now(audio), 0.08, 0.3);
      break;
  }
}

/** A tone to find out whether the speaker works. */
export function playTone(speakerId: string): void {
  const audio = audioContext();
  if (audio === null) return;
  if ("setSinkId" in audio && typeof audio.setSinkId === "function") {
    void (audio.setSinkId as (id: string) => Promise<void>)(speakerId).catch(() => undefined);
  }
  knock(audio, 440, now(audio), 0.2);
  knock(audio, 587, now(audio) + 0.22, 0.2);
}

/** Rings, in one tab of the browser at a time, until told to stop. */
export class Ringer {
  private current: "ring" | "ringback" | null = null;
  private stopCurrent: () => void = () => undefined;

  set(sound: "ring" | "ringback" | null): void {
    if (sound === this.current) return;
    this.current = sound;
    this.stopCurrent();
    this.stopCurrent = () => undefined;
    if (sound !== null) this.begin(sound);
  }

  private begin(sound: "ring" | "ringback"): void {
    const stopping = new AbortController();
    const { signal } = stopping;
    this.stopCurrent = () => stopping.abort();
    const play = (): Promise<void> =>
      new Promise((stopped) => {
        if (signal.aborted) {
          stopped();
          return;
        }
        const started = performance.now();
        const every = sound === "ring" ? RING_EVERY_MS : RINGBACK_EVERY_MS;
        const once = (): void => strike(sound, Math.min(1, (performance.now() - started) / RING_RISE_MS));
        once();
        const timer = setInterval(once, every);
        signal.addEventListener("abort", () => {
          clearInterval(timer);
          stopped();
        });
      });
    // The caller's tab is the only one with that call.
    if (sound === "ringback" || !("locks" in navigator)) void play();
    else void navigator.locks.request(LOCK, { signal }, play).catch(() => undefined);
  }
}

function strike(sound: "ring" | "ringback", risen: number): void {
  const audio = audioContext();
  if (audio?.state !== "running") return;
  if (sound === "ring") {
    const volume = 0.06 + 0.2 * risen;
    knock(audio, 392, now(audio), volume, 0.9);
    knock(audio, 494, now(audio) + 0.34, volume, 1.1);
  } else {
    knock(audio, 330, now(audio), 0.05, 1.2);
  }
}
