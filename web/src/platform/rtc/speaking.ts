/** Listens to the own microphone: how loud it is, and whether somebody talks into it. */
import { audioContext } from "./audio";

/** Root mean square, of 1, from which it is a voice and not a room. */
const VOICE = 0.012;
const LOOK_MS = 100;
/** A voice that pauses this long has stopped. */
const PAUSE_MS = 600;
/** A cough is no talk. */
const TALK_MS = 300;

export class Meter {
  /** From 0 to 1, as the ear takes it. */
  level = 0;
  isTalking = false;
  private timer = 0;
  private source: MediaStreamAudioSourceNode | null = null;
  private since = 0;
  private until = 0;

  constructor(private readonly changed: () => void) {}

  listen(track: MediaStreamTrack | null): void {
    clearInterval(this.timer);
    this.source?.disconnect();
    this.source = null;
    this.set(0, false);
    const audio = track === null ? null : audioContext();
    if (track === null || audio === null) return;
    const analyser = audio.createAnalyser();
    analyser.fftSize = 1024;
    this.source = audio.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = window.setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      this.heard(Math.sqrt(sum / samples.length), performance.now());
    }, LOOK_MS);
  }

  private heard(loudness: number, now: number): void {
    if (loudness > VOICE) {
      if (now > this.until) this.since = now;
      this.until = now + PAUSE_MS;
    }
    const talks = now <= this.until && now - this.since >= TALK_MS;
    // Decibels from -60 to 0 spread over the meter.
    this.set(Math.max(0, Math.min(1, 1 + Math.log10(Math.max(loudness, 1e-6)) / 3)), talks);
  }

  private set(level: number, isTalking: boolean): void {
    const rounded = Math.round(level * 24) / 24;
    if (rounded === this.level && isTalking === this.isTalking) return;
    this.level = rounded;
    this.isTalking = isTalking;
    this.changed();
  }
}
