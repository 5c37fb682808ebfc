/**
 * How long somebody was not heard, and their picture stood. Both are read from the clocks of sound and
 * picture, not from when this page came to look: the pages of a test share few cores, and a page that
 * waits for its turn has not missed anything.
 */
import type { Page } from "@playwright/test";

import type { UserId } from "../../src/protocol/generated";
import type { Look } from "./media";

/** Of the watched person, in milliseconds but for the last. */
export type Gaps = {
  /** The longest time in which they were not heard. */
  audio: number;
  /** The longest time without a new frame of their picture. */
  video: number;
  /** How often a picture that was shown was emptied. */
  emptied: number;
};

/**
 * What is let pass. Made before the old is broken, a handover takes nothing away; cameras, encoders and
 * a third page that all begin at once on two cores do, by up to twice 200 ms.
 */
export const GAP_MS = 500;

declare global {
  interface Window {
    watched: (() => Promise<Gaps>) | undefined;
    MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<unknown> };
  }
}

/** Runs with the sound itself, a quantum of 128 samples at a time. */
const TONE_WATCH = `
registerProcessor("tone-watch", class extends AudioWorkletProcessor {
  constructor({ processorOptions: { hertz } }) {
    super();
    // Long enough to tell tones apart; a gap is seen to within its 21 ms.
    this.window = new Float32Array(1024);
    this.at = 0;
    this.factor = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
    this.silent = 0;
    this.longest = 0;
    this.begun = false;
    this.port.onmessage = () => this.port.postMessage(this.begun ? (this.longest / sampleRate) * 1000 : null);
  }
  process([input]) {
    const length = 128;
    for (let index = 0; index < length; index++) {
      let sample = 0;
      for (const channel of input) sample += channel[index];
      this.window[(this.at + index) % 1024] = sample;
    }
    this.at = (this.at + length) % 1024;
    let before = 0, last = 0;
    for (let index = 0; index < 1024; index++) {
      const next = this.window[(this.at + index) % 1024] + this.factor * last - before;
      before = last;
      last = next;
    }
    const power = (before * before + last * last - this.factor * before * last) / (512 * 512);
    // -50 dB: a tone arrives at about -24.
    if (power > 1e-5) {
      if (this.begun) this.longest = Math.max(this.longest, this.silent);
      this.begun = true;
      this.silent = 0;
    } else this.silent += length;
    return true;
  }
});
`;

/** Takes every decoded frame of whatever tracks it is given, on a thread of its own. */
const FRAME_WATCH = `
let last = null, longest = 0;
const read = async (reader) => {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    value.close();
    const now = performance.now();
    if (last !== null) longest = Math.max(longest, now - last);
    last = now;
  }
};
onmessage = ({ data }) => {
  if (data === null) postMessage(last === null ? null : longest);
  else read(data.getReader());
};
`;

/**
 * Prepares the page, before it is opened, to be watched and to be seen. Its own policy lets no foreign
 * script in, and a worklet is one. Its camera goes on while the page is busy: what is missed is then
 * the connection's doing.
 */
export async function watchable(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.hasSteadyCamera = true;
  });
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setBypassCSP", { enabled: true });
  await page.reload();
}

/** Watches that person, in this page, from now on. */
export async function watch(page: Page, person: UserId, look: Look): Promise<void> {
  await page.evaluate(
    async ({ person, hertz, toneWatch, frameWatch }) => {
      const script = (text: string): string => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      const audio = new AudioContext();
      await audio.resume();
      await audio.audioWorklet.addModule(script(toneWatch));
      const tone = new AudioWorkletNode(audio, "tone-watch", { processorOptions: { hertz } });
      const frames = new Worker(script(frameWatch));
      const known = new Set<MediaStreamTrack>();
      const isNew = (track: MediaStreamTrack): boolean => !known.has(track) && known.add(track).has(track);
      let emptied = 0;
      const videos = new Set<HTMLVideoElement>();

      const look = (): void => {
        for (const { track } of window.connections.flatMap((connection) => connection.getReceivers())) {
          if (track.kind === "audio" && isNew(track)) audio.createMediaStreamSource(new MediaStream([track])).connect(tone);
        }
        for (const video of document.querySelectorAll(`video[data-person="${person}"]`)) {
          if (!(video instanceof HTMLVideoElement)) continue;
          if (!videos.has(video)) {
            videos.add(video);
            video.addEventListener("emptied", () => {
              if (video.isConnected) emptied++;
            });
          }
          const tracks = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : [];
          for (const track of tracks.filter(isNew)) {
            const { readable } = new window.MediaStreamTrackProcessor({ track });
            frames.postMessage(readable, [readable]);
          }
        }
      };
      look();
      const timer = setInterval(look, 5);

      window.watched = async () => {
        clearInterval(timer);
        const answer = (port: Worker | MessagePort): Promise<number> =>
          new Promise((resolve, reject) => {
            port.onmessage = ({ data }) => {
              if (typeof data === "number") resolve(Math.round(data));
              else reject(new Error("nobody was heard or seen"));
            };
            port.postMessage(null);
          });
        return { audio: await answer(tone.port), video: await answer(frames), emptied };
      };
    },
    { person, hertz: look.hertz, toneWatch: TONE_WATCH, frameWatch: FRAME_WATCH },
  );
}

/** What was missed of the watched person since. */
export async function gaps(page: Page): Promise<Gaps> {
  return page.evaluate(() => {
    if (window.watched === undefined) throw new Error("nobody is watched");
    return window.watched();
  });
}
