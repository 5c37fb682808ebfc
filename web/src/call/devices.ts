/** The own microphone, camera and screen: what is wanted, and what the device says to it. */
export type DeviceKind = "microphone" | "camera" | "screen";

export type DeviceProblem =
  /** The browser or the person said no. */
  | "denied"
  | "missing"
  | "in_use"
  /** It was there and went away. */
  | "unplugged"
  /** Neither this page nor this browser can do it. */
  | "unsupported";

export type DeviceState =
  | { kind: "off" }
  | { kind: "starting" }
  | { kind: "on" }
  | { kind: "failed"; problem: DeviceProblem };

export type Devices = Record<DeviceKind, DeviceState>;

/** What the person has pressed. */
export type Wanted = { microphone: boolean; camera: boolean; screen: boolean; hand: boolean };

export const NO_DEVICES: Devices = {
  microphone: { kind: "off" },
  camera: { kind: "off" },
  screen: { kind: "off" },
};

export const DEVICE_KINDS: readonly DeviceKind[] = ["microphone", "camera", "screen"];
