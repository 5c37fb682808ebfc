/**
 * Everything that is drawn before a conversation is opened: who one is, the people, the
 * conversations with what is unread, calls, presence and typing. Built from the snapshot, kept by
 * the pushes after it.
 */
import {
  TYPING_SHOWN_MS,
  type Availability,
  type Conversation,
  type ConversationId,
  type Entry,
  type Me,
  type MyConversation,
  type Presence,
  type ReadState,
  type ServerMessage,
  type Snapshot,
  type Timestamp,
  type User,
  type UserId,
} from "../protocol/generated";
import * as calls from "./calls";

export type Typing = { user: UserId; until: Timestamp };

export type Workspace = {
  me: Me | null;
  users: ReadonlyMap<UserId, User>;
  presence: ReadonlyMap<UserId, Presence>;
  conversations: ReadonlyMap<ConversationId, MyConversation>;
  typing: ReadonlyMap<ConversationId, readonly Typing[]>;
  calls: calls.Calls;
};

export type WorkspaceEvent =
  | { kind: "message"; message: ServerMessage; now: Timestamp }
  | { kind: "read_locally"; conversationId: ConversationId; seq: number }
  | { kind: "tick"; now: Timestamp };

export const NOTHING: Workspace = {
  me: null,
  users: new Map(),
  presence: new Map(),
  conversations: new Map(),
  typing: new Map(),
  calls: calls.NO_CALLS,
};

export function step(state: Workspace, event: WorkspaceEvent): [Workspace, calls.CallsEffect[]] {
  switch (event.kind) {
    case "message":
      return message(state, event.message, event.now);
    case "read_locally":
      return [
        change(state, event.conversationId, (mine) =>
          mine.read.read_seq >= event.seq && mine.read.unread === 0
            ? mine
            : {
                ...mine,
                read: {
                  read_seq: Math.max(event.seq, mine.read.read_seq),
                  unread: 0,
                  mentions: 0,
                },
              },
        ),
        [],
      ];
    case "tick": {
      const typing = new Map<ConversationId, readonly Typing[]>();
      let gone = false;
      for (const [id, people] of state.typing) {
        const still = people.filter((one) => one.until > event.now);
        gone ||= still.length !== people.length;
        if (still.length > 0) typing.set(id, still);
      }
      return [gone ? { ...state, typing } : state, []];
    }
  }
}

function message(state: Workspace, message: ServerMessage, now: Timestamp): [Workspace, calls.CallsEffect[]] {
  const [live, effects] = calls.step(state.calls, message);
  const next = live === state.calls ? state : { ...state, calls: live };
  return [others(next, message, now), effects];
}

function others(state: Workspace, message: ServerMessage, now: Timestamp): Workspace {
  switch (message.kind) {
    case "snapshot":
      return snapshot(state, message.snapshot);
    case "entry":
      return entry(state, message.entry);
    case "reply":
      return message.reply.kind === "sent" ? entry(state, message.reply.entry) : state;
    case "conversation": {
      const { conversation, read } = message.conversation;
      const held = state.conversations.get(conversation.id);
      const mine = { ...message.conversation, read: held === undefined ? read : counted(held, read) };
      return { ...state, conversations: new Map(state.conversations).set(conversation.id, mine) };
    }
    case "conversation_gone": {
      const conversations = new Map(state.conversations);
      conversations.delete(message.conversation_id);
      return { ...state, conversations };
    }
    case "read":
      return change(state, message.conversation_id, (mine) => ({
        ...mine,
        read: counted(mine, message.read),
      }));
    case "typing": {
      if (message.user_id === state.me?.user.id) return state;
      const people = (state.typing.get(message.conversation_id) ?? []).filter(
        (one) => one.user !== message.user_id,
      );
      return {
        ...state,
        typing: new Map(state.typing).set(message.conversation_id, [
          ...people,
          { user: message.user_id, until: now + TYPING_SHOWN_MS },
        ]),
      };
    }
    case "user": {
      const { user } = message;
      const me = state.me?.user.id === user.id ? { ...state.me, user } : state.me;
      return { ...state, me, users: new Map(state.users).set(user.id, user) };
    }
    case "me":
      return {
        ...state,
        me: message.me,
        users: new Map(state.users).set(message.me.user.id, message.me.user),
      };
    case "presence":
      return { ...state, presence: new Map(state.presence).set(message.user_id, message.presence) };
    case "availability":
      return state.me === null
        ? state
        : { ...state, me: { ...state.me, availability: message.availability } };
    case "failed":
    case "ping":
    case "resumed":
    case "resync":
    case "going_away":
    case "signed_out":
    case "call":
    case "call_participant":
    case "call_participant_left":
    case "call_ring":
    case "call_ended":
    case "call_speaking":
    case "ring":
    case "ring_stopped":
    case "missed_calls":
    case "call_signal":
    case "call_detached":
      return state;
    default:
      return state;
  }
}

function snapshot(state: Workspace, snapshot: Snapshot): Workspace {
  return {
    me: snapshot.me,
    users: new Map(snapshot.users.map((user) => [user.id, user])),
    presence: new Map(snapshot.presence.map((one) => [one.user_id, one.presence])),
    conversations: new Map(snapshot.conversations.map((mine) => [mine.conversation.id, mine])),
    typing: state.typing,
    calls: calls.fromSnapshot(snapshot),
  };
}

/** A new entry moves the conversation on, and counts when it is somebody else's message. */
function entry(state: Workspace, entry: Entry): Workspace {
  const me = state.me?.user.id;
  const { body } = entry;
  const next = change(state, entry.conversation_id, (mine) => {
    const { conversation, read, preferences } = mine;
    if (entry.seq <= conversation.last_seq) return mine;
    const moved: Conversation = { ...conversation, last_seq: entry.seq, last_at: entry.at };
    if (body.kind !== "message" || entry.author === me) return { ...mine, conversation: moved };
    const isForMe =
      (conversation.kind !== "channel" && !preferences.muted) ||
      (me !== undefined && body.message.mentions.includes(me));
    return {
      ...mine,
      conversation: moved,
      read: {
        ...read,
        unread: read.unread + 1,
        mentions: read.mentions + (isForMe ? 1 : 0),
      },
    };
  });
  const people = next.typing.get(entry.conversation_id);
  if (body.kind !== "message" || people === undefined) return next;
  // Who has written has stopped writing.
  return {
    ...next,
    typing: new Map(next.typing).set(
      entry.conversation_id,
      people.filter((one) => one.user !== entry.author),
    ),
  };
}

/** A read state from another device may be older than what this one has read already. */
function counted(mine: MyConversation, read: ReadState): ReadState {
  return read.read_seq < mine.read.read_seq ? mine.read : read;
}

function change(
  state: Workspace,
  id: ConversationId,
  to: (mine: MyConversation) => MyConversation,
): Workspace {
  const mine = state.conversations.get(id);
  if (mine === undefined) return state;
  const changed = to(mine);
  if (changed === mine) return state;
  return { ...state, conversations: new Map(state.conversations).set(id, changed) };
}

export type Sections = {
  channels: MyConversation[];
  groups: MyConversation[];
  directs: MyConversation[];
};

/** The sidebar: channels by name, groups and people by what happened last. */
export function sections(conversations: Iterable<MyConversation>, nameOf: (mine: MyConversation) => string): Sections {
  const found: Sections = { channels: [], groups: [], directs: [] };
  for (const mine of conversations) {
    const { kind, archived_at } = mine.conversation;
    if (archived_at !== null) continue;
    if (kind === "channel") found.channels.push(mine);
    else if (kind === "group") found.groups.push(mine);
    else found.directs.push(mine);
  }
  const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  found.channels.sort((a, b) => byName.compare(nameOf(a), nameOf(b)));
  const newest = (a: MyConversation, b: MyConversation): number =>
    b.conversation.last_at - a.conversation.last_at || (a.conversation.id < b.conversation.id ? 1 : -1);
  found.groups.sort(newest);
  found.directs.sort(newest);
  return found;
}

/** Messages in it that call for attention: of a muted one, those that mention this person. */
export function waiting(mine: MyConversation): number {
  return mine.preferences.muted ? mine.read.mentions : mine.read.unread;
}

export type Counts = { unread: number; mentions: number };

/** Messages that call for attention, and those of them that are for this person. */
export function counts(conversations: Iterable<MyConversation>): Counts {
  let unread = 0;
  let mentions = 0;
  for (const mine of conversations) {
    if (mine.conversation.archived_at !== null) continue;
    unread += waiting(mine);
    mentions += mine.read.mentions;
  }
  return { unread, mentions };
}

/** The other person of a direct message; oneself in the notes to oneself. */
export function otherOf(conversation: Conversation, me: UserId | undefined): UserId | undefined {
  if (conversation.kind !== "direct") return undefined;
  return conversation.members.find((member) => member !== me) ?? conversation.members[0] ?? me;
}

/** What a conversation goes by. */
export function nameOf(conversation: Conversation, state: Pick<Workspace, "users" | "me">): string {
  if (conversation.name !== null && conversation.name !== "") return conversation.name;
  const me = state.me?.user.id;
  const name = (id: UserId | undefined): string => (id === undefined ? "" : (state.users.get(id)?.name ?? ""));
  if (conversation.kind === "direct") return name(otherOf(conversation, me));
  const names = conversation.members.filter((member) => member !== me).map(name);
  const first = names.map((full) => full.split(" ")[0] ?? full);
  return names.length === 1 ? (names[0] ?? "") : first.slice(0, 4).join(", ");
}

export function presenceOf(state: Workspace, user: UserId): Presence {
  return state.presence.get(user) ?? "offline";
}

/** People who write in a conversation now. */
export function typists(state: Workspace, id: ConversationId): UserId[] {
  return (state.typing.get(id) ?? []).map((one) => one.user);
}

export function isDoNotDisturb(availability: Availability): boolean {
  return availability === "do_not_disturb";
}
