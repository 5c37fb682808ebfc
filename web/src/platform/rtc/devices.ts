/**
 * The own microphone, camera, screen and speaker: which there are, which was chosen, and the tracks
 * they give. What goes wrong is named, and never ends a call.
 */
import type { DeviceKind, DeviceProblem } from "../../call";
import { Store } from "../../core/store";
import type { Source } from "../../protocol/generated";
import { store, stored } from "../storage";
import { NO_TRACKS, type Tracks } from "./connection";

export type DeviceChoice = { id: string; label: string };
export type ChoiceKind = "microphone" | "camera" | "speaker";

export type DevicesView = {
  lists: Readonly<Record<ChoiceKind, readonly DeviceChoice[]>>;
  /** Empty: whatever the system takes. */
  chosen: Readonly<Record<ChoiceKind, string>>;
  quieter: boolean;
};

export type DevicesHooks = {
  captured(device: DeviceKind): void;
  failed(device: DeviceKind, problem: DeviceProblem | "cancelled"): void;
  /** What is sent from that source is another track now. */
  track(source: Source, track: MediaStreamTrack | null): void;
  /** What the own microphone hears, muted or not. */
  heard(track: MediaStreamTrack | null): void;
};

const LIST_KINDS: Readonly<Record<MediaDeviceKind, ChoiceKind>> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};

export class LocalDevices {
  readonly view = new Store<DevicesView>({
    lists: { microphone: [], camera: [], speaker: [] },
    chosen: { microphone: remembered("microphone"), camera: remembered("camera"), speaker: remembered("speaker") },
    quieter: stored("device", "quieter") !== "off",
  });
  private sent: Tracks = NO_TRACKS;
  /** The microphone itself; what is sent of it is a copy that can be silenced. */
  private listening: MediaStreamTrack | null = null;
  private isMuted = true;
  /** Devices asked for in this turn: a browser then asks its person once for both. */
  private pending = new Set<"microphone" | "camera">();
  /** Rises with each release, so that a device that comes late is let go of. */
  private readonly turns: Record<DeviceKind, number> = { microphone: 0, camera: 0, screen: 0 };

  constructor(private readonly hooks: DevicesHooks) {
    const media = devicesOf();
    media?.addEventListener("devicechange", () => void this.list());
  }

  get tracks(): Tracks {
    return this.sent;
  }

  capture(device: DeviceKind): void {
    if (device === "screen") {
      void this.captureScreen();
      return;
    }
    if (this.pending.size === 0) queueMicrotask(() => void this.capturePending());
    this.pending.add(device);
  }

  release(device: DeviceKind): void {
    this.turns[device] += 1;
    if (device !== "screen") this.pending.delete(device);
    if (device === "microphone") this.listen(null);
    this.send(device, null);
    if (device === "screen") this.send("screen_audio", null);
  }

  setMuted(muted: boolean): void {
    this.isMuted = muted;
    if (this.sent.microphone !== null) this.sent.microphone.enabled = !muted;
  }

  /** Takes another device, at once where it is in use. */
  choose(kind: ChoiceKind, id: string): void {
    store("device", `device.${kind}`, id === "" ? null : id);
    this.view.set({ ...this.view.state, chosen: { ...this.view.state.chosen, [kind]: id } });
    if (kind === "microphone" && this.listening !== null) void this.captureUser(["microphone"]);
    if (kind === "camera" && this.sent.camera !== null) void this.captureUser(["camera"]);
  }

  setQuieter(quieter: boolean): void {
    store("device", "quieter", quieter ? null : "off");
    this.view.set({ ...this.view.state, quieter });
    if (this.listening !== null) void this.captureUser(["microphone"]);
  }

  /** Asks which devices there are. Their names come once one of them has been allowed. */
  async list(): Promise<void> {
    const media = devicesOf();
    if (media === null) return;
    const found = await media.enumerateDevices().catch(() => []);
    const lists: Record<ChoiceKind, DeviceChoice[]> = { microphone: [], camera: [], speaker: [] };
    for (const { kind, deviceId, label } of found) {
      // These two repeat what stands below them under its own name.
      if (deviceId === "" || deviceId === "default" || deviceId === "communications") continue;
      lists[LIST_KINDS[kind]].push({ id: deviceId, label });
    }
    this.view.set({ ...this.view.state, lists });
  }

  private capturePending(): Promise<void> {
    const asked = [...this.pending];
    this.pending.clear();
    return this.captureUser(asked);
  }

  private async captureUser(asked: ("microphone" | "camera")[]): Promise<void> {
    if (asked.length === 0) return;
    const turns = asked.map((device) => this.turns[device]);
    try {
      const stream = await this.open(asked);
      asked.forEach((device, index) => {
        const [track] = device === "microphone" ? stream.getAudioTracks() : stream.getVideoTracks();
        if (this.turns[device] !== turns[index]) track?.stop();
        else if (track === undefined) this.hooks.failed(device, "missing");
        else this.take(device, track);
      });
      void this.list();
    } catch (error) {
      if (asked.length > 1) {
        // One of them may still be had.
        await Promise.all(asked.map((device) => this.captureUser([device])));
        return;
      }
      asked.forEach((device, index) => {
        if (this.turns[device] === turns[index]) this.hooks.failed(device, problemOf(error));
      });
    }
  }

  private open(asked: ("microphone" | "camera")[]): Promise<MediaStream> {
    const media = devicesOf();
    if (media === null) return Promise.reject(new DOMException("", "NotSupportedError"));
    const { chosen, quieter } = this.view.state;
    const constraints: MediaStreamConstraints = {};
    if (asked.includes("microphone")) {
      constraints.audio = {
        echoCancellation: true,
        noiseSuppression: quieter,
        autoGainControl: true,
        ...(chosen.microphone === "" ? {} : { deviceId: chosen.microphone }),
      };
    }
    if (asked.includes("camera")) {
      constraints.video = {
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30, max: 30 },
        ...(chosen.camera === "" ? {} : { deviceId: chosen.camera }),
      };
    }
    return media.getUserMedia(constraints);
  }

  private take(device: "microphone" | "camera", track: MediaStreamTrack): void {
    const turn = this.turns[device];
    track.addEventListener("ended", () => {
      const isOurs = device === "microphone" ? this.listening === track : this.sent.camera === track;
      if (isOurs && this.turns[device] === turn) void this.replaceLost(device, turn);
    });
    if (device === "microphone") {
      const copy = track.clone();
      copy.enabled = !this.isMuted;
      this.listen(track);
      this.send("microphone", copy);
    } else {
      this.send("camera", track);
    }
    this.hooks.captured(device);
  }

  /** It was unplugged: another one may stand in. */
  private async replaceLost(device: "microphone" | "camera", turn: number): Promise<void> {
    if (device === "microphone") this.listen(null);
    this.send(device, null);
    try {
      const stream = await this.open([device]);
      const [track] = stream.getTracks();
      if (track === undefined) throw new DOMException("", "NotFoundError");
      if (this.turns[device] === turn) this.take(device, track);
      else track.stop();
    } catch {
      if (this.turns[device] === turn) this.hooks.failed(device, "unplugged");
    }
  }

  private async captureScreen(): Promise<void> {
    const turn = this.turns.screen;
    const media = devicesOf();
    try {
      if (media === null || !("getDisplayMedia" in media)) throw new DOMException("", "NotSupportedError");
      const stream = await media.getDisplayMedia({
        video: { frameRate: { ideal: 15, max: 30 } },
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const [picture] = stream.getVideoTracks();
      const [sound] = stream.getAudioTracks();
      if (picture === undefined || this.turns.screen !== turn) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      // Letters must stay sharp; motion may stutter.
      picture.contentHint = "detail";
      picture.addEventListener("ended", () => {
        if (this.sent.screen !== picture) return;
        this.release("screen");
        this.hooks.failed("screen", "cancelled");
      });
      this.send("screen", picture);
      this.send("screen_audio", sound ?? null);
      this.hooks.captured("screen");
    } catch (error) {
      if (this.turns.screen !== turn) return;
      const problem = problemOf(error);
      this.hooks.failed("screen", problem === "denied" ? "cancelled" : problem);
    }
  }

  private listen(track: MediaStreamTrack | null): void {
    if (this.listening === track) return;
    const before = this.listening;
    this.listening = track;
    before?.stop();
    this.hooks.heard(track);
  }

  private send(source: Source, track: MediaStreamTrack | null): void {
    const before = this.sent[source];
    if (before === track) return;
    this.sent = { ...this.sent, [source]: track };
    // Stopped before anything else happens: the light of a camera goes out with the press.
    before?.stop();
    this.hooks.track(source, track);
  }
}

/** Null where the page is not served securely, or the browser has none. */
function devicesOf(): MediaDevices | null {
  return "mediaDevices" in navigator ? navigator.mediaDevices : null;
}

function remembered(kind: ChoiceKind): string {
  return stored("device", `device.${kind}`) ?? "";
}

function problemOf(error: unknown): DeviceProblem {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
    case "InvalidStateError":
      return "in_use";
    default:
      return "unsupported";
  }
}
