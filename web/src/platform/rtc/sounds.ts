/** The sounds of calls, made here: nothing is loaded, so nothing can be missing when it rings. */
import type { Sound } from "../../call";
import { audioContext } from "./audio";

/** A tone that is broken off falls by two thirds in each of these; at once, it would crack. */
const FADE_SECONDS = 0.015;
const FADED_MS = 200;

/** Breaks off what sounds: tones last longer than somebody who has answered wants to hear. */
export type BreakOff = () => void;

/** A soft wooden tone: a fundamental with a short, higher knock. */
function knock(
  audio: AudioContext,
  hertz: number,
  at: number,
  volume: number,
  seconds = 0.5,
  output: AudioNode = audio.destination,
): void {
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
    tone.connect(gain).connect(output);
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
export function playTone(): void {
  const audio = audioContext();
  if (audio === null) return;
  knock(audio, 440, now(audio), 0.2);
  knock(audio, 587, now(audio) + 0.22, 0.2);
}

/** One stroke of a ring that has grown to `risen`, from 0 to 1. */
export function strikeRing(risen: number): BreakOff {
  return strike((audio, output) => {
    const volume = 0.06 + 0.2 * risen;
    knock(audio, 392, now(audio), volume, 0.9, output);
    knock(audio, 494, now(audio) + 0.34, volume, 1.1, output);
  });
}

/** What the caller hears while it rings elsewhere. */
export function strikeRingback(): BreakOff {
  return strike((audio, output) => knock(audio, 330, now(audio), 0.05, 1.2, output));
}

function strike(sound: (audio: AudioContext, output: AudioNode) => void): BreakOff {
  const audio = audioContext();
  if (audio?.state !== "running") return () => undefined;
  const output = audio.createGain();
  output.connect(audio.destination);
  sound(audio, output);
  return () => {
    output.gain.setTargetAtTime(0, audio.currentTime, FADE_SECONDS);
    setTimeout(() => output.disconnect(), FADED_MS);
  };
}
