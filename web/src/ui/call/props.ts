/** What the shell hands to the call's views. */
import type { Component } from "solid-js";

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
