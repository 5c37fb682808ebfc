/**
 * One conversation's timeline as far as this client holds it: a stretch of the sequence without a
 * gap, edits and deletions folded onto what they change, and the own messages that have no number
 * yet. Reading pages and sending are effects that the owner carries out.
 */
import type {
  CallId,
  CallSummary,
  Entry,
  EntryBody,
  Message,
  Timestamp,
  TimelinePage,
  UserId,
} from "../protocol/generated";

/** An entry that is drawn. Edits, deletions and ends of calls are not: their targets carry them. */
export type Item = { seq: number; at: Timestamp; author: UserId } & (
  | { kind: "message"; message: Message }
  | { kind: "call"; call: CallSummary }
  | { kind: "notice"; body: Notice }
);

export type Notice = Exclude<
  EntryBody,
  { kind: "message" | "message_edited" | "message_deleted" | "call_started" | "call_ended" }
>;

/** An own message on its way. */
export type Outgoing = {
  nonce: string;
  text: string;
  callId: CallId | null;
  at: Timestamp;
  status: { kind: "waiting" } | { kind: "sending" } | { kind: "failed"; reason: string };
};

export type Loading =
  | { kind: "idle" }
  | { kind: "reading"; what: "newest" | "older" | "range" }
  | { kind: "failed"; what: "newest" | "older" | "range"; reason: string };

export type Timeline = {
  items: readonly Item[];
  /** Everything from `first` to `last` is held; both 0 before the first page. */
  first: number;
  last: number;
  loaded: boolean;
  /** Whether there is something before `first`. */
  older: boolean;
  /** What arrived ahead of a gap. */
  ahead: readonly Entry[];
  outgoing: readonly Outgoing[];
  loading: Loading;
};

export type TimelineEvent =
  | { kind: "opened" }
  | { kind: "older_wanted" }
  | { kind: "page"; what: "newest" | "older" | "range"; page: TimelinePage }
  | { kind: "page_failed"; what: "newest" | "older" | "range"; reason: string }
  | { kind: "retry" }
  | { kind: "entry"; entry: Entry }
  | { kind: "resumed"; entries: readonly Entry[]; complete: boolean }
  | { kind: "call"; call: CallSummary }
  | { kind: "send"; nonce: string; text: string; callId: CallId | null; at: Timestamp }
  | { kind: "send_failed"; nonce: string; reason: string; lost: boolean }
  | { kind: "send_again"; nonce: string }
  | { kind: "send_dropped"; nonce: string }
  | { kind: "connected" };

export type TimelineEffect =
  | { kind: "read_newest" }
  | { kind: "read_older"; before: number }
  | { kind: "read_range"; after: number }
  | { kind: "send"; nonce: string; text: string; callId: CallId | null };

type Step = [Timeline, TimelineEffect[]];

/** A client further behind than this forgets what it has and starts from the newest page. */
const CATCH_UP_MAX = 1_000;

export const EMPTY: Timeline = {
  items: [],
  first: 0,
  last: 0,
  loaded: false,
  older: false,
  ahead: [],
  outgoing: [],
  loading: { kind: "idle" },
};

export function step(state: Timeline, event: TimelineEvent): Step {
  switch (event.kind) {
    case "opened":
      return state.loaded || state.loading.kind === "reading" ? [state, []] : read(state, "newest");
    case "older_wanted":
      return state.older && state.loading.kind === "idle" ? read(state, "older") : [state, []];
    case "retry":
      return state.loading.kind === "failed" ? read(state, state.loading.what) : [state, []];
    case "page":
      return page(state, event.what, event.page);
    case "page_failed":
      return [{ ...state, loading: { kind: "failed", what: event.what, reason: event.reason } }, []];
    case "entry":
      return entry(state, event.entry);
    case "resumed": {
      if (!state.loaded) return [state, []];
      if (!event.complete) return read(state, "range");
      return settle({ ...state, ahead: [...state.ahead, ...event.entries] });
    }
    case "call":
      return [{ ...state, items: withCall(state.items, event.call) }, []];
    case "send": {
      const { nonce, text, callId, at } = event;
      const message: Outgoing = { nonce, text, callId, at, status: { kind: "sending" } };
      return [
        { ...state, outgoing: [...state.outgoing, message] },
        [{ kind: "send", nonce, text, callId }],
      ];
    }
    case "send_failed":
      return [
        withOutgoing(state, event.nonce, (message) => ({
          ...message,
          status: event.lost ? { kind: "waiting" } : { kind: "failed", reason: event.reason },
        })),
        [],
      ];
    case "send_again":
      return resend(state, (message) => message.nonce === event.nonce);
    case "send_dropped":
      return [
        { ...state, outgoing: state.outgoing.filter((message) => message.nonce !== event.nonce) },
        [],
      ];
    // The same nonce again gives the same entry, so what may have been lost is sent once more.
    case "connected": {
      const [sent, sends] = resend(state, (message) => message.status.kind !== "failed");
      if (sent.loading.kind !== "failed") return [sent, sends];
      const [reading, reads] = read(sent, sent.loading.what);
      return [reading, [...sends, ...reads]];
    }
  }
}

function read(state: Timeline, what: "newest" | "older" | "range"): Step {
  const reading: Timeline = { ...state, loading: { kind: "reading", what } };
  switch (what) {
    case "newest":
      return [reading, [{ kind: "read_newest" }]];
    case "older":
      return [reading, [{ kind: "read_older", before: state.first }]];
    case "range":
      return [reading, [{ kind: "read_range", after: state.last }]];
  }
}

function page(state: Timeline, what: "newest" | "older" | "range", page: TimelinePage): Step {
  const idle: Timeline = { ...state, loading: { kind: "idle" } };
  switch (what) {
    case "newest": {
      const first = page.more ? (page.entries[0]?.seq ?? page.last_seq + 1) : Math.min(1, page.last_seq);
      const fresh: Timeline = {
        ...idle,
        items: page.entries.flatMap((entry) => itemOf(entry) ?? []),
        first,
        last: page.last_seq,
        loaded: true,
        older: page.more,
        outgoing: unsent(state.outgoing, page.entries),
      };
      return settle(fresh);
    }
    case "older": {
      const items = page.entries.flatMap((entry) => (entry.seq < state.first ? (itemOf(entry) ?? []) : []));
      return [
        {
          ...idle,
          items: [...items, ...state.items],
          first: page.entries[0]?.seq ?? state.first,
          older: page.more && page.entries.length > 0,
        },
        [],
      ];
    }
    case "range": {
      if (page.last_seq - state.last > CATCH_UP_MAX) return read(forget(idle), "newest");
      // A page read forwards has every number, so it ends where its last entry is.
      const [settled, effects] = settle({ ...idle, ahead: [...state.ahead, ...page.entries] });
      const isBehind = effects.length === 0 && settled.last < page.last_seq && page.entries.length > 0;
      return isBehind ? read(settled, "range") : [settled, effects];
    }
  }
}

function entry(state: Timeline, entry: Entry): Step {
  if (!state.loaded) {
    const outgoing = unsent(state.outgoing, [entry]);
    if (state.loading.kind !== "reading") return [{ ...state, outgoing }, []];
    return [{ ...state, outgoing, ahead: [...state.ahead, entry] }, []];
  }
  return settle({ ...state, ahead: [...state.ahead, entry] });
}

/** Moves what follows without a gap into the timeline; what is left over means a range to read. */
function settle(state: Timeline): Step {
  const waiting = [...state.ahead].sort((a, b) => a.seq - b.seq);
  let { items, last } = state;
  const added: Item[] = [];
  const taken: Entry[] = [];
  const left: Entry[] = [];
  for (const entry of waiting) {
    if (entry.seq <= last) {
      // Held already, but it may tell the own message that it has been sent.
      taken.push(entry);
    } else if (entry.seq === last + 1) {
      last = entry.seq;
      taken.push(entry);
      const item = itemOf(entry);
      if (item !== undefined) added.push(item);
      else {
        items = fold([...items, ...added.splice(0)], entry);
      }
    } else {
      left.push(entry);
    }
  }
  const settled: Timeline = {
    ...state,
    items: added.length > 0 ? [...items, ...added] : items,
    first: state.first === 0 ? Math.min(1, last) : state.first,
    last,
    ahead: left,
    outgoing: unsent(state.outgoing, taken),
  };
  if (left.length === 0 || settled.loading.kind === "reading") return [settled, []];
  const newest = left[left.length - 1]?.seq ?? 0;
  if (newest - last > CATCH_UP_MAX) return read(forget(settled), "newest");
  return read(settled, "range");
}

function forget(state: Timeline): Timeline {
  return { ...state, items: [], first: 0, last: 0, loaded: false, older: false };
}

function itemOf(entry: Entry): Item | undefined {
  const { seq, at, author, body } = entry;
  switch (body.kind) {
    case "message":
      return { kind: "message", seq, at, author, message: body.message };
    case "call_started":
      return { kind: "call", seq, at, author, call: body.call };
    case "message_edited":
    case "message_deleted":
    case "call_ended":
      return undefined;
    case "conversation_created":
    case "renamed":
    case "topic_changed":
    case "members_added":
    case "member_removed":
    case "member_joined":
    case "member_left":
    case "archived":
    case "unarchived":
      return { kind: "notice", seq, at, author, body };
    // The wire grows: an entry of a later version has its number and is not drawn.
    default:
      return undefined;
  }
}

/** Lays an entry that changes another onto it. */
function fold(items: readonly Item[], entry: Entry): readonly Item[] {
  const { body } = entry;
  switch (body.kind) {
    case "message_edited":
      return change(items, body.target_seq, (item) =>
        item.kind === "message"
          ? {
              ...item,
              message: { ...item.message, text: body.text, mentions: body.mentions, edited_at: entry.at },
            }
          : item,
      );
    case "message_deleted":
      return change(items, body.target_seq, (item) =>
        item.kind === "message"
          ? { ...item, message: { ...item.message, text: "", mentions: [], deleted_at: entry.at } }
          : item,
      );
    case "call_ended":
      return withCall(items, body.call, body.target_seq);
    case "message":
    case "call_started":
    case "conversation_created":
    case "renamed":
    case "topic_changed":
    case "members_added":
    case "member_removed":
    case "member_joined":
    case "member_left":
    case "archived":
    case "unarchived":
      return items;
    default:
      return items;
  }
}

function withCall(items: readonly Item[], call: CallSummary, seq = call.seq): readonly Item[] {
  return change(items, seq, (item) =>
    item.kind === "call" && item.call.ended_at === null ? { ...item, call } : item,
  );
}

function change(items: readonly Item[], seq: number, to: (item: Item) => Item): readonly Item[] {
  const index = indexOf(items, seq);
  const item = index === undefined ? undefined : items[index];
  if (index === undefined || item === undefined) return items;
  const changed = to(item);
  return changed === item ? items : items.with(index, changed);
}

/** Where the item of that number is, by halving. */
export function indexOf(items: readonly Item[], seq: number): number | undefined {
  let low = 0;
  let high = items.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = items[middle]?.seq ?? 0;
    if (found === seq) return middle;
    if (found < seq) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function unsent(outgoing: readonly Outgoing[], entries: readonly Entry[]): readonly Outgoing[] {
  if (outgoing.length === 0) return outgoing;
  const sent = new Set(
    entries.flatMap(({ body }) => (body.kind === "message" ? (body.message.nonce ?? []) : [])),
  );
  return outgoing.filter((message) => !sent.has(message.nonce));
}

function resend(state: Timeline, which: (message: Outgoing) => boolean): Step {
  const effects: TimelineEffect[] = [];
  const outgoing = state.outgoing.map((message): Outgoing => {
    if (!which(message)) return message;
    const { nonce, text, callId } = message;
    effects.push({ kind: "send", nonce, text, callId });
    return { ...message, status: { kind: "sending" } };
  });
  return effects.length === 0 ? [state, []] : [{ ...state, outgoing }, effects];
}

function withOutgoing(state: Timeline, nonce: string, to: (message: Outgoing) => Outgoing): Timeline {
  return {
    ...state,
    outgoing: state.outgoing.map((message) => (message.nonce === nonce ? to(message) : message)),
  };
}
