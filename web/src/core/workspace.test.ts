import { expect, test } from "vitest";

import type { ConversationId, Entry, Me, MessageId, MyConversation, Preferences, UserId } from "../protocol/generated";
import { counts, NOTHING, step, waiting, type Workspace } from "./workspace";

const LEAH = "usr_leah" as UserId;
const ANA = "usr_ana" as UserId;
const GROUP = "cnv_group" as ConversationId;
const USUAL: Preferences = { muted: false, rings: true };
const MUTED: Preferences = { muted: true, rings: true };

const ME: Me = {
  user: { id: LEAH, name: "Leah Morgan", role: "admin", picture: null, hue: 14, disabled: false },
  email: "leah@example.org",
  availability: "available",
  working_hours: null,
  instant_answer: true,
  device_id: "dev_1" as Me["device_id"],
  workspace: { name: "Marlow Instruments", call_log: { kind: "forever" }, instant_answer: true },
};

function group(preferences: Preferences, read = { read_seq: 0, unread: 0, mentions: 0 }): MyConversation {
  return {
    conversation: {
      id: GROUP,
      kind: "group",
      visibility: "private",
      name: "Depot",
      topic: "",
      created_by: ANA,
      created_at: 0,
      archived_at: null,
      last_seq: 0,
      last_at: 0,
      member_count: 2,
      members: [LEAH, ANA],
    },
    read,
    preferences,
  };
}

function said(seq: number, mentions: UserId[]): Entry {
  return {
    conversation_id: GROUP,
    seq,
    at: seq,
    author: ANA,
    body: {
      kind: "message",
      message: {
        id: `msg_${String(seq)}` as MessageId,
        text: "Hello",
        mentions,
        call_id: null,
        thread_seq: null,
        nonce: null,
        edited_at: null,
        deleted_at: null,
      },
    },
  };
}

function holding(mine: MyConversation): Workspace {
  return { ...NOTHING, me: ME, conversations: new Map([[GROUP, mine]]) };
}

function heard(state: Workspace, ...entries: Entry[]): Workspace {
  return entries.reduce((held, entry) => step(held, { kind: "message", message: { kind: "entry", entry }, now: 0 })[0], state);
}

function held(state: Workspace): MyConversation {
  const mine = state.conversations.get(GROUP);
  if (mine === undefined) throw new Error("the group is there");
  return mine;
}

test("between few people every message waits for its reader", () => {
  const state = heard(holding(group(USUAL)), said(1, []), said(2, [LEAH]));
  expect(held(state).read).toMatchObject({ unread: 2, mentions: 2 });
  expect(waiting(held(state))).toBe(2);
  expect(counts(state.conversations.values())).toEqual({ unread: 2, mentions: 2 });
});

test("of a muted conversation only what mentions its reader waits, and nothing else is counted", () => {
  const state = heard(holding(group(MUTED)), said(1, []), said(2, [LEAH]), said(3, [ANA]));
  expect(held(state).read).toMatchObject({ unread: 3, mentions: 1 });
  expect(waiting(held(state))).toBe(1);
  expect(counts(state.conversations.values())).toEqual({ unread: 1, mentions: 1 });
});

test("a conversation muted elsewhere is muted here, with what waits in it now", () => {
  const before = heard(holding(group(USUAL)), said(1, []));
  const mine = { ...held(before), preferences: MUTED, read: { read_seq: 0, unread: 1, mentions: 0 } };
  const [after] = step(before, { kind: "message", message: { kind: "conversation", conversation: mine }, now: 0 });
  expect(held(after)).toEqual(mine);
  expect(counts(after.conversations.values())).toEqual({ unread: 0, mentions: 0 });
});

test("what was read here a moment ago is not unread again by a conversation that has changed", () => {
  const before = heard(holding(group(USUAL)), said(1, []));
  const late = held(before);
  const [read] = step(before, { kind: "read_locally", conversationId: GROUP, seq: 1 });
  const changed = { ...late, preferences: MUTED };
  const [after] = step(read, { kind: "message", message: { kind: "conversation", conversation: changed }, now: 0 });
  expect(held(after)).toMatchObject({ preferences: MUTED, read: { read_seq: 1, unread: 0, mentions: 0 } });
});
