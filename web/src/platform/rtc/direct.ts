/**
 * Two browsers, peer to peer. One side offers for as long as the leg lives; every line is there from
 * the start, in the order microphone, camera, screen, screen audio, so that switching one on or off
 * only replaces a track.
 */
import { isLossy, type PathSample } from "../../call";
import type { DirectSignal, IceServer, PeerId, Source } from "../../protocol/generated";
import {
  configuration,
  preferVp8,
  SOURCES,
  type MediaConnection,
  type MediaHooks,
  type Picture,
  type Tracks,
} from "./connection";

type Options = {
  epoch: number;
  partner: PeerId;
  offers: boolean;
  iceServers: readonly IceServer[];
  tracks: Tracks;
  hooks: MediaHooks;
  /** Of a connection that is there before the answer: the one who is called says over it that they answer. */
  answered: (() => void) | null;
  /** Shows no network address, and looks at none, before `speakUp`. */
  quiet: boolean;
  send(signal: DirectSignal): void;
};

const KINDS: Readonly<Record<Source, "audio" | "video">> = {
  microphone: "audio",
  camera: "video",
  screen: "video",
  screen_audio: "audio",
};
/** Agreed without a word: there is one channel. */
const ANSWER_CHANNEL: RTCDataChannelInit = { negotiated: true, id: 0 };
const CAMERA_BITS = 2_500_000;
const SCREEN_BITS = 4_000_000;
/**
 * A camera begins at half its size: at the rate a connection begins with, Chromium drops the first
 * frames of a whole one until it has come down by itself, a frame at a time. It is whole once this
 * much can be sent; less, and the encoder would only halve it again.
 */
const WHOLE_CAMERA_BITS = 1_000_000;
const STATISTICS_MS = 2_000;
/** A browser has a dozen candidates. Whatever comes beyond this is lost, and another path is found. */
const HELD_MAX = 64;
/**
 * Firefox takes a connection that is agreed on for failed when no candidate comes within five seconds,
 * and a quiet one has none until somebody answers.
 */
const GIVES_UP_WITHOUT_CANDIDATES = navigator.userAgent.includes("Firefox");
/** The audio level, of 1, from which somebody counts as talking. */
const TALKING_LEVEL = 0.02;

export class DirectConnection implements MediaConnection {
  readonly epoch: number;
  private tracks: Tracks;
  private connection: RTCPeerConnection;
  private answerChannel: RTCDataChannel | null = null;
  /** While it is quiet: what it has to say, and what the other has said. */
  private held: { own: DirectSignal[]; others: DirectSignal[] } | null;
  /** An offer without a candidate yet, where connecting cannot begin without one. */
  private idleOffer: string | null = null;
  /** By source, once their lines are there. */
  private lines: RTCRtpTransceiver[] = [];
  /** The session of the other side's descriptions: another one means that it started over. */
  private remoteSession: string | null = null;
  private work: Promise<void> = Promise.resolve();
  private isClosed = false;
  /** A restart of the same connection has been tried since it was last up. */
  private isMending = false;
  private readonly statistics: number;
  private sample: PathSample = { packetsReceived: 0, packetsLost: 0 };
  private isLossy = false;
  private isWhole = false;
  private rows = new Map<string, number>();

  constructor(private readonly options: Options) {
    this.epoch = options.epoch;
    this.tracks = options.tracks;
    this.held = options.quiet ? { own: [], others: [] } : null;
    this.connection = this.build();
    if (options.offers) this.enqueue(() => this.offer(false));
    this.statistics = window.setInterval(() => void this.look(), STATISTICS_MS);
  }

  get isUp(): boolean {
    return this.connection.connectionState === "connected";
  }

  get hasFailed(): boolean {
    return this.connection.connectionState === "failed";
  }

  setTrack(source: Source, track: MediaStreamTrack | null): void {
    // Putting the same again has the browser set its encoder up again.
    if (this.tracks[source] === track) return;
    this.tracks = { ...this.tracks, [source]: track };
    const line = this.lines[SOURCES.indexOf(source)];
    if (line !== undefined) void this.put(line, source);
  }

  setWishes(): void {
    // The other browser sends what its line carries.
  }

  restart(): void {
    if (!this.options.offers) return;
    const { connection } = this;
    const canMend = !this.isMending && connection.remoteDescription !== null && connection.signalingState === "stable";
    this.isMending = true;
    this.enqueue(async () => {
      if (!canMend) this.connection = this.rebuild();
      await this.offer(canMend);
    });
  }

  /** The one who is called answers: whoever calls may send, and need not wait for the server to say so. */
  sayAnswered(): void {
    const channel = this.answerChannel;
    if (!this.options.offers || channel === null) return;
    if (channel.readyState === "open") channel.send("answered");
    else channel.addEventListener("open", () => channel.send("answered"), { once: true });
  }

  /** There is an answer: the other may know where this page is. */
  speakUp(): void {
    const { held } = this;
    this.held = null;
    for (const signal of held?.own ?? []) this.options.send(signal);
    for (const signal of held?.others ?? []) this.signal(this.options.partner, signal);
  }

  /** What the other browser says. */
  signal(from: PeerId, signal: DirectSignal): void {
    if (from !== this.options.partner) return;
    if (this.held !== null) {
      if (this.held.others.length < HELD_MAX) this.held.others.push(signal);
      return;
    }
    this.enqueue(async () => {
      switch (signal.kind) {
        case "offer":
          if (this.options.offers) break;
          if (GIVES_UP_WITHOUT_CANDIDATES && this.options.answered !== null) this.idleOffer = signal.sdp;
          else await this.answer(signal.sdp);
          break;
        case "answer":
          if (this.connection.signalingState !== "have-local-offer") break;
          await this.connection.setRemoteDescription({ type: "answer", sdp: signal.sdp });
          await this.limit();
          break;
        case "candidate":
          if (this.idleOffer !== null) {
            const sdp = this.idleOffer;
            this.idleOffer = null;
            await this.answer(sdp);
          }
          if (this.connection.remoteDescription === null) break;
          await this.connection.addIceCandidate({
            candidate: signal.candidate,
            sdpMid: signal.sdp_mid,
            sdpMLineIndex: signal.sdp_m_line_index,
          });
          break;
      }
    });
  }

  pictures(): Picture[] {
    return (["camera", "screen"] as const).flatMap((source): Picture[] => {
      const track = this.lines[SOURCES.indexOf(source)]?.receiver.track;
      if (track === undefined) return [];
      const heightPx = this.rows.get(source) ?? null;
      return [
        {
          peerId: this.options.partner,
          source,
          track,
          received: { heightPx, reason: this.isLossy ? "your_connection" : null },
        },
      ];
    });
  }

  sounds(): RTCRtpReceiver[] {
    return (["microphone", "screen_audio"] as const).flatMap((source) => {
      const line = this.lines[SOURCES.indexOf(source)];
      return line === undefined ? [] : [line.receiver];
    });
  }

  speaking(): readonly PeerId[] {
    const receiver = this.lines[0]?.receiver;
    const level = receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
    return level > TALKING_LEVEL ? [this.options.partner] : [];
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.statistics);
    this.connection.close();
  }

  /** One thing at a time: descriptions must not overtake each other. */
  private enqueue(job: () => Promise<void>): void {
    this.work = this.work.then(async () => {
      if (this.isClosed) return;
      try {
        await job();
      } catch {
        // A late candidate of a connection that is gone; anything worse shows as no connection.
      }
    });
  }

  private build(): RTCPeerConnection {
    const connection = new RTCPeerConnection(configuration(this.options.iceServers));
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate === null || candidate.candidate === "" || connection !== this.connection) return;
      const signal: DirectSignal = {
        kind: "candidate",
        candidate: candidate.candidate,
        sdp_mid: candidate.sdpMid,
        sdp_m_line_index: candidate.sdpMLineIndex,
      };
      if (this.held !== null) this.held.own.push(signal);
      else this.options.send(signal);
    });
    connection.addEventListener("connectionstatechange", () => {
      if (connection !== this.connection || this.isClosed) return;
      switch (connection.connectionState) {
        case "connected":
          this.isMending = false;
          this.options.hooks.news("up");
          break;
        case "disconnected":
          this.options.hooks.news("interrupted");
          break;
        case "failed":
          this.options.hooks.news("failed");
          break;
        case "new":
        case "connecting":
        case "closed":
          break;
      }
    });
    connection.addEventListener("track", () => this.options.hooks.changed());
    const { answered } = this.options;
    if (answered !== null) {
      this.answerChannel = connection.createDataChannel("answer", ANSWER_CHANNEL);
      this.answerChannel.addEventListener("message", () => answered());
    }
    this.lines = [];
    if (this.options.offers) {
      this.lines = SOURCES.map((source) => connection.addTransceiver(KINDS[source], { direction: "sendrecv" }));
      this.lines.forEach((line, index) => this.prepare(line, index));
    }
    return connection;
  }

  private rebuild(): RTCPeerConnection {
    this.connection.close();
    this.remoteSession = null;
    return this.build();
  }

  private prepare(line: RTCRtpTransceiver, index: number): void {
    const source = SOURCES[index];
    if (source === undefined) return;
    if (KINDS[source] === "video") preferVp8(line);
    void this.put(line, source);
  }

  private async put(line: RTCRtpTransceiver, source: Source): Promise<void> {
    try {
      await line.sender.replaceTrack(this.tracks[source]);
    } catch {
      // The connection was closed meanwhile.
    }
  }

  private async offer(iceRestart: boolean): Promise<void> {
    const { connection } = this;
    const offer = await connection.createOffer({ iceRestart });
    await connection.setLocalDescription(offer);
    // By now the connection's own may name addresses, and as it was created it does not.
    const sdp = this.held === null ? connection.localDescription?.sdp : offer.sdp;
    if (sdp !== undefined) this.options.send({ kind: "offer", sdp });
  }

  private async answer(sdp: string): Promise<void> {
    const session = /^o=\S+ (\S+)/m.exec(sdp)?.[1] ?? "";
    if (this.remoteSession !== null && this.remoteSession !== session) this.connection = this.rebuild();
    this.remoteSession = session;
    const { connection } = this;
    await connection.setRemoteDescription({ type: "offer", sdp });
    if (this.lines.length === 0) {
      this.lines = connection.getTransceivers();
      this.lines.forEach((line, index) => {
        line.direction = "sendrecv";
        this.prepare(line, index);
      });
    }
    await connection.setLocalDescription(await connection.createAnswer());
    const answer = connection.localDescription?.sdp;
    if (answer !== undefined) this.options.send({ kind: "answer", sdp: answer });
    this.options.hooks.changed();
    await this.limit();
  }

  private async limit(): Promise<void> {
    for (const [source, maxBitrate, preference] of [
      ["camera", CAMERA_BITS, "balanced"],
      ["screen", SCREEN_BITS, "maintain-resolution"],
    ] as const) {
      const sender = this.lines[SOURCES.indexOf(source)]?.sender;
      if (sender === undefined) continue;
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) {
        encoding.maxBitrate = maxBitrate;
        if (source === "camera") encoding.scaleResolutionDownBy = this.isWhole ? 1 : 2;
      }
      parameters.degradationPreference = preference;
      await sender.setParameters(parameters).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    if (this.connection.connectionState !== "connected") return;
    const mids = new Map(this.lines.map((line, index) => [line.mid, SOURCES[index]]));
    const next: PathSample = { packetsReceived: 0, packetsLost: 0 };
    const rows = new Map<string, number>();
    let availableBits = 0;
    // What getStats gives is a map of dictionaries whose members depend on their type.
    const report = (await this.connection.getStats()) as unknown as ReadonlyMap<string, Record<string, unknown>>;
    for (const entry of report.values()) {
      if (entry["type"] === "candidate-pair") availableBits = Math.max(availableBits, number(entry["availableOutgoingBitrate"]));
      if (entry["type"] !== "inbound-rtp") continue;
      next.packetsReceived += number(entry["packetsReceived"]);
      next.packetsLost += number(entry["packetsLost"]);
      const source = typeof entry["mid"] === "string" ? mids.get(entry["mid"]) : undefined;
      if (source !== undefined && number(entry["frameHeight"]) > 0) rows.set(source, number(entry["frameHeight"]));
    }
    if (!this.isWhole && this.tracks.camera !== null && (availableBits === 0 || availableBits >= WHOLE_CAMERA_BITS)) {
      this.isWhole = true;
      await this.limit();
    }
    this.isLossy = isLossy(this.sample, next);
    this.sample = next;
    this.rows = rows;
    this.options.hooks.changed();
  }
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
