import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { PushMessage } from "../../src/protocol/generated";

/** What a browser's subscription says of itself (Push API, `PushSubscription.toJSON`). */
export type Subscription = { endpoint: string; keys: { p256dh: string; auth: string } };

/** One push, as its browser reads it. */
export type Pushed = {
  message: PushMessage;
  text: string;
  urgency: string;
  topic: string;
  /** Seconds. */
  ttl: number;
};

/** A browser's keys, and the push service of its maker: keeps what it is sent until it is asked for. */
export class PushService {
  private readonly key = createECDH("prime256v1");
  private readonly auth = randomBytes(16);
  private readonly kept: Pushed[] = [];
  private readonly waiting: ((pushed: Pushed) => void)[] = [];

  private constructor(private readonly server: Server) {
    this.key.generateKeys();
  }

  static async open(): Promise<PushService> {
    const server = createServer();
    const service = new PushService(server);
    server.on("request", (request, response) => {
      void service.take(request).then(() => response.writeHead(201).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return service;
  }

  get subscription(): Subscription {
    const { port } = this.server.address() as AddressInfo;
    return {
      endpoint: `http://127.0.0.1:${String(port)}/device`,
      keys: { p256dh: this.key.getPublicKey().toString("base64url"), auth: this.auth.toString("base64url") },
    };
  }

  /** The next push, whether it has come or is yet to. */
  next(): Promise<Pushed> {
    const kept = this.kept.shift();
    if (kept !== undefined) return Promise.resolve(kept);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async take(request: IncomingMessage): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = this.decrypt(Buffer.concat(parts));
    const header = (name: string): string => String(request.headers[name] ?? "");
    const pushed: Pushed = {
      message: JSON.parse(text) as PushMessage,
      text,
      urgency: header("urgency"),
      topic: header("topic"),
      ttl: Number(header("ttl")),
    };
    const waiting = this.waiting.shift();
    if (waiting === undefined) this.kept.push(pushed);
    else waiting(pushed);
  }

  /** RFC 8291, section 3.4: one record of `aes128gcm` (RFC 8188), whose key both halves agree on. */
  private decrypt(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const idLength = body.readUInt8(20);
    const sender = body.subarray(21, 21 + idLength);
    const sealed = body.subarray(21 + idLength);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.key.getPublicKey(), sender]);
    const secret = derive(this.key.computeSecret(sender), this.auth, info, 32);
    const key = derive(secret, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
    const nonce = derive(secret, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
    const cipher = createDecipheriv("aes-128-gcm", key, nonce);
    cipher.setAuthTag(sealed.subarray(-16));
    const record = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    // The text ends at the delimiter; padding may follow.
    return record.subarray(0, record.lastIndexOf(2)).toString();
  }
}

function derive(secret: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, info, bytes));
}
