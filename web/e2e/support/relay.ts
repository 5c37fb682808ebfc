import { connect, createServer, type AddressInfo, type Server as Listener, type Socket } from "node:net";
import { once } from "node:events";

import type { Server } from "./server";

/** A way to the server that can be cut, as a network that goes away: HTTP and the socket, no media. */
export class Relay {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly listener: Listener,
    /** Where the server is found by this way. */
    readonly url: string,
  ) {}

  static async to(server: Server): Promise<Relay> {
    const { hostname, port } = new URL(server.url);
    const listener = createServer();
    listener.listen(0, "localhost");
    await once(listener, "listening");
    const own = (listener.address() as AddressInfo).port;
    const relay = new Relay(listener, `http://localhost:${String(own)}`);
    listener.on("connection", (near) => {
      if (relay.isCut) near.destroy();
      else relay.join(near, connect(Number(port), hostname));
    });
    return relay;
  }

  /** Nothing that is open goes on, and nothing new comes through. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.listener.close();
    await once(this.listener, "close");
  }

  private join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one);
      one.pipe(other);
      // Either end may go away at any time; the other one goes with it.
      one.on("error", () => undefined);
      one.on("close", () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
