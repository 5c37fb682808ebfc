/** A person's log of calls as the Calls page lays it out. */
import {
  CALL_LOG_DAYS_MAX,
  type CallLogEntry,
  type CallLogFilter,
  type CallLogRetention,
  type ConversationId,
  type UserId,
} from "../protocol/generated";

export type LogRow = {
  entry: CallLogEntry;
  /** Calls missed one after the other in one conversation share a row: all of them, the newest first. */
  missed: readonly CallLogEntry[];
};

export type LogDay = { day: number; rows: LogRow[] };

/** Rows by day, the newest first. `dayOf` gives the beginning of a moment's day. */
export function daysOf(entries: readonly CallLogEntry[], dayOf: (at: number) => number): LogDay[] {
  const days: LogDay[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.call.started_at);
    let last = days.at(-1);
    if (last?.day !== day) {
      last = { day, rows: [] };
      days.push(last);
    }
    const row = last.rows.at(-1);
    if (row !== undefined && isMissed(entry) && follows(row, entry)) {
      last.rows[last.rows.length - 1] = { ...row, missed: [...row.missed, entry] };
    } else {
      last.rows.push({ entry, missed: isMissed(entry) ? [entry] : [] });
    }
  }
  return days;
}

export function isMissed(entry: CallLogEntry): boolean {
  return entry.outcome === "missed";
}

function follows(row: LogRow, entry: CallLogEntry): boolean {
  return row.missed.length > 0 && row.entry.call.conversation_id === entry.call.conversation_id;
}

/** What narrows a log. */
export type LogSearch = {
  /** A part of a name. */
  text: string;
  /** With this person, or in this conversation. */
  only: { kind: "person"; id: UserId } | { kind: "conversation"; id: ConversationId } | null;
  /** The first and the last day, as a date field gives them ("2026-11-30"); empty without. */
  from: string;
  until: string;
};

export const NOT_NARROWED: LogSearch = { text: "", only: null, from: "", until: "" };

/** What of a log is asked for. */
export type LogQuery = LogSearch & { filter: CallLogFilter };

export function isNarrowed(search: LogSearch): boolean {
  return search.text.trim() !== "" || search.only !== null || search.from !== "" || search.until !== "";
}

/** The query's part of an address, without a question mark. */
export function queryOf(query: LogQuery): string {
  const parts: [string, string | number | null][] = [
    ["filter", query.filter],
    ["text", query.text.trim()],
    [query.only?.kind ?? "person", query.only?.id ?? ""],
    ["from", beginningOf(query.from, 0)],
    // The last day belongs to it.
    ["until", beginningOf(query.until, 1)],
  ];
  return parts
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join("&");
}

/** When that day begins where the reader is, or the one so many days after it. */
function beginningOf(date: string, after: number): number | null {
  const [year, month, day] = date.split("-").map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const at = new Date(year, month - 1, day + after).getTime();
  return Number.isNaN(at) ? null : at;
}

/** Days as somebody types them; null for what cannot be chosen. */
export function daysFrom(text: string): number | null {
  const days = Number(text.trim());
  return Number.isInteger(days) && days >= 1 && days <= CALL_LOG_DAYS_MAX ? days : null;
}

/** Whether calls that are kept now would be forgotten. */
export function forgetsMore(now: CallLogRetention, then: CallLogRetention): boolean {
  if (then.kind === "forever") return false;
  return now.kind === "forever" || then.days < now.days;
}
