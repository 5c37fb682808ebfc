/**
 * What a person can do, as values: a name, a shortcut, whether it is possible now, and what it
 * does. Buttons, menus and keys all use the same one.
 */
import type { CallController, OtherDevice } from "../core/calls";
import { t } from "../core/i18n";
import { Refused } from "../core/refusal";
import type { Client } from "../platform/client";
import type {
  AddMembersRequest,
  CallId,
  CallMedia,
  Conversation,
  ConversationId,
  CreateConversationRequest,
  MyConversation,
  Preferences,
  UpdateConversationRequest,
  UserId,
  WorkingHours,
} from "../protocol/generated";

/** What went wrong, as a sentence for the person. */
export function reasonOf(error: unknown): string {
  return error instanceof Refused ? error.message : t.unreachable;
}

/** The field a refusal names, if it does. */
export function fieldOf(error: unknown): string | null {
  return error instanceof Refused ? error.body.field : null;
}

export async function createConversation(client: Client, request: CreateConversationRequest): Promise<MyConversation> {
  const mine = await client.http.post<MyConversation>("/conversations", request);
  // The push may come after the answer: what one has made is there at once.
  client.learn(mine);
  return mine;
}

export function openDirect(client: Client, user: UserId): Promise<MyConversation> {
  const me = client.workspace.state.me?.user.id;
  for (const mine of client.workspace.state.conversations.values()) {
    const { kind, members } = mine.conversation;
    if (kind !== "direct") continue;
    const isIt = user === me ? members.every((member) => member === me) : members.includes(user);
    if (isIt) return Promise.resolve(mine);
  }
  return createConversation(client, { kind: "direct", user_id: user });
}

export function updateConversation(client: Client, id: ConversationId, request: UpdateConversationRequest): Promise<unknown> {
  return client.http.patch(`/conversations/${id}`, request);
}

export function addMembers(client: Client, id: ConversationId, users: UserId[]): Promise<unknown> {
  const request: AddMembersRequest = { user_ids: users };
  return client.http.post(`/conversations/${id}/members`, request);
}

export function removeMember(client: Client, id: ConversationId, user: UserId): Promise<unknown> {
  return client.http.delete(`/conversations/${id}/members/${user}`);
}

export function leave(client: Client, id: ConversationId): Promise<unknown> {
  return client.http.post(`/conversations/${id}/leave`);
}

export async function join(client: Client, id: ConversationId): Promise<void> {
  const mine = await client.http.post<MyConversation | undefined>(`/conversations/${id}/join`);
  if (mine !== undefined) client.learn(mine);
}

export function setArchived(client: Client, conversation: Conversation, archived: boolean): Promise<unknown> {
  return client.http.post(`/conversations/${conversation.id}/${archived ? "archive" : "unarchive"}`);
}

/** For this person alone, on all their devices. */
export function setPreferences(client: Client, mine: MyConversation, change: Partial<Preferences>): Promise<unknown> {
  return client.http.put(`/conversations/${mine.conversation.id}/preferences`, { ...mine.preferences, ...change });
}

export function setWorkingHours(client: Client, hours: WorkingHours): Promise<unknown> {
  return client.http.put("/me/working-hours", hours);
}

export function clearWorkingHours(client: Client): Promise<unknown> {
  return client.http.delete("/me/working-hours");
}

/** Whether a call can be started there: not in what is archived, nor alone. */
export function canCall(conversation: Conversation): boolean {
  const isAlone = conversation.kind === "direct" && conversation.members.length < 2;
  return conversation.archived_at === null && !isAlone;
}

export function startCall(calls: CallController, id: ConversationId, media: CallMedia): Promise<void> {
  return calls.start(id, media);
}

/** `elsewhere`: another device the person is in it with already; they are asked what becomes of it. */
export function joinCall(
  calls: CallController,
  id: CallId,
  media: CallMedia,
  elsewhere: OtherDevice | null,
): Promise<void> {
  return calls.join(id, media, elsewhere);
}
