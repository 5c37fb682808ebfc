import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const BINARY =
  process.env["CONNECT_BIN"] ?? resolve(import.meta.dirname, "../../../target/release/connect");

/** A server of its own data directory and ports, stopped with the test. */
export class Server {
  private constructor(
    private process: ChildProcess,
    /** Its data. */
    readonly folder: string,
    private readonly ports: string[],
    /** Such as `http://localhost:41873`. */
    readonly url: string,
    /** The link for the first admin, as printed; empty after the first start. */
    readonly setupLink: string,
    private operators: string,
  ) {}

  static async start(host = "127.0.0.1"): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "connect-e2e-"));
    // The tests' own push service is on this machine.
    const ports = ["--listen", `${host}:0`, "--media-port", "0", "--push-allow-private", "true", "--admin-listen", "127.0.0.1:0"];
    const started = await run(folder, ports, true);
    return new Server(started.process, folder, ports, started.url, started.setupLink, started.operators);
  }

  /** Moves all forwarded calls to another media worker. Answers how many. */
  async drainMedia(): Promise<number> {
    const response = await fetch(new URL("/media/drain", this.operators), { method: "POST" });
    const { moved } = (await response.json()) as { moved: number };
    return moved;
  }

  /** The token at the end of the first admin's link. */
  get setupToken(): string {
    return this.setupLink.split("token=")[1] ?? "";
  }

  /** Ends the process at once, as a crash would. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
  }

  /** Ends the process in order, for something to be done to its data. */
  async pause(): Promise<void> {
    this.process.kill("SIGTERM");
    await once(this.process, "exit");
  }

  /** Starts again on the same data and the same address. */
  async restart(): Promise<void> {
    const [, listen = ""] = this.ports;
    const port = new URL(this.url).port;
    const ports = ["--listen", listen.replace(/:0$/, `:${port}`), ...this.ports.slice(2)];
    const { process, operators } = await run(this.folder, ports, false);
    this.process = process;
    this.operators = operators;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.pause();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Starts the binary and waits until it has said where it is and, on new data, how to begin. */
async function run(
  folder: string,
  ports: string[],
  fresh: boolean,
): Promise<{ process: ChildProcess; url: string; setupLink: string; operators: string }> {
  const child = spawn(BINARY, ["serve", "--data", folder, ...ports], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let url = "";
  let setupLink = "";
  let operators = "";
  for await (const line of createInterface({ input: child.stdout })) {
    url = /Connect is ready at (\S+)/.exec(line)?.[1] ?? url;
    operators = /For operators: (\S+)/.exec(line)?.[1] ?? operators;
    setupLink = /\S+\/setup#token=\S+/.exec(line)?.[0] ?? setupLink;
    if (url !== "" && operators !== "" && (setupLink !== "" || !fresh)) {
      child.stdout.resume();
      return { process: child, url: url.replace(/\/$/, ""), setupLink, operators };
    }
  }
  throw new Error(`${BINARY} ended before it was ready`);
}
