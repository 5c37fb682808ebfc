/**
 * Drives the core: opens sockets, hands what they say to the stores, and carries out what the
 * stores ask for. Everything the views and the call need of the server goes through here.
 */
import { byId } from "../core/calls";
import * as connection from "../core/connection";
import { Refused, Unanswered } from "../core/refusal";
import { Store } from "../core/store";
import * as timeline from "../core/timeline";
import * as workspace from "../core/workspace";
import {
  RESUME_CONVERSATIONS_MAX,
  TIMELINE_PAGE_DEFAULT,
  TIMELINE_PAGE_MAX,
  type CallId,
  type ClientMessage,
  type ConversationId,
  type Me,
  type MessageId,
  type MyConversation,
  type Reply,
  type ResumePoint,
  type ServerMessage,
  type SetupStatus,
  type TimelinePage,
} from "../protocol/generated";
import { Http } from "./http";
import { Socket } from "./socket";
import { forgetPerson, PUSH_MARK, randomWord, store, stored } from "./storage";

export type Session =
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "signed_out" }
  | { kind: "signed_in" };

const TYPING_EVERY_MS = 3_000;
const IDLE_AFTER_MS = 5 * 60_000;
const READ_AFTER_MS = 400;

type Listener = (message: ServerMessage) => (() => void) | undefined;

export class Client {
  readonly session = new Store<Session>({ kind: "unknown" });
  readonly connection = new Store<connection.Connection>(connection.IDLE);
  readonly workspace = new Store<workspace.Workspace>(workspace.NOTHING);
  readonly clock = new connection.Clock(() => Date.now());
  readonly http = new Http(() => this.signedOut());
  /** Whether this server still waits for its first admin. */
  needsSetup = false;
  /** A word of this tab that outlives its reloads. */
  readonly tab: string;

  private socket: Socket | null = null;
  private wake = 0;
  private readonly timelines = new Map<ConversationId, Store<timeline.Timeline>>();
  private resumed = new Set<ConversationId>();
  private readonly listeners = new Set<Listener>();
  private nonces = 0;
  private typedAt = 0;
  private retryAfter: number | null = null;
  private readonly reads = new Map<ConversationId, number>();
  private readTimer = 0;
  private isActive = true;
  private activeAt = Date.now();

  constructor() {
    this.tab = stored("tab", "tab") ?? randomWord();
    store("tab", "tab", this.tab);
    window.addEventListener("online", () => this.connect({ kind: "network_back" }));
    window.addEventListener("offline", () => this.connect({ kind: "network_lost", now: this.clock.now() }));
    // A laptop that was opened again should not wait for the next try.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.connect({ kind: "try_now" });
    });
    for (const event of ["pointerdown", "keydown", "pointermove"]) {
      window.addEventListener(event, () => this.active(), { passive: true });
    }
    setInterval(() => {
      this.applyWorkspace({ kind: "tick", now: this.clock.now() });
      if (this.isActive && Date.now() - this.activeAt > IDLE_AFTER_MS) this.setActive(false);
    }, 1_000);
  }

  /** Finds out whether this browser is signed in, and connects if it is. */
  async begin(): Promise<void> {
    try {
      // Not `/auth/me`: it refuses strangers, and browsers report a refusal as an error of the page.
      // The page asks for this before it has the scripts; the answer to that is the one given here.
      const { signed_in: isSignedIn, needed } = await this.http.get<SetupStatus>("/setup");
      this.needsSetup = needed;
      if (isSignedIn) {
        this.signedIn();
        this.pushes((push) => push.keepPush(this.http));
      } else {
        this.session.set({ kind: "signed_out" });
        this.pushes((push) => push.forgetPush());
      }
    } catch {
      this.session.set({ kind: "unreachable" });
    }
  }

  signedIn(): void {
    this.session.set({ kind: "signed_in" });
    this.connect({ kind: "start" });
  }

  async signOut(): Promise<void> {
    await this.http.post("/auth/logout");
    this.signedOut();
  }

  tryNow(): void {
    this.connect({ kind: "try_now" });
  }

  /** Sends a frame and waits for its answer; fails at once without a connection. */
  request(message: ClientMessage): Promise<Reply> {
    if (this.socket === null || this.connection.state.kind !== "online") return Promise.reject(new Unanswered());
    return this.socket.request(message);
  }

  notify(message: ClientMessage): void {
    if (this.connection.state.kind === "online") this.socket?.notify(message);
  }

  /** Hears everything the server says, at once. What it gives back is done after the stores have taken it in. */
  onMessage(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Takes in a conversation that an answer brought before the push about it. */
  learn(mine: MyConversation): void {
    const held = this.workspace.state.conversations.get(mine.conversation.id);
    if (held !== undefined && held.conversation.last_seq >= mine.conversation.last_seq) return;
    this.heard({ kind: "conversation", conversation: mine });
  }

  timeline(id: ConversationId): Store<timeline.Timeline> {
    let held = this.timelines.get(id);
    if (held === undefined) {
      held = new Store(timeline.EMPTY);
      this.timelines.set(id, held);
    }
    return held;
  }

  open(id: ConversationId): void {
    this.applyTimeline(id, { kind: "opened" });
  }

  readOlder(id: ConversationId): void {
    this.applyTimeline(id, { kind: "older_wanted" });
  }

  readAgain(id: ConversationId): void {
    this.applyTimeline(id, { kind: "retry" });
  }

  send(id: ConversationId, text: string, callId: CallId | null): void {
    const nonce = `${this.tab}-${String(Date.now())}-${String(this.nonces++)}`.slice(-64);
    this.typedAt = 0;
    this.applyTimeline(id, { kind: "send", nonce, text, callId, at: this.clock.now() });
  }

  sendAgain(id: ConversationId, nonce: string): void {
    this.applyTimeline(id, { kind: "send_again", nonce });
  }

  dropUnsent(id: ConversationId, nonce: string): void {
    this.applyTimeline(id, { kind: "send_dropped", nonce });
  }

  async edit(id: ConversationId, messageId: MessageId, text: string): Promise<void> {
    await this.request({ kind: "edit_message", conversation_id: id, message_id: messageId, text });
  }

  async delete(id: ConversationId, messageId: MessageId): Promise<void> {
    await this.request({ kind: "delete_message", conversation_id: id, message_id: messageId });
  }

  typing(id: ConversationId): void {
    if (Date.now() - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = Date.now();
    this.notify({ kind: "typing", conversation_id: id });
  }

  /** Counts as read here at once; the server is told a moment later, once for many. */
  markRead(id: ConversationId, seq: number): void {
    this.applyWorkspace({ kind: "read_locally", conversationId: id, seq });
    this.reads.set(id, Math.max(seq, this.reads.get(id) ?? 0));
    clearTimeout(this.readTimer);
    this.readTimer = window.setTimeout(() => this.tellReads(), READ_AFTER_MS);
  }

  private tellReads(): void {
    for (const [id, seq] of this.reads) {
      this.request({ kind: "mark_read", conversation_id: id, seq }).then(
        () => {
          if (this.reads.get(id) === seq) this.reads.delete(id);
        },
        // It is told again with the next connection.
        () => undefined,
      );
    }
  }

  private active(): void {
    this.activeAt = Date.now();
    if (!this.isActive) this.setActive(true);
  }

  private setActive(active: boolean): void {
    this.isActive = active;
    this.notify({ kind: "activity", active });
  }

  private signedOut(): void {
    if (this.session.state.kind === "signed_out") return;
    this.session.set({ kind: "signed_out" });
    this.connect({ kind: "signed_out" });
    this.timelines.clear();
    this.reads.clear();
    this.workspace.set(workspace.NOTHING);
    forgetPerson();
    this.pushes((push) => push.forgetPush());
  }

  /** Only a device with notifications loads what handles them; what fails now is done at the next start. */
  private pushes(task: (push: typeof import("./push")) => Promise<void>): void {
    if (stored("device", PUSH_MARK) !== null) void import("./push").then(task).catch(() => undefined);
  }

  private connect(event: connection.ConnectionEvent): void {
    const [next, effects] = connection.step(this.connection.state, event);
    this.connection.set(next);
    for (const effect of effects) {
      switch (effect.kind) {
        case "open":
          this.openSocket();
          break;
        case "close":
          this.closeSocket();
          break;
        case "wake_at":
          clearTimeout(this.wake);
          this.wake = window.setTimeout(() => this.connect({ kind: "due" }), effect.at - this.clock.now());
          break;
        case "cancel_wake":
          clearTimeout(this.wake);
          break;
      }
    }
  }

  private openSocket(): void {
    this.closeSocket();
    const resume = this.resumePoints();
    this.resumed = new Set(resume.map((point) => point.conversation_id));
    this.retryAfter = null;
    const url = `${location.origin.replace(/^http/, "ws")}/api/v1/socket`;
    const socket = new Socket(url, { resume, tab: this.tab }, {
      welcomed: ({ welcome }) => {
        if (this.socket !== socket) return;
        this.clock.heard(welcome.server_time);
        this.connect({ kind: "welcomed", now: this.clock.now() });
        if (!this.isActive) this.setActive(false);
      },
      message: (message) => {
        if (this.socket === socket) this.heard(message);
      },
      closed: () => {
        if (this.socket !== socket) return;
        const wasOnline = this.connection.state.kind === "online";
        this.socket = null;
        this.connect({
          kind: "closed",
          now: this.clock.now(),
          jitter: Math.random(),
          retryAfter: this.retryAfter,
        });
        if (!wasOnline) void this.checkSession();
      },
    });
    this.socket = socket;
  }

  private closeSocket(): void {
    const { socket } = this;
    this.socket = null;
    socket?.end();
  }

  /** A socket that is refused does not say why; this request does. */
  private async checkSession(): Promise<void> {
    await this.http.get<Me>("/auth/me").catch(() => undefined);
  }

  private resumePoints(): ResumePoint[] {
    const points: (ResumePoint & { at: number })[] = [];
    for (const [id, held] of this.timelines) {
      if (!held.state.loaded) continue;
      const at = this.workspace.state.conversations.get(id)?.conversation.last_at ?? 0;
      points.push({ conversation_id: id, last_seq: held.state.last, at });
    }
    return points
      .sort((a, b) => b.at - a.at)
      .slice(0, RESUME_CONVERSATIONS_MAX)
      .map(({ conversation_id, last_seq }) => ({ conversation_id, last_seq }));
  }

  private heard(message: ServerMessage): void {
    const then = [...this.listeners].map((listener) => listener(message));
    this.applyWorkspace({ kind: "message", message, now: this.clock.now() });
    switch (message.kind) {
      case "ping":
        this.clock.heard(message.server_time);
        break;
      case "snapshot":
        this.afterSnapshot();
        break;
      case "resumed":
        this.applyTimeline(message.conversation_id, {
          kind: "resumed",
          entries: message.entries,
          complete: message.complete,
        });
        break;
      case "entry":
        this.applyTimeline(message.entry.conversation_id, { kind: "entry", entry: message.entry });
        break;
      case "reply":
        if (message.reply.kind === "sent") {
          const { entry } = message.reply;
          this.applyTimeline(entry.conversation_id, { kind: "entry", entry });
        }
        break;
      case "call_ended":
        this.applyTimeline(message.call.conversation_id, { kind: "call", call: message.call });
        break;
      case "conversation_gone":
        this.timelines.delete(message.conversation_id);
        break;
      case "going_away":
        this.retryAfter = message.retry_after_ms;
        break;
      case "resync":
        this.retryAfter = 0;
        break;
      case "signed_out":
        this.signedOut();
        break;
      case "failed":
      case "conversation":
      case "read":
      case "typing":
      case "user":
      case "me":
      case "presence":
      case "availability":
      case "call":
      case "call_participant":
      case "call_participant_left":
      case "call_ring":
      case "call_speaking":
      case "ring":
      case "ring_stopped":
      case "missed_calls":
      case "call_signal":
      case "call_detached":
        break;
      default:
        break;
    }
    for (const task of then) task?.();
  }

  private afterSnapshot(): void {
    const { conversations } = this.workspace.state;
    for (const [id, held] of this.timelines) {
      const mine = conversations.get(id);
      if (mine === undefined) {
        this.timelines.delete(id);
        continue;
      }
      const isBehind = held.state.loaded && held.state.last < mine.conversation.last_seq;
      if (isBehind && !this.resumed.has(id)) {
        this.applyTimeline(id, { kind: "resumed", entries: [], complete: false });
      }
      this.applyTimeline(id, { kind: "connected" });
    }
    for (const [id, seq] of this.reads) {
      this.applyWorkspace({ kind: "read_locally", conversationId: id, seq });
    }
    this.tellReads();
  }

  private applyWorkspace(event: workspace.WorkspaceEvent): void {
    const [next, effects] = workspace.step(this.workspace.state, event);
    this.workspace.set(next);
    for (const effect of effects) {
      // The answer comes to the stores as every answer does. A call that has gone is not asked for again.
      this.request({ kind: "call_get", call_id: effect.callId }).catch(() => undefined);
    }
  }

  private applyTimeline(id: ConversationId, event: timeline.TimelineEvent): void {
    const held = this.timeline(id);
    const [next, effects] = timeline.step(held.state, event);
    held.set(next);
    for (const effect of effects) this.carryOut(id, effect);
  }

  private carryOut(id: ConversationId, effect: timeline.TimelineEffect): void {
    switch (effect.kind) {
      case "read_newest":
        this.readPage(id, "newest", `limit=${String(TIMELINE_PAGE_DEFAULT)}`);
        break;
      case "read_older":
        this.readPage(id, "older", `before=${String(effect.before)}&limit=${String(TIMELINE_PAGE_MAX)}`);
        break;
      case "read_range":
        this.readPage(id, "range", `after=${String(effect.after)}&limit=${String(TIMELINE_PAGE_MAX)}`);
        break;
      case "send": {
        const { nonce, text, callId } = effect;
        this.request({ kind: "send_message", conversation_id: id, nonce, text, call_id: callId }).catch(
          (error: unknown) => {
            const lost = !(error instanceof Refused);
            const reason = error instanceof Error ? error.message : "";
            this.applyTimeline(id, { kind: "send_failed", nonce, reason, lost });
          },
        );
        break;
      }
    }
  }

  private readPage(id: ConversationId, what: "newest" | "older" | "range", query: string): void {
    this.http.get<TimelinePage>(`/conversations/${id}/timeline?${query}`).then(
      (page) => this.applyTimeline(id, { kind: "page", what, page }),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : "";
        this.applyTimeline(id, { kind: "page_failed", what, reason });
      },
    );
  }

  /** The live call of that id, if this person can see it. */
  call(callId: CallId): ReturnType<typeof byId> {
    return byId(this.workspace.state.calls, callId);
  }
}
