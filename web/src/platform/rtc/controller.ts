/**
 * Runs the call machine: tells it what the server, the devices and the connections say, and carries
 * out what it asks for. The shell and the views use this and nothing below it.
 */
import {
  callOf,
  carrying,
  deadline,
  IDLE,
  participantOf,
  ringing,
  serverTime,
  step,
  type DeviceKind,
  type DeviceProblem,
  type Effect,
  type Event,
  type InCall,
  type LegNews,
  type Memory,
  type Phase,
  type Received,
  type State,
} from "../../call";
import type { CallController, CurrentCall, OtherDevice } from "../../core/calls";
import { Refused } from "../../core/refusal";
import { Store } from "../../core/store";
import type {
  CallId,
  CallMedia,
  ConversationId,
  ClientMessage,
  DirectSignal,
  HostAct,
  MediaSetup,
  PeerId,
  Reply,
  ServerMessage,
  Source,
  UserId,
} from "../../protocol/generated";
import { store, stored } from "../storage";
import { audioContext, Loudspeaker, setOutput } from "./audio";
import { NO_TRACKS, SOURCES, type MediaConnection, type Tracks, type Wish } from "./connection";
import { LocalDevices } from "./devices";
import { DirectConnection } from "./direct";
import { ForwardedConnection } from "./forwarded";
import { Handover, type Mix } from "./handover";
import { PreparedConnections } from "./prepared";
import { Ringer } from "./ringer";
import { playSound } from "./sounds";
import { Meter } from "./speaking";

/** What the controller needs of the connection to the server. */
export type Wire = {
  request(message: ClientMessage): Promise<Reply>;
  /** What the listener gives back is done after the stores have taken the message in. */
  onMessage(listener: (message: ServerMessage) => () => void): () => void;
  readonly connection: Store<{ kind: string }>;
};

/** What there is to see and hear of a call. */
export type Media = {
  /** By participant and source: see `pictureKey`. */
  pictures: ReadonlyMap<string, { track: MediaStreamTrack; received: Received }>;
  /** Who talks now. */
  speaking: ReadonlySet<PeerId>;
  /** When each last began to, on this page's clock. */
  talkedAt: ReadonlyMap<PeerId, number>;
  own: Tracks;
  /** The browser plays nothing before somebody presses something. */
  isBlocked: boolean;
};

const NOTHING: Media = {
  pictures: new Map(),
  speaking: new Set(),
  talkedAt: new Map(),
  own: { microphone: null, camera: null, screen: null, screen_audio: null },
  isBlocked: false,
};

const LOOK_MS = 150;
/** Whoever has talked goes on being shown for this long. */
const TALK_SHOWN_MS = 600;
const EARLY_SIGNALS_MAX = 64;
/**
 * A ring is seen and heard first: connecting takes as much of a small machine as drawing. Nobody
 * answers within it, and a connection is up 300 ms later.
 */
const PREPARE_AFTER_MS = 200;
const MEMORY = "call";

export function pictureKey(peer: PeerId, source: Source): string {
  return `${peer} ${source}`;
}

type EarlySignal = { epoch: number; from: PeerId; signal: DirectSignal };

export class Controller implements CallController {
  readonly state = new Store<State>(IDLE);
  readonly media = new Store<Media>(NOTHING);
  /** How loud the own microphone is, from 0 to 1. */
  readonly level = new Store<{ level: number; isTalking: boolean }>({ level: 0, isTalking: false });
  readonly devices: LocalDevices;
  /** Devices are being tried out, with what went wrong; null while they are not. */
  readonly trial = new Store<Partial<Record<DeviceKind, DeviceProblem>> | null>(null);
  readonly ringer = new Ringer();

  private readonly connections = new Map<number, MediaConnection>();
  private readonly prepared = new PreparedConnections();
  private earlySignals: EarlySignal[] = [];
  private readonly meter = new Meter(() => {
    this.level.set({ level: this.meter.level, isTalking: this.meter.isTalking });
  });
  private readonly loudspeaker = new Loudspeaker((isBlocked) => {
    this.media.set({ ...this.media.state, isBlocked });
  });
  private wishes: readonly Wish[] = [];
  /** Events that came while one was being taken. */
  private readonly events: Event[] = [];
  private isRunning = false;
  private held: CurrentCall | undefined;
  private wake = 0;
  private handover: Handover | null = null;
  private looking = 0;
  private readonly talkedUntil = new Map<PeerId, number>();

  constructor(private readonly wire: Wire) {
    this.devices = new LocalDevices({
      captured: (device) => {
        if (this.trial.state === null) this.do({ kind: "captured", device });
      },
      failed: (device, problem) => {
        const trial = this.trial.state;
        if (trial === null) this.do({ kind: "capture_failed", device, problem });
        else if (problem !== "cancelled") this.trial.set({ ...trial, [device]: problem });
      },
      track: (source, track) => {
        for (const connection of this.connections.values()) connection.setTrack(source, track);
        this.prepared.setTrack(source, track);
        this.media.set({ ...this.media.state, own: this.devices.tracks });
      },
      heard: (track) => this.meter.listen(track),
    });
    const setSpeaker = (): void => {
      const { speaker } = this.devices.view.state.chosen;
      this.loudspeaker.setSpeaker(speaker);
      setOutput(speaker);
    };
    this.devices.view.subscribe(setSpeaker);
    setSpeaker();
    wire.onMessage((message) => {
      this.take({ kind: "message", message });
      return () => this.tellViews();
    });
    wire.connection.subscribe(() => {
      if (wire.connection.state.kind !== "online" && this.state.state.online) this.do({ kind: "offline" });
    });
    // Sounds may only be made once somebody has pressed something; a ring comes without a press.
    window.addEventListener("pointerdown", () => audioContext(), { once: true, passive: true });
    const memory = recall();
    if (memory !== null) this.do({ kind: "recalled", memory });
  }

  // What the shell asks for ---------------------------------------------------------------------

  start(conversationId: ConversationId, media: CallMedia): Promise<void> {
    this.do({ kind: "start", conversationId, media, ring: true });
    return Promise.resolve();
  }

  join(callId: CallId, media: CallMedia, elsewhere: OtherDevice | null = null): Promise<void> {
    const conversationId = this.conversations.get(callId);
    if (conversationId !== undefined) this.do({ kind: "join", callId, conversationId, media, elsewhere });
    return Promise.resolve();
  }

  /** Asks people into the call one is in. Refused with `rings_many` until that is meant. */
  async add(userIds: readonly UserId[], ringMany: boolean): Promise<void> {
    const own = this.own();
    if (own === null) return;
    await this.wire.request({ kind: "call_add", call_id: own.call.id, user_ids: [...userIds], ring_many: ringMany });
  }

  async stopRing(userId: UserId): Promise<void> {
    const own = this.own();
    if (own !== null) await this.wire.request({ kind: "call_stop_ring", call_id: own.call.id, user_id: userId });
  }

  /** Does to others what a host may. */
  async host(act: HostAct): Promise<void> {
    const own = this.own();
    if (own !== null) await this.wire.request({ kind: "call_host", call_id: own.call.id, act });
  }

  /** Says that somebody who is alone in the call is still there. */
  async stay(): Promise<void> {
    const own = this.own();
    if (own !== null) await this.wire.request({ kind: "call_stay", call_id: own.call.id, peer_id: own.peerId });
  }

  private own(): InCall | null {
    const { phase } = this.state.state;
    return phase.kind === "in" ? phase.in : null;
  }

  leave(): Promise<void> {
    this.do({ kind: "leave" });
    return Promise.resolve();
  }

  /** The same object for as long as it says the same. */
  current(): CurrentCall | undefined {
    const next = currentOf(this.state.state.phase);
    if (next?.callId !== this.held?.callId || next?.conversationId !== this.held?.conversationId) this.held = next;
    return this.held;
  }

  subscribe(listener: () => void): () => void {
    return this.state.subscribe(listener);
  }

  // What the views ask for ----------------------------------------------------------------------

  /** Takes what happened. Whatever it asks for follows at once, in order. */
  do(event: Event): void {
    this.take(event);
    this.tellViews();
  }

  /** The same, but for the views: drawing a room takes longer than to connect, and nothing waits for it. */
  private take(event: Event): void {
    this.events.push(event);
    if (this.isRunning) return;
    this.isRunning = true;
    for (let next = this.events.shift(); next !== undefined; next = this.events.shift()) {
      this.note(next);
      const [state, effects] = step(this.state.state, next, Date.now());
      this.state.put(state);
      for (const effect of effects) this.carryOut(effect);
    }
    this.isRunning = false;
  }

  private tellViews(): void {
    if (this.isRunning) return;
    this.state.tell();
    this.ringer.set(ringing(this.state.state));
    this.sleep();
    this.watch();
  }

  serverNow(): number {
    return serverTime(this.state.state, Date.now());
  }

  /** What the layout shows, whole each time, the most wanted first. */
  show(wishes: readonly Wish[]): void {
    if (JSON.stringify(wishes) === JSON.stringify(this.wishes)) return;
    this.wishes = wishes;
    for (const connection of this.connections.values()) connection.setWishes(wishes);
  }

  /** Takes microphone and camera to try them out. Within a call they are the call's. */
  beginTrial(): void {
    if (this.state.state.phase.kind !== "idle") return;
    this.trial.set({});
    this.devices.setMuted(true);
    this.devices.capture("microphone");
    this.devices.capture("camera");
  }

  endTrial(): void {
    if (this.trial.state === null) return;
    this.trial.set(null);
    this.devices.release("microphone");
    this.devices.release("camera");
  }

  // ---------------------------------------------------------------------------------------------

  /** Which conversation each call heard of belongs to. */
  private readonly conversations = new Map<CallId, ConversationId>();

  private note(event: Event): void {
    if (event.kind !== "message") return;
    const { message } = event;
    if (message.kind === "snapshot") {
      this.conversations.clear();
      for (const call of message.snapshot.calls) this.conversations.set(call.id, call.conversation_id);
    } else if (message.kind === "call") {
      this.conversations.set(callOf(message), message.call.conversation_id);
    } else if (message.kind === "call_ended") {
      this.conversations.delete(message.call.id);
    }
  }

  private carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "come_in":
        this.comeIn(effect.attempt, effect.message);
        break;
      case "send":
        this.send(effect.message);
        break;
      case "get_call":
        this.wire.request({ kind: "call_get", call_id: effect.callId }).then(
          (reply) => {
            if (reply.kind === "call") this.do({ kind: "call_got", call: reply.call });
          },
          () => undefined,
        );
        break;
      case "capture":
        this.trial.set(null);
        this.devices.capture(effect.device);
        break;
      case "release":
        this.devices.release(effect.device);
        break;
      case "set_muted":
        this.devices.setMuted(effect.muted);
        break;
      case "ask_to_prepare":
        this.askToPrepare(effect.callId);
        break;
      case "prepare_media":
        this.prepared.add(
          effect.partner,
          effect.peerId,
          this.direct({
            ...effect,
            tracks: NO_TRACKS,
            answered: () => this.do({ kind: "answered", from: effect.partner }),
          }),
        );
        break;
      case "attach_prepared":
        this.prepared.attach(effect.partner, this.devices.tracks);
        this.look();
        break;
      case "drop_prepared":
        this.prepared.drop(effect.partner);
        this.look();
        break;
      case "open_media":
        this.open(effect);
        break;
      case "restart_media":
        this.connections.get(effect.epoch)?.restart();
        break;
      case "close_media":
        this.connections.get(effect.epoch)?.close();
        this.connections.delete(effect.epoch);
        this.look();
        break;
      case "signal":
        this.signal(effect);
        break;
      case "remember":
        store("tab", MEMORY, JSON.stringify(effect.memory));
        break;
      case "forget":
        store("tab", MEMORY, null);
        break;
      case "sound":
        playSound(effect.sound);
        break;
    }
  }

  private comeIn(attempt: number, message: ClientMessage): void {
    this.wire.request(message).then(
      (reply) => {
        if (reply.kind === "joined") this.do({ kind: "joined", attempt, joined: reply.joined });
      },
      (error: unknown) => {
        const code = error instanceof Refused ? error.code : "offline";
        this.do({ kind: "join_failed", attempt, code, message: error instanceof Refused ? error.message : "" });
      },
    );
  }

  private send(message: ClientMessage): void {
    this.wire.request(message).catch((error: unknown) => {
      if (!(error instanceof Refused)) return;
      if (error.code === "not_in_call" || error.code === "call_ended") this.askWhetherIn(message);
    });
  }

  /** The server does not know this participant: the call as a whole says what has become of it. */
  private askWhetherIn(message: ClientMessage): void {
    if (!("peer_id" in message) || message.kind === "call_leave") return;
    const { call_id: callId, peer_id: peerId } = message;
    this.wire.request({ kind: "call_get", call_id: callId }).then(
      (reply) => {
        if (reply.kind === "call" && participantOf(reply.call, peerId) === undefined) {
          this.do({ kind: "not_in_call", peerId });
        }
      },
      (error: unknown) => {
        if (error instanceof Refused) this.do({ kind: "not_in_call", peerId });
      },
    );
  }

  private open(effect: Extract<Effect, { kind: "open_media" }>): void {
    const { epoch, callId, peerId, partner, setup } = effect;
    const { tracks } = this.devices;
    if (effect.mode === "forwarded" || partner === null) {
      const hooks = {
        news: (news: LegNews) => this.tell(epoch, news),
        changed: () => this.look(),
      };
      this.connections.set(epoch, this.forwarded({ epoch, callId, peerId, setup, hooks, tracks }));
      return;
    }
    const prepared = this.prepared.take(partner, peerId, epoch);
    const connection = prepared ?? this.direct({ ...effect, partner, tracks, answered: null, quiet: false });
    this.connections.set(epoch, connection);
    if (prepared !== null) {
      for (const source of SOURCES) prepared.setTrack(source, tracks[source]);
      if (prepared.isUp) this.tell(epoch, "up");
    }
    const early = this.earlySignals.filter((each) => each.epoch === epoch);
    this.earlySignals = [];
    for (const each of early) connection.signal(each.from, each.signal);
  }

  private direct(options: {
    epoch: number;
    callId: CallId;
    peerId: PeerId;
    partner: PeerId;
    offers: boolean;
    setup: MediaSetup;
    tracks: Tracks;
    answered: (() => void) | null;
    quiet: boolean;
  }): DirectConnection {
    const { epoch, callId, peerId, partner, offers, setup, tracks, answered, quiet } = options;
    // What has only been prepared is no news yet.
    const isOfTheCall = (): boolean => this.connections.get(epoch) === connection;
    const connection: DirectConnection = new DirectConnection({
      epoch,
      partner,
      offers,
      iceServers: setup.ice_servers,
      tracks,
      answered,
      quiet,
      hooks: {
        news: (news) => {
          if (isOfTheCall()) this.tell(epoch, news);
        },
        changed: () => {
          if (isOfTheCall() || this.prepared.answered() === connection) this.look();
        },
      },
      send: (signal) => {
        this.send({ kind: "call_signal", call_id: callId, peer_id: peerId, to: partner, epoch, signal });
      },
    });
    return connection;
  }

  private askToPrepare(callId: CallId): void {
    const ask = (): void => {
      this.wire.request({ kind: "ring_prepare", call_id: callId }).then(
        (reply) => {
          if (reply.kind === "prepared") this.do({ kind: "prepared", callId, prepared: reply.prepared });
        },
        // Then the connection is made with the answer.
        () => undefined,
      );
    };
    window.setTimeout(ask, PREPARE_AFTER_MS);
  }

  private forwarded(options: {
    epoch: number;
    callId: CallId;
    peerId: PeerId;
    setup: MediaSetup;
    hooks: { news(news: LegNews): void; changed(): void };
    tracks: Tracks;
  }): MediaConnection {
    const { epoch, callId, peerId, setup, hooks, tracks } = options;
    return new ForwardedConnection({
      epoch,
      setup,
      tracks,
      wishes: this.wishes,
      hooks,
      offer: async (direction, session, sdp) => {
        const message: ClientMessage = {
          kind: "media_offer",
          call_id: callId,
          peer_id: peerId,
          epoch,
          direction,
          session,
          sdp,
        };
        try {
          const reply = await this.wire.request(message);
          if (reply.kind === "media_answer" && reply.session === session) return reply.sdp;
        } catch (error) {
          if (error instanceof Refused && error.code === "not_in_call") this.askWhetherIn(message);
          throw error;
        }
        throw new Error("another answer than asked for");
      },
    });
  }

  private tell(epoch: number, news: LegNews): void {
    this.do({ kind: "media", epoch, news });
    this.look();
  }

  private signal({ epoch, from, signal }: EarlySignal): void {
    const connection = this.connections.get(epoch);
    if (connection instanceof DirectConnection) {
      connection.signal(from, signal);
    } else if (connection === undefined && !this.prepared.signal(epoch, from, signal)) {
      this.earlySignals = [...this.earlySignals, { epoch, from, signal }].slice(-EARLY_SIGNALS_MAX);
    }
  }

  /** Looks at what comes in now, and plays it. */
  private look(): void {
    const { phase } = this.state.state;
    const leg = phase.kind === "in" ? carrying(phase.in.legs) : undefined;
    const connection = leg === undefined ? undefined : this.connections.get(leg.epoch);
    const mix = this.mix();
    const isSilent = phase.kind === "in" && phase.in.silent;
    this.loudspeaker.play(isSilent ? [] : mix.sounds, isSilent ? [] : mix.ready);

    const pictures = new Map<string, { track: MediaStreamTrack; received: Received }>();
    for (const { peerId, source, track, received } of mix.pictures) {
      pictures.set(pictureKey(peerId, source), { track, received });
    }
    const now = performance.now();
    const talkedAt = new Map(this.media.state.talkedAt);
    const speaking = new Set<PeerId>();
    const talking = [...(connection?.speaking() ?? [])];
    if (phase.kind === "in" && this.meter.isTalking && phase.in.wanted.microphone) talking.push(phase.in.peerId);
    for (const peer of talking) this.talkedUntil.set(peer, now + TALK_SHOWN_MS);
    for (const [peer, until] of this.talkedUntil) {
      if (until <= now) {
        this.talkedUntil.delete(peer);
        continue;
      }
      speaking.add(peer);
      if (!this.media.state.speaking.has(peer)) talkedAt.set(peer, now);
    }
    const before = this.media.state;
    if (samePictures(before.pictures, pictures) && sameSet(before.speaking, speaking)) return;
    this.media.set({ ...before, pictures, speaking, talkedAt });
  }

  /** What comes in now, of one connection or of two while one replaces the other. */
  private mix(): Mix {
    const { phase } = this.state.state;
    const own = phase.kind === "in" ? phase.in : null;
    const leg = carrying(own?.legs ?? []);
    // Who has answered sees and hears the caller while the server still writes it down.
    const early = phase.kind === "joining" ? this.prepared.answered() : null;
    const from = leg === undefined ? (early ?? undefined) : this.connections.get(leg.epoch);
    const next = own?.legs.find((each) => each.epoch > (leg?.epoch ?? 0) && each.state.kind === "up");
    const to = next === undefined ? undefined : this.connections.get(next.epoch);
    if (own === null || from === undefined || next === undefined || to === undefined) {
      this.handover?.end();
      this.handover = null;
      const sounds = from?.sounds().map(({ track }) => track) ?? [];
      return { pictures: from?.pictures() ?? [], sounds, ready: [], isComplete: true };
    }
    if (this.handover?.isBetween(from, to) !== true) {
      this.handover?.end();
      this.handover = new Handover(from, to, () => this.look());
    }
    const mix = this.handover.mix(this.wishes.filter(({ peerId, source }) => participantOf(own.call, peerId)?.[source].on));
    if (mix.isComplete) this.do({ kind: "media", epoch: next.epoch, news: "carries" });
    return mix;
  }

  /** Talking is looked at while there is a call, and nothing is while there is none. */
  private watch(): void {
    const { kind } = this.state.state.phase;
    const isLive = kind === "in" || kind === "joining";
    if (isLive && this.looking === 0) {
      this.looking = window.setInterval(() => this.look(), LOOK_MS);
    } else if (!isLive && this.looking !== 0) {
      clearInterval(this.looking);
      this.looking = 0;
      this.talkedUntil.clear();
      this.earlySignals = [];
      this.wishes = [];
      this.loudspeaker.play([]);
      this.media.set({ ...NOTHING, own: this.devices.tracks });
    }
  }

  private sleep(): void {
    clearTimeout(this.wake);
    const at = deadline(this.state.state);
    if (at === null) return;
    this.wake = window.setTimeout(() => this.do({ kind: "timer" }), Math.max(0, at - Date.now()) + 1);
  }

  /** Turns one of the own devices on or off. */
  toggle(device: DeviceKind): void {
    const { phase } = this.state.state;
    const wanted =
      phase.kind === "in" ? phase.in.wanted : phase.kind === "joining" ? phase.request.wanted : undefined;
    if (wanted !== undefined) this.do({ kind: "toggle", device, on: !wanted[device] });
  }
}

function currentOf(phase: Phase): CurrentCall | undefined {
  switch (phase.kind) {
    case "idle":
      return undefined;
    case "joining":
      return { callId: null, conversationId: phase.request.conversationId };
    case "in":
      return { callId: phase.in.call.id, conversationId: phase.in.call.conversation_id };
    case "after": {
      const { after } = phase;
      const conversationId = after.kind === "unanswered" ? after.conversationId : after.request.conversationId;
      return { callId: null, conversationId };
    }
  }
}

function recall(): Memory | null {
  const text = stored("tab", MEMORY);
  if (text === null) return null;
  try {
    // Only this page writes it.
    return JSON.parse(text) as Memory;
  } catch {
    return null;
  }
}

function samePictures(one: Media["pictures"], other: Media["pictures"]): boolean {
  if (one.size !== other.size) return false;
  for (const [key, { track, received }] of one) {
    const same = other.get(key);
    if (same?.track !== track) return false;
    if (same.received.heightPx !== received.heightPx || same.received.reason !== received.reason) return false;
  }
  return true;
}

function sameSet<Item>(one: ReadonlySet<Item>, other: ReadonlySet<Item>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
