/**
 * What a timeline looks like, row by row: days, who says something anew, messages of a call under
 * its card, and where what is new begins. Keys stay with their row, so that a row keeps its place
 * and its element when others come.
 */
import type { CallId, CallSummary, Timestamp, UserId } from "../protocol/generated";
import type { Item, Notice, Outgoing, Timeline } from "./timeline";

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

/** Messages by one person within this time have one name above them. */
const GROUP_MS = 5 * 60_000;

export function rowsOf(timeline: Timeline, options: RowOptions): Row[] {
  const { me, newAfter, unfolded, room, dayOf } = options;
  const cards = new Set<CallId>();
  const inCall = new Map<CallId, MessageItem[]>();
  const sendingInCall = new Map<CallId, Outgoing[]>();
  for (const item of timeline.items) if (item.kind === "call") cards.add(item.call.id);
  for (const item of timeline.items) {
    const callId = item.kind === "message" ? item.message.call_id : null;
    if (item.kind === "message" && callId !== null && cards.has(callId) && isShown(item)) {
      append(inCall, callId, item);
    }
  }
  for (const message of timeline.outgoing) {
    if (message.callId !== null && cards.has(message.callId)) {
      append(sendingInCall, message.callId, message);
    }
  }

  const rows: Row[] = [];
  if (timeline.loaded && !timeline.older) {
    rows.push({ key: "beginning", kind: "beginning" });
  }
  let day: number | null = null;
  let before: { author: UserId; at: Timestamp } | null = null;
  let isNewShown = newAfter === null;
  let lastRead: Timestamp | null = null;
  const named = (author: UserId, at: Timestamp): boolean => {
    const isNew = before?.author !== author || at - before.at > GROUP_MS;
    before = { author, at };
    return isNew;
  };

  for (const item of timeline.items) {
    if (item.kind === "message" && !isShown(item)) continue;
    if (item.kind === "message" && item.message.call_id !== null && cards.has(item.message.call_id)) continue;
    const today = dayOf(item.at);
    if (today !== day) {
      day = today;
      before = null;
      // By its first item: when older ones of the same day come, the line moves up to them.
      rows.push({ key: `d${item.seq}`, kind: "day", at: item.at });
    }
    if (!isNewShown && newAfter !== null && item.seq > newAfter && item.author !== me) {
      isNewShown = true;
      before = null;
      const count = timeline.items.filter(
        (other) => other.kind === "message" && other.seq > newAfter && other.author !== me && isShown(other),
      ).length;
      if (count > 0) rows.push({ key: "new", kind: "new_since", count, since: lastRead });
    }
    lastRead = item.at;
    switch (item.kind) {
      case "message":
        rows.push({
          key: keyOf(item),
          kind: "message",
          item,
          named: named(item.author, item.at),
          spine: null,
        });
        break;
      case "notice": {
        before = null;
        const last = rows.at(-1);
        if (item.body.kind === "member_joined" && last?.kind === "notice" && last.body.kind === "member_joined") {
          rows[rows.length - 1] = { ...last, also: [...last.also, item.author] };
          break;
        }
        rows.push({
          key: `s${item.seq}`,
          kind: "notice",
          at: item.at,
          author: item.author,
          body: item.body,
          also: [],
        });
        break;
      }
      case "call": {
        before = null;
        const { call } = item;
        const live = call.ended_at === null;
        const messages = inCall.get(call.id) ?? [];
        const sending = sendingInCall.get(call.id) ?? [];
        const count = Math.max(messages.length, call.message_count) + sending.length;
        const isOpen = live || unfolded.has(call.id);
        const spine = { callId: call.id, live };
        if (live && call.id === room) {
          rows.push({ key: `r${item.seq}`, kind: "room_head", callId: call.id, at: call.started_at });
        } else {
          rows.push({ key: `s${item.seq}`, kind: "call", call, messages: count, unfolded: isOpen });
          if (!isOpen || messages.length + sending.length === 0) break;
          rows.push({ key: `h${item.seq}`, kind: "spine_head", ...spine, messages: count });
        }
        for (const message of messages) {
          rows.push({
            key: keyOf(message),
            kind: "message",
            item: message,
            named: named(message.author, message.at),
            spine,
          });
        }
        for (const message of sending) {
          rows.push({ key: `n${message.nonce}`, kind: "outgoing", message, named: named(me, message.at), spine });
        }
        before = null;
        break;
      }
    }
  }

  for (const message of timeline.outgoing) {
    if (message.callId !== null && cards.has(message.callId)) continue;
    const today = dayOf(message.at);
    if (today !== day) {
      day = today;
      before = null;
      rows.push({ key: `d${message.nonce}`, kind: "day", at: message.at });
    }
    rows.push({
      key: `n${message.nonce}`,
      kind: "outgoing",
      message,
      named: named(me, message.at),
      spine: null,
    });
  }
  return rows;
}

/** Takes over the rows of before that have not changed, so that only the others are drawn anew. */
export function reuse(before: readonly Row[], after: Row[]): Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return after.map((row) => {
    const old = known.get(row.key);
    return old !== undefined && isSame(old, row) ? old : row;
  });
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
