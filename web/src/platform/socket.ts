/**
 * One WebSocket from its opening to its end: frames with numbers, answers by number, and silence
 * taken for death. Opening the next one is its owner's decision.
 */
import { Refused, Unanswered } from "../core/refusal";
import {
  HEARTBEAT_DEAD_MS,
  PROTOCOL_VERSION,
  type ClientFrame,
  type ClientMessage,
  type Reply,
  type ResumePoint,
  type ServerMessage,
} from "../protocol/generated";

export type SocketHooks = {
  welcomed(reply: Extract<Reply, { kind: "welcome" }>): void;
  message(message: ServerMessage): void;
  /** Once, however it ended. */
  closed(): void;
};

type Waiting = { resolve: (reply: Reply) => void; reject: (reason: Error) => void; timer: number };

const ANSWER_MS = 20_000;

export class Socket {
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;
  private silence = 0;
  private isOver = false;

  constructor(
    url: string,
    hello: { resume: ResumePoint[]; tab: string },
    private readonly hooks: SocketHooks,
  ) {
    this.socket = new WebSocket(url);
    this.socket.addEventListener("open", () => {
      this.request({ kind: "hello", protocols: [PROTOCOL_VERSION], ...hello }).then(
        (reply) => {
          if (reply.kind === "welcome") this.hooks.welcomed(reply);
        },
        () => this.end(),
      );
    });
    this.socket.addEventListener("message", (event: MessageEvent<unknown>) => this.heard(event.data));
    this.socket.addEventListener("close", () => this.end());
    this.listen();
  }

  /** Sends a frame and waits for its answer. */
  request(message: ClientMessage): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.isOver) {
        reject(new Unanswered());
        return;
      }
      const id = this.next++;
      const timer = window.setTimeout(() => {
        this.waiting.delete(id);
        reject(new Unanswered());
      }, ANSWER_MS);
      this.waiting.set(id, { resolve, reject, timer });
      this.send({ id, message });
    });
  }

  /** Sends a frame that has no answer unless it is refused. */
  notify(message: ClientMessage): void {
    if (!this.isOver) this.send({ id: this.next++, message });
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.silence);
    this.socket.close();
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new Unanswered());
    }
    this.waiting.clear();
    this.hooks.closed();
  }

  private send(frame: ClientFrame): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private heard(data: unknown): void {
    if (this.isOver || typeof data !== "string") return;
    this.listen();
    const message = JSON.parse(data) as ServerMessage;
    // Everybody hears of an answer before the one who asked goes on with it.
    this.hooks.message(message);
    switch (message.kind) {
      case "reply":
        this.settle(message.id)?.resolve(message.reply);
        break;
      case "failed":
        this.settle(message.id)?.reject(new Refused(message.error));
        break;
      case "ping":
        this.notify({ kind: "pong" });
        break;
      default:
        break;
    }
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    return waiting;
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.end(), HEARTBEAT_DEAD_MS);
  }
}
