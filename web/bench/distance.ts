/** Where the two browsers of a measurement are: both here, or one of them in a network 50 ms away. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CHROMIUM_PATH } from "../e2e/support/browsers";

/** One way. */
export const DELAY_MS = 50;
const NAMESPACE = "connect-bench";

export type Distance = {
  /** The address of this machine that both reach. */
  host: string;
  /** The browser at the other end. */
  browser: string;
  close(): Promise<void>;
};

export const NONE: Distance = { host: "127.0.0.1", browser: CHROMIUM_PATH, close: () => Promise.resolve() };

/** Makes the other network, with the program `CONNECT_DELAY` between; fails where one may not. */
export async function far(): Promise<Distance> {
  const program = process.env["CONNECT_DELAY"] ?? "../target/release/examples/delay";
  const folder = mkdtempSync(join(tmpdir(), "connect-bench-"));
  const browser = join(folder, "browser");
  // Left by a run that was ended.
  removeNamespace();
  let link: ChildProcess | null = null;
  const close = async (): Promise<void> => {
    if (link !== null && link.exitCode === null) {
      link.stdin?.end();
      await once(link, "exit");
    }
    removeNamespace();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    execFileSync("ip", ["netns", "add", NAMESPACE], { stdio: ["ignore", "ignore", "pipe"] });
    execFileSync("ip", ["-n", NAMESPACE, "link", "set", "lo", "up"]);
    writeFileSync(browser, `#!/bin/sh\nexec ip netns exec ${NAMESPACE} ${CHROMIUM_PATH} "$@"\n`);
    chmodSync(browser, 0o755);
    link = spawn(program, [NAMESPACE, String(DELAY_MS)], { stdio: ["pipe", "pipe", "pipe"] });
    await ready(link);
  } catch (error) {
    await close();
    throw error;
  }
  return { host: "10.77.0.1", browser, close };
}

async function ready(link: ChildProcess): Promise<void> {
  let said = "";
  link.stderr?.on("data", (data: Buffer) => (said += data.toString()));
  const ended = once(link, "exit").then(() => {
    throw new Error(said.trim());
  });
  if (link.stdout !== null) await Promise.race([once(link.stdout, "data"), ended]);
  // From now on its end is expected.
  ended.catch(() => undefined);
}

function removeNamespace(): void {
  try {
    execFileSync("ip", ["netns", "del", NAMESPACE], { stdio: "ignore" });
  } catch {
    // There was none.
  }
}
