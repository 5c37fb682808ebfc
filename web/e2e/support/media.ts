import { expect, type Page } from "@playwright/test";

import type { UserId } from "../../src/protocol/generated";
import { portraitPainter, type Portrait } from "./portraits";

/** What somebody's camera shows and microphone plays, so that who is seen and heard is certain. */
export type Look = {
  colour: readonly [number, number, number];
  hertz: number;
  /** For pictures: a person instead of the colour, and silence unless this one talks. */
  portrait?: { look: Portrait; talks: boolean };
};

/** Far apart in colour, and in tones that are no multiples of each other. */
export const LOOKS: readonly Look[] = [
  { colour: [192, 0, 0], hertz: 440 },
  { colour: [0, 160, 0], hertz: 620 },
  { colour: [0, 0, 192], hertz: 830 },
  { colour: [192, 160, 0], hertz: 1070 },
  { colour: [0, 160, 192], hertz: 1330 },
];

declare global {
  interface Window {
    connections: RTCPeerConnection[];
    /** The camera does not wait for the page to have time, as real ones do not. */
    hasSteadyCamera: boolean | undefined;
    MediaStreamTrackGenerator: new (init: { kind: "video" }) => MediaStreamTrack & { writable: WritableStream };
  }
}

/** A camera on a thread of its own. */
const STEADY_CAMERA = `
onmessage = ({ data: { writable, colour, width, height, fps } }) => {
  const writer = writable.getWriter();
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  let frame = 0;
  setInterval(() => {
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "white";
    context.fillRect((frame++ * 4) % 120, 4, 12, 12);
    writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 }));
  }, 1000 / fps);
};
`;

/** Replaces the page's camera and microphone, and remembers its peer connections. */
export async function giveLook(page: Page, look: Look): Promise<void> {
  if (look.portrait !== undefined) await page.addInitScript(portraitPainter);
  await page.addInitScript(({ look, steadyCamera }) => {
    const { portrait } = look;
    const steady = (width: number, height: number, fps: number): MediaStreamTrack => {
      const track = new window.MediaStreamTrackGenerator({ kind: "video" });
      const camera = new Worker(URL.createObjectURL(new Blob([steadyCamera], { type: "text/javascript" })));
      const { writable } = track;
      const colour = `rgb(${look.colour.join(",")})`;
      camera.postMessage({ writable, colour, width, height, fps }, [writable]);
      const stop = track.stop.bind(track);
      track.stop = () => {
        camera.terminate();
        stop();
      };
      return track;
    };
    const stream = (constraints: MediaStreamConstraints | undefined): MediaStream => {
      const tracks: MediaStreamTrack[] = [];
      const wantsVideo = constraints?.video !== undefined && constraints.video !== false;
      if (wantsVideo && window.hasSteadyCamera === true) {
        tracks.push(steady(640, 360, 15));
      } else if (wantsVideo) {
        const canvas = document.createElement("canvas");
        // A camera of 720 rows has a layer of 360, as cameras do.
        canvas.width = portrait === undefined ? 640 : 1280;
        canvas.height = portrait === undefined ? 360 : 720;
        const paint = portrait === undefined ? undefined : window.portrait?.(portrait.look, canvas);
        const context = canvas.getContext("2d");
        let frame = 0;
        const draw = (): void => {
          if (paint !== undefined) {
            paint(performance.now() / 1_000);
            return;
          }
          if (context === null) return;
          context.fillStyle = `rgb(${look.colour.join(",")})`;
          context.fillRect(0, 0, canvas.width, canvas.height);
          // Something moves, or encoders send nothing; it stays in a corner, away from the
          // middle that is read.
          context.fillStyle = "white";
          context.fillRect((frame++ * 4) % 120, 4, 12, 12);
        };
        draw();
        // Enough for somebody who sits still, and little for machines that encode many of them.
        const fps = portrait === undefined ? 15 : 6;
        const timer = setInterval(draw, 1_000 / fps);
        const [track] = canvas.captureStream(fps).getVideoTracks();
        if (track !== undefined) {
          const stop = track.stop.bind(track);
          track.stop = () => {
            clearInterval(timer);
            stop();
          };
          tracks.push(track);
        }
      }
      if (constraints?.audio !== undefined && constraints.audio !== false) {
        const audio = new AudioContext();
        const oscillator = audio.createOscillator();
        const gain = audio.createGain();
        const destination = audio.createMediaStreamDestination();
        oscillator.frequency.value = look.hertz;
        gain.gain.value = portrait === undefined ? 0.3 : 0;
        if (portrait?.talks === true) {
          // Speech has pauses, and each time it goes on those who came later learn who talks.
          let seconds = 0;
          const timer = setInterval(() => {
            gain.gain.value = seconds++ % 5 < 3 ? 0.3 : 0;
          }, 1_000);
          destination.stream.getAudioTracks()[0]?.addEventListener("ended", () => clearInterval(timer));
        }
        oscillator.connect(gain).connect(destination);
        oscillator.start();
        tracks.push(...destination.stream.getAudioTracks());
      }
      return new MediaStream(tracks);
    };
    navigator.mediaDevices.getUserMedia = (constraints) => Promise.resolve(stream(constraints));
    navigator.mediaDevices.getDisplayMedia = () => Promise.resolve(stream({ video: true }));

    window.connections = [];
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.connections.push(this);
      }
    };
  }, { look, steadyCamera: STEADY_CAMERA });
}

/** Waits until the page's picture of that person has that person's colour. */
export async function sees(page: Page, person: UserId, look: Look): Promise<void> {
  const video = page.locator(`video[data-person="${person}"]`).first();
  const distance = (): Promise<number> =>
    video.evaluate((element, colour) => {
      if (!(element instanceof HTMLVideoElement) || element.videoWidth === 0) return 255;
      const canvas = document.createElement("canvas");
      canvas.width = 16;
      canvas.height = 16;
      const context = canvas.getContext("2d");
      if (context === null) return 255;
      context.drawImage(element, 0, 0, 16, 16);
      const pixel = context.getImageData(8, 8, 1, 1).data;
      return Math.max(...colour.map((value, index) => Math.abs(value - (pixel[index] ?? 255))));
    }, look.colour);
  await expect
    .poll(distance, { message: `the picture of ${person}`, timeout: 30_000 })
    // Encoding shifts a plain colour by about ten.
    .toBeLessThan(40);
}

/** Frames of that person's picture that this page has decoded so far. */
export function framesOf(page: Page, person: UserId): Promise<number> {
  return page
    .locator(`video[data-person="${person}"]`)
    .first()
    .evaluate((element) =>
      element instanceof HTMLVideoElement
        ? element.getVideoPlaybackQuality().totalVideoFrames
        : 0,
    );
}

/** Waits until that person's picture goes on moving. */
export async function moves(page: Page, person: UserId): Promise<void> {
  const before = await framesOf(page, person);
  await expect
    .poll(() => framesOf(page, person), { message: `frames of ${person}`, timeout: 20_000 })
    .toBeGreaterThan(before + 10);
}

/** Waits until what the page receives contains that tone. */
export async function hears(page: Page, look: Look): Promise<void> {
  await expect
    .poll(() => loudness(page, look.hertz), { message: `${String(look.hertz)} Hz`, timeout: 30_000 })
    // A tone arrives at about -24 dB, everything else stays below -100.
    .toBeGreaterThan(-60);
}

/** Waits until what the page receives no longer contains that tone. */
export async function hearsNoMore(page: Page, look: Look): Promise<void> {
  await expect
    .poll(() => loudness(page, look.hertz), { message: `${String(look.hertz)} Hz`, timeout: 30_000 })
    .toBeLessThan(-70);
}

/** Decibels of that frequency over everything the page's connections receive now. */
function loudness(page: Page, hertz: number): Promise<number> {
  return page.evaluate(async (hertz) => {
    const tracks = window.connections
      .filter((connection) => connection.connectionState !== "closed")
      .flatMap((connection) => connection.getReceivers())
      .map((receiver) => receiver.track)
      .filter((track) => track.kind === "audio" && track.readyState === "live");
    const audio = new AudioContext();
    try {
      const analyser = audio.createAnalyser();
      analyser.fftSize = 8192;
      analyser.smoothingTimeConstant = 0;
      for (const track of tracks) {
        audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      }
      await audio.resume();
      await new Promise((filled) => setTimeout(filled, 400));
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const bin = Math.round((hertz * analyser.fftSize) / audio.sampleRate);
      return Math.max(...[bin - 1, bin, bin + 1].map((index) => bins[index] ?? -200), -200);
    } finally {
      await audio.close();
    }
  }, hertz);
}
