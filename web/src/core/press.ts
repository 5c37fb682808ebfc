/** What is pressed in a notification, and what a page is asked to do by it. */
import type { CallId, CallMedia, ConversationId } from "../protocol/generated";

/** What a notification is about, kept in it until it is pressed. */
export type About =
  | { kind: "ring" | "missed"; callId: CallId; conversationId: ConversationId; media: CallMedia }
  | { kind: "other" };

export type Action = "answer" | "decline";

/** What pressing a notification, or one of its buttons, asks for. */
export type Press =
  | { kind: "answer"; callId: CallId; conversationId: ConversationId; media: CallMedia }
  | { kind: "decline"; callId: CallId }
  | { kind: "open"; conversationId: ConversationId | null };

export function pressOf(action: string, about: About): Press {
  if (about.kind === "other") return { kind: "open", conversationId: null };
  const { callId, conversationId, media } = about;
  if (about.kind === "ring" && action === "answer") return { kind: "answer", callId, conversationId, media };
  if (about.kind === "ring" && action === "decline") return { kind: "decline", callId };
  return { kind: "open", conversationId };
}

/** What the service worker asks of a page. */
export type FromWorker = Exclude<Press, { kind: "decline" }>;

/** A page hears from other workers and extensions too. */
export function fromWorker(data: unknown): FromWorker | null {
  if (typeof data !== "object" || data === null || !("kind" in data)) return null;
  const { kind } = data;
  return kind === "answer" || kind === "open" ? (data as FromWorker) : null;
}
