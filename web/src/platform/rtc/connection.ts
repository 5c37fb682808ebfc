/** What both kinds of media connection have in common. */
import type { LegNews, Received } from "../../call";
import type { IceServer, PeerId, Source } from "../../protocol/generated";

export const SOURCES: readonly Source[] = ["microphone", "camera", "screen", "screen_audio"];

/** What this page sends. */
export type Tracks = Readonly<Record<Source, MediaStreamTrack | null>>;

export const NO_TRACKS: Tracks = { microphone: null, camera: null, screen: null, screen_audio: null };

/** What a page wants to see of somebody. */
export type Wish = {
  peerId: PeerId;
  source: Extract<Source, "camera" | "screen">;
  heightPx: number;
  pinned: boolean;
};

/** One picture that comes in. */
export type Picture = { peerId: PeerId; source: Source; track: MediaStreamTrack; received: Received };

export type MediaConnection = {
  readonly epoch: number;
  setTrack(source: Source, track: MediaStreamTrack | null): void;
  setWishes(wishes: readonly Wish[]): void;
  /** Starts over what is not connected. */
  restart(): void;
  pictures(): Picture[];
  /** Where everything to be heard comes in. */
  sounds(): RTCRtpReceiver[];
  /** Who talks now, as far as this connection can tell; loudest first. */
  speaking(): readonly PeerId[];
  close(): void;
};

export type MediaHooks = {
  news(news: LegNews): void;
  /** What comes in is another than before. */
  changed(): void;
};

export function configuration(servers: readonly IceServer[]): RTCConfiguration {
  return {
    bundlePolicy: "max-bundle",
    iceServers: servers
      .filter((server) => server.urls.length > 0)
      // A relay without its credentials makes browsers refuse the whole list.
      .filter((server) => server.username !== null || server.urls.every((url) => url.startsWith("stun")))
      .map(({ urls, username, credential }) => ({
        urls,
        ...(username === null ? {} : { username }),
        ...(credential === null ? {} : { credential }),
      })),
  };
}

/** Puts VP8 first: every browser sends it in layers. */
export function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const isVp8 = (codec: RTCRtpCodec): boolean => codec.mimeType.toLowerCase() === "video/vp8";
  if (!codecs.some(isVp8)) return;
  try {
    transceiver.setCodecPreferences([...codecs.filter(isVp8), ...codecs.filter((codec) => !isVp8(codec))]);
  } catch {
    // Then the browser's own order stands.
  }
}
