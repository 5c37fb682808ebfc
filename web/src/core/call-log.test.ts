import { expect, test } from "vitest";

import type { CallId, CallLogEntry, CallOutcome, CallSummary, ConversationId, UserId } from "../protocol/generated";
import { daysFrom, daysOf, forgetsMore, isNarrowed, NOT_NARROWED, queryOf } from "./call-log";

function entry(at: number, outcome: CallOutcome, place = "cnv_one"): CallLogEntry {
  const call = { id: `call_${at}` as CallId, conversation_id: place as ConversationId, started_at: at };
  return { call: call as CallSummary, outcome, unseen: outcome === "missed", words: null };
}

const dayOf = (at: number): number => at - (at % 100);

function shape(entries: CallLogEntry[]): number[][][] {
  return daysOf(entries, dayOf).map((day) =>
    day.rows.map((row) => [row.entry.call.started_at, ...row.missed.map((one) => one.call.started_at)]),
  );
}

test("calls missed one after the other in one conversation share a row", () => {
  expect(shape([entry(30, "missed"), entry(20, "missed"), entry(10, "missed")])).toEqual([[[30, 30, 20, 10]]]);
});

test("another call between them, another conversation and another day part them", () => {
  expect(shape([entry(30, "missed"), entry(20, "joined"), entry(10, "missed")])).toEqual([
    [[30, 30], [20], [10, 10]],
  ]);
  expect(shape([entry(30, "missed"), entry(20, "missed", "cnv_two")])).toEqual([[[30, 30], [20, 20]]]);
  expect(shape([entry(130, "missed"), entry(30, "missed")])).toEqual([[[130, 130]], [[30, 30]]]);
});

test("a query says what is asked for and nothing else", () => {
  expect(queryOf({ ...NOT_NARROWED, filter: "all", text: "  " })).toBe("filter=all");
  expect(queryOf({ ...NOT_NARROWED, filter: "missed", text: "Noor & co" })).toBe("filter=missed&text=Noor%20%26%20co");
  const only = { kind: "conversation", id: "cnv_one" as ConversationId } as const;
  expect(queryOf({ ...NOT_NARROWED, filter: "all", only })).toBe("filter=all&conversation=cnv_one");
});

test("a query is of whole days, the last one too", () => {
  const query = queryOf({ ...NOT_NARROWED, filter: "all", from: "2026-10-31", until: "2026-10-31" });
  const from = new Date(2026, 9, 31).getTime();
  const until = new Date(2026, 10, 1).getTime();
  expect(query).toBe(`filter=all&from=${from}&until=${until}`);
  expect(queryOf({ ...NOT_NARROWED, filter: "all", from: "2026-", until: "" })).toBe("filter=all");
});

test("what narrows a log is known", () => {
  expect(isNarrowed(NOT_NARROWED)).toBe(false);
  expect(isNarrowed({ ...NOT_NARROWED, text: "Noor" })).toBe(true);
  expect(isNarrowed({ ...NOT_NARROWED, until: "2026-10-31" })).toBe(true);
  expect(isNarrowed({ ...NOT_NARROWED, only: { kind: "person", id: "usr_one" as UserId } })).toBe(true);
});

test("days are whole, one at least and ten years at most", () => {
  expect(["1", " 90 ", "3650"].map(daysFrom)).toEqual([1, 90, 3650]);
  expect(["", "0", "3651", "1.5", "-7", "many"].map(daysFrom)).toEqual([null, null, null, null, null, null]);
});

test("only a shorter time forgets calls that are kept", () => {
  const forever = { kind: "forever" } as const;
  const days = (days: number) => ({ kind: "days", days }) as const;
  expect(forgetsMore(forever, days(3650))).toBe(true);
  expect(forgetsMore(days(90), days(30))).toBe(true);
  expect(forgetsMore(days(30), days(30))).toBe(false);
  expect(forgetsMore(days(30), days(90))).toBe(false);
  expect(forgetsMore(days(30), forever)).toBe(false);
});
