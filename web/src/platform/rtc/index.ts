export { Controller, pictureKey, type Media, type Wire } from "./controller";
export type { Wish } from "./connection";
export type { ChoiceKind, DeviceChoice, DevicesView, LocalDevices } from "./devices";
export { playTone } from "./sounds";
