import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Firefox never starts an AudioContext on a machine without a sound device, so it gets a private
 * PulseAudio with a null sink for the length of the run.
 */
export default async function sound(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "connect-sound-"));
  const socket = join(folder, "socket");
  const server = spawn(
    "pulseaudio",
    [
      "-n",
      "--daemonize=no",
      "--exit-idle-time=-1",
      "--use-pid-file=no",
      "-L",
      `module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      "-L",
      "module-null-sink",
    ],
    { stdio: "ignore", env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder } },
  );
  await new Promise<void>((started, failed) => {
    server.once("spawn", started);
    server.once("error", () => {
      failed(new Error("pulseaudio cannot be started: install it, Firefox needs it for sound"));
    });
  });
  process.env["PULSE_SERVER"] = `unix:${socket}`;
  return () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
}
