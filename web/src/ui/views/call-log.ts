import { createEffect, createSignal, on, onCleanup, type Accessor } from "solid-js";

import { queryOf, type LogQuery } from "../../core/call-log";
import type { CallId, CallLogEntry, CallLogPage } from "../../protocol/generated";
import type { App } from "../app";

const PAGE = 50;
/** Typing goes on for so long before it is asked for. */
const TYPING_MS = 200;

export type CallLog = {
  calls: Accessor<readonly CallLogEntry[]>;
  next: Accessor<CallId | null>;
  state: Accessor<"reading" | "read" | "failed">;
  again: () => void;
  more: () => void;
  /** These have been looked at, or all. */
  seen: (calls: readonly CallId[] | null) => Promise<void>;
};

/** A person's log as far as it has been read; what is asked for may change. */
export function createCallLog(app: App, query: Accessor<LogQuery>): CallLog {
  const { client } = app;
  const [calls, setCalls] = createSignal<readonly CallLogEntry[]>([]);
  const [next, setNext] = createSignal<CallId | null>(null);
  const [state, setState] = createSignal<"reading" | "read" | "failed">("reading");
  let latest = 0;

  const read = async (from: CallId | null): Promise<void> => {
    const turn = ++latest;
    const asked = `/calls?${queryOf(query())}&limit=${PAGE}`;
    let held = from === null ? [] : calls();
    let before = from;
    try {
      // A page of a search may be empty and not the last.
      do {
        const page = await client.http.get<CallLogPage>(before === null ? asked : `${asked}&before=${before}`);
        if (turn !== latest) return;
        held = [...held, ...page.calls];
        before = page.next;
        if (page.calls.length > 0) break;
      } while (before !== null);
      setCalls(held);
      setNext(before);
      setState("read");
    } catch {
      if (turn === latest) setState(calls().length > 0 ? "read" : "failed");
    }
  };

  let timer: ReturnType<typeof setTimeout> | undefined;
  createEffect(
    on(query, (now, before) => {
      clearTimeout(timer);
      if (before === undefined || before.filter !== now.filter) {
        setState("reading");
        void read(null);
      } else {
        timer = setTimeout(() => void read(null), TYPING_MS);
      }
    }),
  );
  // The list is what the server has; a call that begins or ends changes it.
  const stop = client.onMessage((message) => {
    if (message.kind === "call_ended" || message.kind === "missed_calls") void read(null);
  });
  onCleanup(() => {
    clearTimeout(timer);
    stop();
    latest = -1;
  });

  const seen = async (these: readonly CallId[] | null): Promise<void> => {
    await client.http.post("/calls/seen", { calls: these });
    const isSeen = (entry: CallLogEntry): boolean => these === null || these.includes(entry.call.id);
    setCalls((held) => held.map((entry) => (isSeen(entry) ? { ...entry, unseen: false } : entry)));
  };
  return {
    calls,
    next,
    state,
    again: () => void read(null),
    more: () => void read(next()),
    seen,
  };
}
