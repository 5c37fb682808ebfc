/** Times, days and lengths in the reader's language, by the browser's own data. */
import type { Timestamp } from "../../protocol/generated";

const LOCALE = "en-GB";
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
const dayOfOtherYear = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: "short" });
const short = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeStyle: "short" });

const DAY_MS = 86_400_000;

export function time(at: Timestamp): string {
  return clock.format(at);
}

export function fullTime(at: Timestamp): string {
  return full.format(at);
}

/** The start of that day where the reader is. */
export function startOfDay(at: Timestamp): Timestamp {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** "Today", "Yesterday", "Wednesday 18 November", "18 November 2025". */
export function day(at: Timestamp, now: Timestamp): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? dayOfYear : dayOfOtherYear).format(at).replace(",", "");
}

/** The same within a sentence: "today". Weekdays and months keep their capitals. */
export function dayWithin(day: string): string {
  return day === "Today" || day === "Yesterday" ? day.toLowerCase() : day;
}

/** A time of today, a weekday of this week, a date before. */
export function brief(at: Timestamp, now: Timestamp): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (days <= 0) return time(at);
  return (days < 7 ? weekday : short).format(at);
}

/** "45 s", "24 min", "1 h 5 min". */
export function length(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** "0:07", "18:04", "1:02:33". */
export function timer(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const WORDS = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

export function ordinal(value: number): string {
  const ends: Partial<Record<Intl.LDMLPluralRule, string>> = { one: "st", two: "nd", few: "rd" };
  return WORDS[value] ?? `${value}${ends[ordinals.select(value)] ?? "th"}`;
}

/** "1 person", "5 people". */
export function count(value: number, one: string, many: string): string {
  return `${value} ${value === 1 ? one : many}`;
}

/** "Ana", "Ana and Bo", "Ana, Bo and 3 others". */
export function names(list: readonly string[], max = 3): string {
  if (list.length <= 1) return list[0] ?? "";
  if (list.length <= max) return `${list.slice(0, -1).join(", ")} and ${list.at(-1) ?? ""}`;
  const rest = list.length - max + 1;
  return `${list.slice(0, max - 1).join(", ")} and ${count(rest, "other", "others")}`;
}
