/**
 * Where the call's own screens go. They are a chunk of their own, loaded with the first ring or
 * call; until then the shell knows only their names.
 */
import { lazy, type Component } from "solid-js";

import type { CallId, ConversationId } from "../../protocol/generated";

export type CallStageProps = {
  /** The conversation with its composer; what is written there belongs to the call. */
  Chat: Component<{ conversationId: ConversationId; callId: CallId }>;
  /** Show the conversation instead; the call goes on in the mini window. */
  minimise: () => void;
};

export type MiniCallProps = {
  /** Show the stage. */
  open: () => void;
};

export const CallStage = lazy(async () => ({ default: (await import("../call")).CallStage }));
export const MiniCall = lazy(async () => ({ default: (await import("../call")).MiniCall }));
export const RingCard = lazy(async () => ({ default: (await import("../call")).RingCard }));
export const SoundSettings = lazy(async () => ({ default: (await import("../call")).SoundSettings }));
