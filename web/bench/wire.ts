/** The least a page and a way between two of them can be: one file, and a socket that passes on what either says. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** RFC 6455, section 1.3. */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 0x81;
const MASKED = 0x80;

export class Wire {
  private readonly pages = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Serves that page, at that address of this machine. */
  static async start(html: string, host: string): Promise<Wire> {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
    });
    server.listen(0, host);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const wire = new Wire(server, `http://${host}:${String(port)}/`);
    server.on("upgrade", (request, page: Duplex) => {
      const key = request.headers["sec-websocket-key"] ?? "";
      const accept = createHash("sha1").update(key + MAGIC).digest("base64");
      page.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      wire.join(page);
    });
    return wire;
  }

  async close(): Promise<void> {
    for (const page of this.pages) page.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private join(page: Duplex): void {
    this.pages.add(page);
    let rest = Buffer.alloc(0);
    page.on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (let frame = read(rest); frame !== null; frame = read(rest)) {
        rest = rest.subarray(frame.bytes);
        if (frame.text === null) continue;
        for (const other of this.pages) if (other !== page) other.write(written(frame.text));
      }
    });
    page.on("error", () => undefined);
    page.on("close", () => this.pages.delete(page));
  }
}

/** The first frame, if it is there whole; what browsers send is masked, and of less than 64 kB. */
function read(data: Buffer): { bytes: number; text: Buffer | null } | null {
  if (data.length < 8) return null;
  const short = data.readUInt8(1) & ~MASKED;
  const start = short < 126 ? 2 : 4;
  const length = short < 126 ? short : data.readUInt16BE(2);
  const bytes = start + 4 + length;
  if (data.length < bytes) return null;
  const mask = data.subarray(start, start + 4);
  const text = Buffer.from(data.subarray(start + 4, bytes)).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return { bytes, text: data.readUInt8(0) === TEXT ? Buffer.from(text) : null };
}

function written(text: Buffer): Buffer {
  const head = text.length < 126 ? Buffer.from([TEXT, text.length]) : Buffer.from([TEXT, 126, text.length >> 8, text.length & 255]);
  return Buffer.concat([head, text]);
}
