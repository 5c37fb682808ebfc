/**
 * What a timeline looks like, row by row: days, who says something anew, messages of a call under
 * its card, and where what is new begins. Keys stay with their row, so that a row keeps its place
 * and its element when others come.
 */
import type { CallId, CallSummary, Timestamp, UserId } from "../protocol/generated";
import { EMPTY, type Item, type Notice, type Outgoing, type Timeline } from "./timeline";

export type MessageItem = Extract<Item, { kind: "message" }>;

/** Which line to the left a row has: that of a call that goes on, or of one that is over. */
export type Spine = { callId: CallId; live: boolean } | null;

export type Row = { key: string } & (
  | { kind: "beginning" }
  | { kind: "day"; at: Timestamp }
  | { kind: "new_since"; count: number; since: Timestamp | null }
  | { kind: "message"; item: MessageItem; named: boolean; spine: Spine }
  | { kind: "outgoing"; message: Outgoing; named: boolean; spine: Spine }
  | { kind: "call"; call: CallSummary; messages: number; unfolded: boolean }
  | { kind: "spine_head"; callId: CallId; live: boolean; messages: number }
  | { kind: "room_head"; callId: CallId; at: Timestamp }
  | {
      kind: "notice";
      at: Timestamp;
      author: UserId;
      body: Notice;
      /** Who joined right after, when that is what it says. */
      also: readonly UserId[];
    }
);

export type RowOptions = {
  me: UserId;
  /** The last number read when the conversation was opened; null when nothing was new. */
  newAfter: number | null;
  /** Ended calls whose messages are shown. */
  unfolded: ReadonlySet<CallId>;
  /** The call whose room this stands beside: of its card only the beginning is told; null elsewhere. */
  room: CallId | null;
  /** The start of the day, in the viewer's zone. */
  dayOf: (at: Timestamp) => number;
};

/** Rows, and what the next ones can take over from them. */
export type Rows = {
  rows: readonly Row[];
  /** What they were made of. */
  timeline: Timeline;
  options: RowOptions | null;
  /** The row of each item that is a message in its own place. */
  ofItems: readonly (Row | undefined)[];
  /** All others, by key. */
  others: ReadonlyMap<string, Row>;
};

export const NO_ROWS: Rows = { rows: [], timeline: EMPTY, options: null, ofItems: [], others: new Map() };

/** Messages by one person within this time have one name above them. */
const GROUP_MS = 5 * 60_000;
/** A day is at least so long, wherever clocks are changed. */
const DAY_MIN_MS = 23 * 3_600_000;

export function rowsOf(timeline: Timeline, options: RowOptions): readonly Row[] {
  return nextRows(NO_ROWS, timeline, options).rows;
}

/**
 * The rows of a timeline that was another one before. Rows that have not changed are the same
 * objects as before, so that only the others are drawn anew; and a page on top of a hundred
 * thousand messages costs hardly more than the page.
 */
export function nextRows(previous: Rows, timeline: Timeline, options: RowOptions): Rows {
  if (isUnchanged(previous, timeline, options)) return previous;
  const { me, newAfter, unfolded, room, dayOf } = options;
  const { items } = timeline;
  const held = previous.timeline.items;
  const cards = new Set<CallId>();
  const inCall = new Map<CallId, MessageItem[]>();
  const sendingInCall = new Map<CallId, Outgoing[]>();
  for (const item of items) if (item.kind === "call") cards.add(item.call.id);
  if (cards.size > 0) {
    for (const item of items) {
      const callId = item.kind === "message" ? item.message.call_id : null;
      if (item.kind === "message" && callId !== null && cards.has(callId) && isShown(item)) {
        append(inCall, callId, item);
      }
    }
  }
  for (const message of timeline.outgoing) {
    if (message.callId !== null && cards.has(message.callId)) {
      append(sendingInCall, message.callId, message);
    }
  }

  const rows: Row[] = [];
  const ofItems: (Row | undefined)[] = [];
  const others = new Map<string, Row>();
  const add = (row: Row): void => {
    const old = previous.others.get(row.key);
    const kept = old !== undefined && isSame(old, row) ? old : row;
    others.set(row.key, kept);
    rows.push(kept);
  };
  const moved = shift(held, items);
  const own = (item: MessageItem, index: number, named: boolean): Row => {
    const old = held[index - moved] === item ? previous.ofItems[index - moved] : undefined;
    if (old?.kind === "message" && old.named === named) return old;
    return { key: keyOf(item), kind: "message", item, named, spine: null };
  };

  if (timeline.loaded && !timeline.older) add({ key: "beginning", kind: "beginning" });
  let day: number | null = null;
  let lastAuthor: UserId | null = null;
  let lastAt = 0;
  let isNewShown = newAfter === null;
  let lastRead: Timestamp | null = null;
  const named = (author: UserId, at: Timestamp): boolean => {
    const isNew = lastAuthor !== author || at - lastAt > GROUP_MS;
    lastAuthor = author;
    lastAt = at;
    return isNew;
  };
  const isOfDay = (at: Timestamp): boolean =>
    day !== null && at >= day && (at < day + DAY_MIN_MS || dayOf(at) === day);

  let index = -1;
  for (const item of items) {
    index++;
    if (item.kind === "message" && !isShown(item)) continue;
    if (item.kind === "message" && item.message.call_id !== null && cards.has(item.message.call_id)) continue;
    // A call nobody can have noticed is shown to whom it slipped only.
    if (item.kind === "call" && item.call.slip && item.call.started_by !== me) continue;
    if (!isOfDay(item.at)) {
      day = dayOf(item.at);
      lastAuthor = null;
      // By its first item: when older ones of the same day come, the line moves up to them.
      add({ key: `d${item.seq}`, kind: "day", at: item.at });
    }
    if (!isNewShown && newAfter !== null && item.seq > newAfter && item.author !== me) {
      isNewShown = true;
      lastAuthor = null;
      const count = items.filter(
        (other) => other.kind === "message" && other.seq > newAfter && other.author !== me && isShown(other),
      ).length;
      if (count > 0) add({ key: "new", kind: "new_since", count, since: lastRead });
    }
    lastRead = item.at;
    switch (item.kind) {
      case "message": {
        const row = own(item, index, named(item.author, item.at));
        ofItems[index] = row;
        rows.push(row);
        break;
      }
      case "notice": {
        lastAuthor = null;
        const { seq, at, author, body } = item;
        const last = rows.at(-1);
        if (body.kind === "member_joined" && last?.kind === "notice" && last.body.kind === "member_joined") {
          rows.pop();
          add({ ...last, also: [...last.also, author] });
        } else {
          add({ key: `s${seq}`, kind: "notice", at, author, body, also: [] });
        }
        break;
      }
      case "call": {
        lastAuthor = null;
        const { call } = item;
        const live = call.ended_at === null;
        const messages = inCall.get(call.id) ?? [];
        const sending = sendingInCall.get(call.id) ?? [];
        const count = Math.max(messages.length, call.message_count) + sending.length;
        // What is written with a call that nobody came to, such as why, is not put away.
        const unanswered = !live && call.answered_at === null;
        const isOpen = live || unanswered || unfolded.has(call.id);
        const spine = unanswered ? null : { callId: call.id, live };
        if (live && call.id === room) {
          add({ key: `r${item.seq}`, kind: "room_head", callId: call.id, at: call.started_at });
        } else {
          add({ key: `s${item.seq}`, kind: "call", call, messages: count, unfolded: isOpen });
          if (!isOpen || messages.length + sending.length === 0) break;
          if (spine !== null) add({ key: `h${item.seq}`, kind: "spine_head", ...spine, messages: count });
        }
        for (const message of messages) {
          add({
            key: keyOf(message),
            kind: "message",
            item: message,
            named: named(message.author, message.at),
            spine,
          });
        }
        for (const message of sending) {
          add({ key: `n${message.nonce}`, kind: "outgoing", message, named: named(me, message.at), spine });
        }
        lastAuthor = null;
        break;
      }
    }
  }

  for (const message of timeline.outgoing) {
    if (message.callId !== null && cards.has(message.callId)) continue;
    if (!isOfDay(message.at)) {
      day = dayOf(message.at);
      lastAuthor = null;
      add({ key: `d${message.nonce}`, kind: "day", at: message.at });
    }
    add({
      key: `n${message.nonce}`,
      kind: "outgoing",
      message,
      named: named(me, message.at),
      spine: null,
    });
  }
  return { rows, timeline, options, ofItems, others };
}

function isUnchanged(previous: Rows, timeline: Timeline, options: RowOptions): boolean {
  const { timeline: before, options: then } = previous;
  return (
    before.items === timeline.items &&
    before.outgoing === timeline.outgoing &&
    before.loaded === timeline.loaded &&
    before.older === timeline.older &&
    then?.me === options.me &&
    then.newAfter === options.newAfter &&
    then.room === options.room &&
    then.unfolded === options.unfolded
  );
}

/** By how many places items that are still there have moved: older ones come in front of all. */
function shift(before: readonly Item[], after: readonly Item[]): number {
  return before.at(-1) === after.at(-1) ? after.length - before.length : 0;
}

function isSame(a: Row, b: Row): boolean {
  if (a.kind !== b.kind) return false;
  const left = Object.entries(a);
  const right = new Map<string, unknown>(Object.entries(b));
  return left.every(([name, value]) => {
    const other = right.get(name);
    if (name === "spine") return (value === null) === (other === null) && isSameSpine(value as Spine, other as Spine);
    // Those who joined only become more.
    if (name === "also") return (value as UserId[]).length === (other as UserId[]).length;
    return value === other;
  });
}

function isSameSpine(a: Spine, b: Spine): boolean {
  return a?.callId === b?.callId && a?.live === b?.live;
}

function isShown(item: MessageItem): boolean {
  return item.message.deleted_at === null;
}

/** The own message keeps the key it had before it had a number. */
function keyOf(item: MessageItem): string {
  return item.message.nonce === null ? `s${item.seq}` : `n${item.message.nonce}`;
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
