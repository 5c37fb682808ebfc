/**
 * A call through a media node: one connection up, one down. This side makes every offer. Down there
 * are as many picture slots as the layout has needed so far; which person a slot carries is agreed on
 * the data channel, without another offer.
 */
import { assignSlots } from "../../call";
import type {
  ClientMediaMessage,
  Direction,
  MediaSetup,
  PeerId,
  ServerMediaMessage,
  SlotView,
  Source,
  VideoSlot,
} from "../../protocol/generated";
import {
  configuration,
  preferVp8,
  SOURCES,
  type MediaConnection,
  type MediaHooks,
  type Picture,
  type Tracks,
  type Wish,
} from "./connection";

type Options = {
  epoch: number;
  setup: MediaSetup;
  tracks: Tracks;
  wishes: readonly Wish[];
  hooks: MediaHooks;
  /** Sends an offer to the media node and brings its answer. */
  offer(direction: Direction, session: number, sdp: string): Promise<string>;
};

/** The slots a layout grows through, so that it is not offered anew for each person. */
const SLOT_STEPS = [2, 4, 9, 16, 25];
const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 200_000 },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 700_000 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 2_500_000 },
];
const SCREEN_BITS = 4_000_000;
const CHANNEL = "slots";

type Side = {
  connection: RTCPeerConnection;
  session: number;
  state: "connecting" | "up" | "interrupted" | "failed";
  work: Promise<void>;
};

export class ForwardedConnection implements MediaConnection {
  readonly epoch: number;
  private tracks: Tracks;
  private wishes: readonly Wish[];
  private readonly sessions: Record<Direction, number> = { up: 0, down: 0 };
  private up: Side;
  private down: Side;
  private senders: RTCRtpTransceiver[] = [];
  private pictureLines: RTCRtpTransceiver[] = [];
  private soundLines: RTCRtpTransceiver[] = [];
  private channel: RTCDataChannel | null = null;
  /** Which wish each slot is for. */
  private assigned: (string | null)[] = [];
  private videoSlots: VideoSlot[] = [];
  private speakers: readonly PeerId[] = [];
  private isClosed = false;

  constructor(private readonly options: Options) {
    this.epoch = options.epoch;
    this.tracks = options.tracks;
    this.wishes = options.wishes;
    this.up = this.buildUp();
    this.down = this.buildDown();
  }

  setTrack(source: Source, track: MediaStreamTrack | null): void {
    this.tracks = { ...this.tracks, [source]: track };
    const line = this.senders[SOURCES.indexOf(source)];
    if (line !== undefined) void line.sender.replaceTrack(track).catch(() => undefined);
  }

  setWishes(wishes: readonly Wish[]): void {
    this.wishes = wishes;
    if (this.slotsWanted() > this.pictureLines.length) {
      this.addPictureLines(this.down.connection);
      this.negotiate("down", this.down);
    }
    this.tellView();
  }

  restart(): void {
    if (this.isClosed) return;
    if (this.up.state !== "up") {
      this.up.connection.close();
      this.up = this.buildUp();
    }
    if (this.down.state !== "up") {
      this.down.connection.close();
      this.down = this.buildDown();
    }
  }

  pictures(): Picture[] {
    return this.videoSlots.flatMap((slot): Picture[] => {
      const line = this.pictureLines.find((each) => each.mid === slot.mid) ?? this.pictureLines[slot.slot];
      if (line === undefined) return [];
      return [
        {
          peerId: slot.peer_id,
          source: slot.source,
          track: line.receiver.track,
          received: { heightPx: slot.height_px, reason: slot.reason },
        },
      ];
    });
  }

  sounds(): RTCRtpReceiver[] {
    return this.soundLines.map((line) => line.receiver);
  }

  speaking(): readonly PeerId[] {
    return this.speakers;
  }

  close(): void {
    this.isClosed = true;
    this.up.connection.close();
    this.down.connection.close();
  }

  private buildUp(): Side {
    const connection = new RTCPeerConnection(configuration(this.options.setup.ice_servers));
    const side = this.watch("up", connection);
    this.senders = [
      connection.addTransceiver("audio", { direction: "sendonly" }),
      connection.addTransceiver("video", { direction: "sendonly", sendEncodings: LAYERS }),
      connection.addTransceiver("video", {
        direction: "sendonly",
        sendEncodings: [{ maxBitrate: SCREEN_BITS }],
      }),
      connection.addTransceiver("audio", { direction: "sendonly" }),
    ];
    this.senders.forEach((line, index) => {
      const source = SOURCES[index];
      if (source === undefined) return;
      if (source === "camera" || source === "screen") preferVp8(line);
      void line.sender.replaceTrack(this.tracks[source]).catch(() => undefined);
    });
    this.negotiate("up", side);
    return side;
  }

  private buildDown(): Side {
    const connection = new RTCPeerConnection(configuration(this.options.setup.ice_servers));
    const side = this.watch("down", connection);
    const channel = connection.createDataChannel(CHANNEL);
    channel.addEventListener("open", () => this.tellView());
    channel.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (this.channel === channel) this.heard(event.data);
    });
    this.channel = channel;
    this.videoSlots = [];
    this.speakers = [];
    this.soundLines = Array.from({ length: this.options.setup.audio_slots }, () =>
      connection.addTransceiver("audio", { direction: "recvonly" }),
    );
    this.pictureLines = [];
    this.addPictureLines(connection);
    this.negotiate("down", side);
    return side;
  }

  private addPictureLines(connection: RTCPeerConnection): void {
    while (this.pictureLines.length < this.slotsWanted()) {
      this.pictureLines.push(connection.addTransceiver("video", { direction: "recvonly" }));
    }
  }

  private slotsWanted(): number {
    const { video_slots_max: most } = this.options.setup;
    const needed = Math.max(1, Math.min(this.wishes.length, most));
    return Math.min(SLOT_STEPS.find((step) => step >= needed) ?? most, most);
  }

  private watch(direction: Direction, connection: RTCPeerConnection): Side {
    this.sessions[direction] += 1;
    const side: Side = {
      connection,
      session: this.sessions[direction],
      state: "connecting",
      work: Promise.resolve(),
    };
    connection.addEventListener("connectionstatechange", () => {
      switch (connection.connectionState) {
        case "connected":
          this.turned(side, "up");
          break;
        case "disconnected":
          this.turned(side, "interrupted");
          break;
        case "failed":
          this.turned(side, "failed");
          break;
        case "new":
        case "connecting":
        case "closed":
          break;
      }
    });
    return side;
  }

  private turned(side: Side, state: Side["state"]): void {
    if (this.isClosed || (side !== this.up && side !== this.down)) return;
    side.state = state;
    switch (state) {
      case "up":
        if (this.up.state === "up" && this.down.state === "up") this.options.hooks.news("up");
        break;
      case "interrupted":
      case "failed":
        this.options.hooks.news(state);
        break;
      case "connecting":
        break;
    }
  }

  /** Offers what the connection has now. Offers of one side wait for each other. */
  private negotiate(direction: Direction, side: Side): void {
    side.work = side.work.then(async () => {
      const { connection } = side;
      if (this.isClosed || connection.signalingState !== "stable") return;
      try {
        await connection.setLocalDescription(await connection.createOffer());
        const sdp = connection.localDescription?.sdp ?? "";
        const answer = await this.options.offer(direction, side.session, sdp);
        await connection.setRemoteDescription({ type: "answer", sdp: answer });
        if (direction === "down") this.tellView();
      } catch {
        this.turned(side, "failed");
      }
    });
  }

  private tellView(): void {
    if (this.channel?.readyState !== "open") return;
    const byKey = new Map(this.wishes.map((wish) => [keyOf(wish), wish]));
    this.assigned = assignSlots(this.assigned, [...byKey.keys()], this.pictureLines.length);
    const slots = this.assigned.flatMap((key, slot): SlotView[] => {
      const wish = key === null ? undefined : byKey.get(key);
      if (wish === undefined) return [];
      return [{ slot, peer_id: wish.peerId, source: wish.source, height_px: wish.heightPx, pinned: wish.pinned }];
    });
    const message: ClientMediaMessage = { kind: "view", slots };
    this.channel.send(JSON.stringify(message));
  }

  private heard(data: unknown): void {
    if (typeof data !== "string") return;
    const message = JSON.parse(data) as ServerMediaMessage;
    switch (message.kind) {
      case "slots":
        this.videoSlots = message.video;
        break;
      case "speakers":
        this.speakers = message.peers;
        break;
      default:
        // The language only grows.
        break;
    }
    this.options.hooks.changed();
  }
}

function keyOf(wish: Wish): string {
  return `${wish.peerId} ${wish.source}`;
}
