import { expect, test } from "vitest";

import type {
  CallId,
  CallSummary,
  ConversationId,
  Entry,
  EntryBody,
  Message,
  MessageId,
  UserId,
} from "../protocol/generated";
import { nextRows, NO_ROWS, rowsOf, type Row, type RowOptions } from "./rows";
import { EMPTY, step, type Timeline, type TimelineEffect, type TimelineEvent } from "./timeline";

const LEAH = "usr_leah" as UserId;
const ANA = "usr_ana" as UserId;
const CALL = "call_1" as CallId;
const MINUTE = 60_000;

function message(text: string, more: Partial<Message> = {}): EntryBody {
  return {
    kind: "message",
    message: {
      id: `msg_${text}` as MessageId,
      text,
      mentions: [],
      call_id: null,
      thread_seq: null,
      nonce: null,
      edited_at: null,
      deleted_at: null,
      ...more,
    },
  };
}

function entry(seq: number, body: EntryBody, author = ANA, at = seq * MINUTE): Entry {
  return { conversation_id: "cnv_1" as ConversationId, seq, at, author, body };
}

function call(more: Partial<CallSummary> = {}): CallSummary {
  return {
    id: CALL,
    conversation_id: "cnv_1" as ConversationId,
    seq: 2,
    media: "video",
    started_by: ANA,
    started_at: 2 * MINUTE,
    answered_at: null,
    ended_at: null,
    end_reason: null,
    people: [ANA],
    rung: [],
    message_count: 0,
    slip: false,
    moved_to: null,
    ...more,
  };
}

/** A timeline and what it asked for. */
class Played {
  effects: TimelineEffect[] = [];
  constructor(public state: Timeline = EMPTY) {}

  play(...events: TimelineEvent[]): this {
    for (const event of events) {
      const [state, effects] = step(this.state, event);
      this.state = state;
      this.effects = effects;
    }
    return this;
  }

  get texts(): string[] {
    return this.state.items.flatMap((item) => (item.kind === "message" ? [item.message.text] : []));
  }
}

/** Opened, with the messages "1" to `last`, and older ones before `first`. */
function opened(last: number, first = 1): Played {
  const entries = Array.from({ length: last - first + 1 }, (_, i) => entry(first + i, message(String(first + i))));
  return new Played().play(
    { kind: "opened" },
    { kind: "page", what: "newest", page: { entries, more: first > 1, last_seq: last } },
  );
}

const OPTIONS: RowOptions = {
  me: LEAH,
  newAfter: null,
  unfolded: new Set(),
  room: null,
  dayOf: (at) => at - (at % 86_400_000),
};

function kinds(rows: readonly Row[]): string[] {
  return rows.map((row) => row.kind);
}

test("opening reads the newest page once", () => {
  const played = new Played().play({ kind: "opened" });
  expect(played.effects).toEqual([{ kind: "read_newest" }]);
  expect(played.play({ kind: "opened" }).effects).toEqual([]);
});

test("the next entry is put behind the last, the same one again changes nothing", () => {
  const played = opened(2).play({ kind: "entry", entry: entry(3, message("3")) });
  expect(played.texts).toEqual(["1", "2", "3"]);
  expect(played.play({ kind: "entry", entry: entry(3, message("3")) }).texts).toEqual(["1", "2", "3"]);
  expect(played.effects).toEqual([]);
});

test("a gap is seen, its range is read, and nothing is shown out of order", () => {
  const played = opened(2).play({ kind: "entry", entry: entry(5, message("5")) });
  expect(played.texts).toEqual(["1", "2"]);
  expect(played.effects).toEqual([{ kind: "read_range", after: 2 }]);
  played.play({ kind: "entry", entry: entry(6, message("6")) });
  expect(played.effects).toEqual([]);
  played.play({
    kind: "page",
    what: "range",
    page: { entries: [entry(3, message("3")), entry(4, message("4"))], more: true, last_seq: 6 },
  });
  expect(played.texts).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(played.state.ahead).toEqual([]);
});

test("any order of arrival gives the same timeline", () => {
  const entries = [3, 4, 5, 6, 7].map((seq) => entry(seq, message(String(seq))));
  for (let seed = 1; seed < 60; seed++) {
    const order = [...entries].sort((a, b) => ((a.seq * seed * 7919) % 101) - ((b.seq * seed * 7919) % 101));
    const played = opened(2);
    for (const one of order) played.play({ kind: "entry", entry: one });
    played.play({ kind: "page", what: "range", page: { entries, more: false, last_seq: 7 } });
    expect(played.texts).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(played.state.last).toBe(7);
  }
});

test("a client far behind starts again from the newest page", () => {
  const played = opened(2).play({ kind: "entry", entry: entry(5_000, message("5000")) });
  expect(played.effects).toEqual([{ kind: "read_newest" }]);
  expect(played.state.items).toEqual([]);
});

test("what was missed offline is read page after page until the newest", () => {
  const played = opened(2).play({ kind: "resumed", entries: [], complete: false });
  expect(played.effects).toEqual([{ kind: "read_range", after: 2 }]);
  played.play({
    kind: "page",
    what: "range",
    page: { entries: [entry(3, message("3"))], more: true, last_seq: 4 },
  });
  expect(played.effects).toEqual([{ kind: "read_range", after: 3 }]);
  played.play({
    kind: "page",
    what: "range",
    page: { entries: [entry(4, message("4"))], more: false, last_seq: 4 },
  });
  expect(played.effects).toEqual([]);
  expect(played.texts).toEqual(["1", "2", "3", "4"]);
});

test("older pages come in front, until there are none", () => {
  const played = opened(60, 51).play({ kind: "older_wanted" });
  expect(played.effects).toEqual([{ kind: "read_older", before: 51 }]);
  expect(played.play({ kind: "older_wanted" }).effects).toEqual([]);
  played.play({
    kind: "page",
    what: "older",
    page: { entries: [entry(49, message("49")), entry(50, message("50"))], more: false, last_seq: 60 },
  });
  expect(played.texts.slice(0, 3)).toEqual(["49", "50", "51"]);
  expect(played.play({ kind: "older_wanted" }).effects).toEqual([]);
});

test("an entry that arrives while the first page is read is not lost", () => {
  const played = new Played().play(
    { kind: "opened" },
    { kind: "entry", entry: entry(3, message("3")) },
    {
      kind: "page",
      what: "newest",
      page: { entries: [entry(1, message("1")), entry(2, message("2"))], more: false, last_seq: 2 },
    },
  );
  expect(played.texts).toEqual(["1", "2", "3"]);
});

test("an edit changes its target and takes a number", () => {
  const played = opened(2).play({
    kind: "entry",
    entry: entry(3, {
      kind: "message_edited",
      message_id: "msg_1" as MessageId,
      target_seq: 1,
      text: "one",
      mentions: [],
    }),
  });
  expect(played.texts).toEqual(["one", "2"]);
  expect(played.state.last).toBe(3);
  expect(played.play({ kind: "entry", entry: entry(4, message("4")) }).texts).toEqual(["one", "2", "4"]);
});

test("a deleted message is gone from the rows", () => {
  const played = opened(2).play({
    kind: "entry",
    entry: entry(3, { kind: "message_deleted", message_id: "msg_1" as MessageId, target_seq: 1 }),
  });
  const rows = rowsOf(played.state, OPTIONS);
  expect(rows.flatMap((row) => (row.kind === "message" ? [row.item.message.text] : []))).toEqual(["2"]);
});

test("an edit and a deletion of what is in the same page are applied in order", () => {
  const played = opened(1).play({
    kind: "resumed",
    complete: true,
    entries: [
      entry(2, message("2")),
      entry(3, {
        kind: "message_edited",
        message_id: "msg_2" as MessageId,
        target_seq: 2,
        text: "two",
        mentions: [],
      }),
      entry(4, message("4")),
    ],
  });
  expect(played.texts).toEqual(["1", "two", "4"]);
});

test("an own message is there at once, and once when it has its number", () => {
  const played = opened(1).play({ kind: "send", nonce: "a", text: "hello", callId: null, at: 5 });
  expect(played.effects).toEqual([{ kind: "send", nonce: "a", text: "hello", callId: null }]);
  const before = rowsOf(played.state, OPTIONS);
  expect(kinds(before)).toEqual(["beginning", "day", "message", "outgoing"]);
  played.play({ kind: "entry", entry: entry(2, message("hello", { nonce: "a" }), LEAH) });
  const after = rowsOf(played.state, OPTIONS);
  expect(kinds(after)).toEqual(["beginning", "day", "message", "message"]);
  expect(after.map((row) => row.key)).toEqual(before.map((row) => row.key));
});

test("a message whose answer was lost waits, and is sent again with the same nonce", () => {
  const played = opened(1).play(
    { kind: "send", nonce: "a", text: "hello", callId: null, at: 5 },
    { kind: "send_failed", nonce: "a", reason: "", lost: true },
  );
  expect(played.state.outgoing[0]?.status).toEqual({ kind: "waiting" });
  played.play({ kind: "connected" });
  expect(played.effects).toEqual([{ kind: "send", nonce: "a", text: "hello", callId: null }]);
});

test("a refused message says why, and goes only when told to", () => {
  const played = opened(1).play(
    { kind: "send", nonce: "a", text: "hello", callId: null, at: 5 },
    { kind: "send_failed", nonce: "a", reason: "archived", lost: false },
    { kind: "connected" },
  );
  expect(played.effects).toEqual([]);
  expect(played.state.outgoing[0]?.status).toEqual({ kind: "failed", reason: "archived" });
  expect(played.play({ kind: "send_again", nonce: "a" }).effects).toHaveLength(1);
  expect(played.play({ kind: "send_dropped", nonce: "a" }).state.outgoing).toEqual([]);
});

test("a page that failed is read again by hand or with the next connection", () => {
  const played = new Played().play(
    { kind: "opened" },
    { kind: "page_failed", what: "newest", reason: "no answer" },
  );
  expect(played.state.loading.kind).toBe("failed");
  expect(played.play({ kind: "retry" }).effects).toEqual([{ kind: "read_newest" }]);
  played.play({ kind: "page_failed", what: "newest", reason: "no answer" }, { kind: "connected" });
  expect(played.effects).toEqual([{ kind: "read_newest" }]);
});

test("within five minutes one name stands above a person's messages", () => {
  const played = new Played().play(
    { kind: "opened" },
    {
      kind: "page",
      what: "newest",
      page: {
        more: false,
        last_seq: 5,
        entries: [
          entry(1, message("a"), ANA, 0),
          entry(2, message("b"), ANA, 4 * MINUTE),
          entry(3, message("c"), LEAH, 5 * MINUTE),
          entry(4, message("d"), ANA, 6 * MINUTE),
          entry(5, message("e"), ANA, 12 * MINUTE),
        ],
      },
    },
  );
  const named = rowsOf(played.state, OPTIONS).flatMap((row) => (row.kind === "message" ? [row.named] : []));
  expect(named).toEqual([true, false, true, true, true]);
});

test("a new day has its line, and names begin again below it", () => {
  const day = 86_400_000;
  const played = new Played().play(
    { kind: "opened" },
    {
      kind: "page",
      what: "newest",
      page: {
        more: false,
        last_seq: 2,
        entries: [entry(1, message("a"), ANA, day - 1), entry(2, message("b"), ANA, day + 1)],
      },
    },
  );
  const rows = rowsOf(played.state, OPTIONS);
  expect(kinds(rows)).toEqual(["beginning", "day", "message", "day", "message"]);
  expect(rows[4]).toMatchObject({ named: true });
});

test("what is new begins below a line that counts others' messages", () => {
  const played = opened(4).play({ kind: "entry", entry: entry(5, message("mine"), LEAH) });
  const rows = rowsOf(played.state, { ...OPTIONS, newAfter: 2 });
  const line = rows.findIndex((row) => row.kind === "new_since");
  expect(rows[line]).toMatchObject({ count: 2, since: 2 * MINUTE });
  expect(rows[line + 1]).toMatchObject({ kind: "message", item: { seq: 3 } });
});

test("those who join one after the other are told in one line", () => {
  const joined: EntryBody = { kind: "member_joined" };
  const played = opened(1).play(
    { kind: "entry", entry: entry(2, joined, ANA) },
    { kind: "entry", entry: entry(3, joined, LEAH) },
    { kind: "entry", entry: entry(4, message("hello")) },
    { kind: "entry", entry: entry(5, joined, LEAH) },
  );
  const notices = rowsOf(played.state, OPTIONS).filter((row) => row.kind === "notice");
  expect(notices).toMatchObject([
    { key: "s2", author: ANA, also: [LEAH] },
    { key: "s5", author: LEAH, also: [] },
  ]);
});

test("a line is kept until somebody more has joined", () => {
  const played = opened(1).play({ kind: "entry", entry: entry(2, { kind: "member_joined" }, ANA) });
  const before = nextRows(NO_ROWS, played.state, OPTIONS);
  // Other options have the rows made anew.
  const again = nextRows(before, played.state, { ...OPTIONS, unfolded: new Set<CallId>() });
  expect(again.rows.at(-1)).toBe(before.rows.at(-1));
  played.play({ kind: "entry", entry: entry(3, { kind: "member_joined" }, LEAH) });
  expect(nextRows(again, played.state, OPTIONS).rows.at(-1)).toMatchObject({ also: [LEAH] });
});

test("messages of a live call hang under its card; ended, they fold into it", () => {
  const played = opened(1).play(
    { kind: "entry", entry: entry(2, { kind: "call_started", call: call() }) },
    { kind: "entry", entry: entry(3, message("outside")) },
    { kind: "entry", entry: entry(4, message("inside", { call_id: CALL })) },
  );
  expect(kinds(rowsOf(played.state, OPTIONS))).toEqual([
    "beginning",
    "day",
    "message",
    "call",
    "spine_head",
    "message",
    "message",
  ]);
  played.play({
    kind: "entry",
    entry: entry(5, {
      kind: "call_ended",
      target_seq: 2,
      call: call({ answered_at: 2 * MINUTE, ended_at: 6 * MINUTE, end_reason: "left", message_count: 1 }),
    }),
  });
  const folded = rowsOf(played.state, OPTIONS);
  expect(kinds(folded)).toEqual(["beginning", "day", "message", "call", "message"]);
  expect(folded[3]).toMatchObject({ kind: "call", messages: 1, unfolded: false });
  expect(kinds(rowsOf(played.state, { ...OPTIONS, unfolded: new Set([CALL]) }))).toHaveLength(7);
});

test("what is written with a call that nobody came to stays in sight", () => {
  const played = opened(1).play({ kind: "entry", entry: entry(2, { kind: "call_started", call: call({ answered_at: null }) }) });
  played.play({ kind: "entry", entry: entry(3, message("in a meeting", { call_id: CALL })) });
  const over = call({ answered_at: null, ended_at: 3 * MINUTE, end_reason: "declined", message_count: 1 });
  played.play({ kind: "entry", entry: entry(4, { kind: "call_ended", target_seq: 2, call: over }) });
  const rows = rowsOf(played.state, OPTIONS);
  expect(kinds(rows)).toEqual(["beginning", "day", "message", "call", "message"]);
  expect(rows.at(-1)).toMatchObject({ spine: null });
});

test("a call that was a slip is shown to its starter alone", () => {
  for (const [starter, shown] of [[LEAH, true], [ANA, false]] as const) {
    const slip = call({ started_by: starter, answered_at: null, ended_at: 2 * MINUTE, end_reason: "cancelled", slip: true });
    const played = opened(1).play({ kind: "entry", entry: entry(2, { kind: "call_started", call: slip }) });
    expect(kinds(rowsOf(played.state, OPTIONS)).includes("call")).toBe(shown);
  }
});

test("beside its room a call is told by its beginning, and by its card once it has ended", () => {
  const played = opened(1).play({ kind: "entry", entry: entry(2, { kind: "call_started", call: call() }) });
  const inRoom = (): readonly Row[] => rowsOf(played.state, { ...OPTIONS, room: CALL });
  expect(inRoom().at(-1)).toMatchObject({ kind: "room_head", at: 2 * MINUTE });
  played.play({ kind: "entry", entry: entry(3, message("inside", { call_id: CALL })) });
  expect(kinds(inRoom())).toEqual(["beginning", "day", "message", "room_head", "message"]);
  expect(inRoom().at(-1)).toMatchObject({ spine: { callId: CALL, live: true } });
  expect(kinds(rowsOf(played.state, { ...OPTIONS, room: "call_2" as CallId }))).toContain("call");
  played.play({
    kind: "entry",
    entry: entry(4, {
      kind: "call_ended",
      target_seq: 2,
      call: call({ answered_at: 2 * MINUTE, ended_at: 6 * MINUTE, end_reason: "left", message_count: 1 }),
    }),
  });
  expect(kinds(inRoom())).toEqual(["beginning", "day", "message", "call"]);
});

test("messages of a call whose card is not held stand where they were written", () => {
  const played = opened(50, 41).play({
    kind: "entry",
    entry: entry(51, message("inside", { call_id: CALL })),
  });
  expect(rowsOf(played.state, OPTIONS).at(-1)).toMatchObject({ kind: "message", spine: null });
});

test("an own message in a call hangs under its card while it is on its way", () => {
  const played = opened(1).play(
    { kind: "entry", entry: entry(2, { kind: "call_started", call: call() }) },
    { kind: "send", nonce: "a", text: "mine", callId: CALL, at: 5 * MINUTE },
  );
  expect(rowsOf(played.state, OPTIONS).at(-1)).toMatchObject({ kind: "outgoing", spine: { callId: CALL } });
});

test("an ended call never becomes live again by a late push", () => {
  const played = opened(1).play(
    { kind: "entry", entry: entry(2, { kind: "call_started", call: call({ ended_at: 9, end_reason: "left" }) }) },
    { kind: "call", call: call() },
  );
  expect(played.state.items[1]).toMatchObject({ call: { ended_at: 9 } });
});

test("rows stay the same objects when older or newer ones come", () => {
  const played = opened(100, 51);
  const before = nextRows(NO_ROWS, played.state, OPTIONS);
  const held = before.rows.filter((row) => row.kind === "message");
  played.play(
    { kind: "older_wanted" },
    {
      kind: "page",
      what: "older",
      page: { more: true, last_seq: 100, entries: Array.from({ length: 30 }, (_, i) => entry(21 + i, message(String(21 + i)))) },
    },
  );
  const older = nextRows(before, played.state, OPTIONS);
  played.play({ kind: "entry", entry: entry(101, message("101")) });
  const newer = nextRows(older, played.state, OPTIONS);
  for (const after of [older, newer]) {
    const messages = after.rows.filter((row) => row.kind === "message");
    // The first one held has its name no more: it follows another of the same person.
    expect(messages.slice(31, 80).every((row, i) => row === held[i + 1])).toBe(true);
  }
});

test("rows that take over from those before are what they would be without", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    let state = seed;
    const below = (bound: number): number => {
      state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
      return Math.floor((state / 4_294_967_296) * bound);
    };
    const played = opened(400, 381);
    let rows = nextRows(NO_ROWS, played.state, OPTIONS);
    for (let round = 0; round < 60; round++) {
      const { first, last, items } = played.state;
      const author = below(2) === 0 ? ANA : LEAH;
      const target = items[below(items.length)];
      switch (below(6)) {
        case 0: {
          const from = Math.max(1, first - 1 - below(20));
          const entries = Array.from({ length: first - from }, (_, i) =>
            entry(from + i, message(String(from + i), { call_id: below(8) === 0 ? CALL : null }), below(3) === 0 ? LEAH : ANA, (from + i) * 40 * MINUTE),
          );
          played.play({ kind: "older_wanted" }, { kind: "page", what: "older", page: { more: from > 1, last_seq: last, entries } });
          break;
        }
        case 1:
          played.play({ kind: "entry", entry: entry(last + 1, message(String(last + 1), { call_id: below(2) === 0 ? CALL : null }), author, (last + 1) * 40 * MINUTE) });
          break;
        case 2:
          played.play({ kind: "entry", entry: entry(last + 1, { kind: "call_started", call: call({ seq: last + 1 }) }, author) });
          break;
        case 3:
          if (target?.kind === "message") {
            played.play({ kind: "entry", entry: entry(last + 1, { kind: "message_edited", message_id: target.message.id, target_seq: target.seq, text: "changed", mentions: [] }) });
          }
          break;
        case 4:
          if (target?.kind === "message") {
            played.play({ kind: "entry", entry: entry(last + 1, { kind: "message_deleted", message_id: target.message.id, target_seq: target.seq }) });
          }
          break;
        default:
          played.play({ kind: "send", nonce: `n${String(round)}`, text: "mine", callId: null, at: last * 40 * MINUTE });
      }
      const options = { ...OPTIONS, newAfter: below(2) === 0 ? null : 390, unfolded: new Set(below(2) === 0 ? [CALL] : []) };
      rows = nextRows(rows, played.state, options);
      expect(rows.rows, `seed ${String(seed)}, round ${String(round)}`).toEqual(rowsOf(played.state, options));
    }
  }
});
