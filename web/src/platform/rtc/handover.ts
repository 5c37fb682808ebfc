/**
 * While a call moves from one media connection to the next, both are there. Each picture is taken from
 * the next connection as soon as that has shown a frame of it, and sound when as many voices play there
 * as before: until then the old ones go on, so that nobody misses anything.
 */
import type { MediaConnection, Picture } from "./connection";

/** What to show, what to play, and what to keep ready to be played. */
export type Mix = {
  pictures: Picture[];
  sounds: MediaStreamTrack[];
  ready: MediaStreamTrack[];
  /** Everything expected comes over the next connection. */
  isComplete: boolean;
};

/** A voice counts as playing for this long; those who are silent send a packet every 400 ms. */
const PLAYING_MS = 1_000;

export class Handover {
  private readonly frames = new Map<MediaStreamTrack, FirstFrame>();
  private soundsMoved = false;

  constructor(
    private readonly from: MediaConnection,
    private readonly to: MediaConnection,
    private readonly changed: () => void,
  ) {}

  /** Whether it is between these two. */
  isBetween(from: MediaConnection, to: MediaConnection): boolean {
    return this.from === from && this.to === to;
  }

  /** `expected` are the pictures that are asked for and sent. */
  mix(expected: readonly Pick<Picture, "peerId" | "source">[]): Mix {
    const next = this.to.pictures();
    const missing = expected.filter(
      (one) => !next.some((picture) => isSame(picture, one) && this.frameOf(picture.track).isThere),
    );
    const waiting = this.from.pictures().filter((old) => missing.some((one) => isSame(old, one)));
    const isWaiting = (picture: Picture): boolean => waiting.some((old) => isSame(old, picture));
    this.soundsMoved ||= playing(this.to.sounds()) >= playing(this.from.sounds());
    const [sounds, ready] = this.soundsMoved ? [this.to.sounds(), []] : [this.from.sounds(), this.to.sounds()];
    return {
      pictures: [...next.filter((picture) => !isWaiting(picture)), ...waiting],
      sounds: sounds.map(({ track }) => track),
      ready: ready.map(({ track }) => track),
      isComplete: this.soundsMoved && missing.length === 0,
    };
  }

  end(): void {
    for (const frame of this.frames.values()) frame.end();
    this.frames.clear();
  }

  private frameOf(track: MediaStreamTrack): FirstFrame {
    let frame = this.frames.get(track);
    if (frame === undefined) {
      frame = new FirstFrame(track, this.changed);
      this.frames.set(track, frame);
    }
    return frame;
  }
}

function isSame(one: Pick<Picture, "peerId" | "source">, other: Pick<Picture, "peerId" | "source">): boolean {
  return one.peerId === other.peerId && one.source === other.source;
}

/** How many voices of these are being played, or would be if they were not silenced. */
function playing(receivers: readonly RTCRtpReceiver[]): number {
  const now = performance.timeOrigin + performance.now();
  const isPlaying = (receiver: RTCRtpReceiver): boolean =>
    receiver.getSynchronizationSources().some(({ timestamp }) => {
      // Firefox counts from the epoch, Chromium from when the page was opened.
      const at = timestamp < performance.timeOrigin / 2 ? performance.timeOrigin + timestamp : timestamp;
      return now - at < PLAYING_MS;
    });
  return receivers.filter(isPlaying).length;
}

/** Waits for a track's first picture: that its packets come in says nothing, they may not be whole. */
class FirstFrame {
  isThere = false;
  private readonly video = document.createElement("video");

  constructor(track: MediaStreamTrack, changed: () => void) {
    this.video.muted = true;
    this.video.addEventListener(
      "loadeddata",
      () => {
        this.isThere = true;
        this.end();
        changed();
      },
      { once: true },
    );
    this.video.srcObject = new MediaStream([track]);
    // Refused only while the page is not seen.
    this.video.play().catch(() => undefined);
  }

  end(): void {
    this.video.srcObject = null;
  }
}
