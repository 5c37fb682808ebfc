/** A person's log of calls as the Calls page lays it out. */
import { CALL_LOG_DAYS_MAX, type CallLogEntry, type CallLogFilter, type CallLogRetention } from "../protocol/generated";

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

/** What of a log is asked for. */
export type LogQuery = { filter: CallLogFilter; text: string };

/** The query's part of an address, without a question mark. */
export function queryOf(query: LogQuery): string {
  const text = query.text.trim();
  return `filter=${query.filter}${text === "" ? "" : `&text=${encodeURIComponent(text)}`}`;
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
