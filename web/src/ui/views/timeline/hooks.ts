import type { CallId, Conversation, MessageId } from "../../../protocol/generated";

/** What a row may ask of its timeline. */
export type RowHooks = {
  conversation: Conversation;
  editing: () => MessageId | null;
  edit: (id: MessageId | null) => void;
  remove: (id: MessageId) => void;
  toggleFold: (id: CallId) => void;
};
