/** The call's views: a chunk of their own. */
import "./call.css";

export { SoundSettings } from "./device-settings";
export { MiniCall } from "./mini";
export { RingCard } from "./ring-card";
export { CallStage } from "./stage";
