import {
  Check,
  CheckCheck,
  Download,
  Phone,
  PhoneIncoming,
  PhoneMissed,
  PhoneOff,
  PhoneOutgoing,
  Video,
  type IconNode,
} from "lucide";
import { createMemo, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";

import { canCall, reasonOf, startCall } from "../../actions";
import { daysOf, isMissed, isNarrowed, NOT_NARROWED, queryOf, type LogQuery, type LogRow } from "../../core/call-log";
import { isEnding, peopleIn } from "../../core/calls";
import { format, t } from "../../core/i18n";
import { CALL_FILTERS } from "../../core/route";
import type { CallId, CallLogFilter, CallLogEntry, CallSummary, Conversation } from "../../protocol/generated";
import { useApp } from "../app";
import { Bars, Button, Empty, Icon, IconButton, Link, Menu, Skeleton, toast, type MenuItem } from "../kit";
import type { Size } from "../media";
import { conversationOf, DetailsOf, Face, nameOfCall } from "./call-details";
import { createCallLog } from "./call-log";
import { CallsSearch } from "./calls-search";
import { Missed } from "./sidebar";

export function CallsPage(props: { filter: CallLogFilter; size: Size }): JSX.Element {
  const app = useApp();
  const [search, setSearch] = createSignal(NOT_NARROWED);
  const query = createMemo((): LogQuery => ({ filter: props.filter, ...search() }));
  const log = createCallLog(app, query);
  const { calls, next, state } = log;
  const [picked, setPicked] = createSignal<CallId | null>(null);

  const live = createMemo(() => [...app.workspace().calls.live.values()]);
  const missed = (): number => app.workspace().calls.missed;
  const entries = createMemo(() => {
    const ongoing = new Set(live().map((call) => call.id));
    return calls().filter((entry) => entry.call.ended_at !== null || !ongoing.has(entry.call.id));
  });
  const days = createMemo(() => daysOf(entries(), format.startOfDay));
  const seen = (these: readonly CallId[] | null): void => {
    log.seen(these).catch((error: unknown) => toast(reasonOf(error), "bad"));
  };
  const save = (format: "csv" | "json"): void => {
    location.assign(`/api/v1/calls/export?${queryOf(query())}&format=${format}`);
  };
  const saving: readonly MenuItem[] = [
    { kind: "item", label: t.calls.saveCsv, run: () => save("csv") },
    { kind: "item", label: t.calls.saveJson, run: () => save("json") },
  ];
  const selected = createMemo(() => {
    if (props.size !== "wide") return picked();
    return picked() ?? entries()[0]?.call.id ?? null;
  });

  return (
    <div class="calls">
      <section class="calls-list" aria-label={t.calls.title} classList={{ "calls-list-covered": props.size === "phone" && picked() !== null }}>
        <header class="calls-head">
          <h1 class={props.size === "phone" ? "heading grow" : "page-title grow"}>{t.calls.title}</h1>
          <Show when={missed() > 0}>
            <IconButton icon={CheckCheck} label={t.calls.markSeen} onClick={() => seen(null)} />
          </Show>
          <Menu class="icon-button" label={t.calls.save} tip={t.calls.save} items={saving} placement="bottom-end">
            <Icon of={Download} />
          </Menu>
          <Button icon={Phone} onClick={() => app.show({ kind: "new_call" })}>
            {t.calls.newCall}
          </Button>
        </header>
        <div class="calls-filter">
          <nav class="segments" aria-label={t.calls.filter}>
            <For each={CALL_FILTERS}>
              {(filter) => (
                <Link
                  to={{ kind: "calls", filter }}
                  go={app.go}
                  aria-label={filter === "missed" && missed() > 0 ? `${t.calls.missed}, ${missed()}` : t.calls.filters[filter]}
                  aria-current={props.filter === filter ? "page" : undefined}
                >
                  {t.calls.filters[filter]}
                  <Show when={filter === "missed" && missed() > 0}>
                    <Missed count={missed()} />
                  </Show>
                </Link>
              )}
            </For>
          </nav>
        </div>
        <CallsSearch search={search()} change={(change) => setSearch((now) => ({ ...now, ...change }))} />
        <div class="calls-scroll">
          <Show when={state() !== "failed"} fallback={<Failed again={log.again} />}>
            <Show when={state() === "read"} fallback={<Skeleton rows={6} />}>
              <Show when={props.filter === "all" && !isNarrowed(search())}>
                <For each={live()}>
                  {(call) => {
                    const conversation = (): Conversation | undefined =>
                      app.conversations().get(call.conversation_id)?.conversation;
                    return (
                      <Show when={conversation()}>
                        {(place) => (
                          <div class="call-row">
                            <Link
                              class="call-row-main"
                              to={{ kind: "conversation", id: call.conversation_id }}
                              go={app.go}
                            >
                              <Face conversation={place()} />
                              <span class="grow">
                                <span class="call-row-name truncate">{app.title(place())}</span>
                                <span class="call-row-text">
                                  <Icon of={call.media === "video" ? Video : Phone} size="small" />
                                  <span class="truncate">
                                    {isEnding(call)
                                      ? t.calls.ending
                                      : t.calls.live(format.names(peopleIn(call).map((user) => app.firstName(user))))}
                                  </span>
                                </span>
                              </span>
                              <span class="meta muted number">
                                {t.calls.since(format.time(call.answered_at ?? call.started_at))}
                              </span>
                              <Show when={!isEnding(call)}>
                                <Bars />
                              </Show>
                            </Link>
                          </div>
                        )}
                      </Show>
                    );
                  }}
                </For>
              </Show>
              <For each={days()} fallback={<NoCalls filter={props.filter} searched={isNarrowed(search())} live={live().length} />}>
                {(group) => (
                  <section>
                    <h2 class="calls-day">{format.day(group.day, format.startOfDay(app.now()))}</h2>
                    <ul>
                      <For each={group.rows}>
                        {(row) => (
                          <li>
                            <CallRow
                              row={row}
                              selected={selected() === row.entry.call.id}
                              size={props.size}
                              pick={() => setPicked(row.entry.call.id)}
                              seen={seen}
                            />
                          </li>
                        )}
                      </For>
                    </ul>
                  </section>
                )}
              </For>
              <Show when={next()}>
                <div class="calls-more">
                  <Button size="compact" onClick={log.more}>
                    {t.calls.more}
                  </Button>
                </div>
              </Show>
            </Show>
          </Show>
        </div>
      </section>
      <Show when={props.size === "wide" || picked() !== null}>
        <section class="calls-details" aria-label={t.calls.details}>
          <Show
            when={selected()}
            fallback={<Empty icon={Phone} title={t.calls.title} text={t.calls.pick} />}
            keyed
          >
            {(id) => (
              <DetailsOf
                id={id}
                narrow={(only) => {
                  setSearch({ ...NOT_NARROWED, only });
                  setPicked(null);
                  app.go({ kind: "calls", filter: "all" });
                }}
                {...(props.size === "wide" ? {} : { back: () => setPicked(null) })}
              />
            )}
          </Show>
        </section>
      </Show>
    </div>
  );
}

function Failed(props: { again: () => void }): JSX.Element {
  return (
    <Empty icon={PhoneOff} title={t.calls.failed} text={t.unreachable}>
      <Button onClick={() => props.again()}>{t.retry}</Button>
    </Empty>
  );
}

function NoCalls(props: { filter: CallLogFilter; searched: boolean; live: number }): JSX.Element {
  const app = useApp();
  return (
    <Switch
      fallback={
        <Show when={props.live === 0}>
          <Empty icon={Phone} title={t.calls.none} text={t.calls.noneText} />
        </Show>
      }
    >
      <Match when={props.searched}>
        <Empty icon={Phone} title={t.calls.noneFound} text={t.calls.noneFoundText} />
      </Match>
      <Match when={props.filter !== "all" ? props.filter : undefined}>
        <Empty
          icon={Phone}
          title={props.filter === "missed" ? t.calls.noneMissed : t.calls.noneOf[props.filter]}
          text={props.filter === "missed" ? t.calls.noneMissedText : ""}
        >
          <Button kind="quiet" onClick={() => app.go({ kind: "calls", filter: "all" })}>
            {t.calls.seeAll}
          </Button>
        </Empty>
      </Match>
    </Switch>
  );
}

function CallRow(props: {
  row: LogRow;
  selected: boolean;
  size: Size;
  pick: () => void;
  seen: (calls: readonly CallId[]) => void;
}): JSX.Element {
  const app = useApp();
  const entry = (): CallLogEntry => props.row.entry;
  const unseen = createMemo(() => props.row.missed.filter((one) => one.unseen).map((one) => one.call.id));
  const words = (): string | null => props.row.missed.find((one) => one.words !== null)?.words ?? null;
  const call = (): CallSummary => entry().call;
  const conversation = (): Conversation | undefined => conversationOf(app, call());
  const name = (): string => nameOfCall(app, call());
  const callable = (): boolean => {
    const place = conversation();
    return place !== undefined && canCall(place);
  };
  const missed = (): boolean => isMissed(entry());
  const seen = (): void => {
    if (unseen().length > 0) props.seen(unseen());
  };
  const callBack = (): void => {
    startCall(app.calls, call().conversation_id, call().media).then(seen, () => toast(t.call.failed, "bad"));
  };
  const open = (): void => {
    props.pick();
    seen();
  };
  return (
    <div class="call-row" classList={{ "call-row-selected": props.selected, "call-row-missed": missed() }}>
      <button type="button" class="call-row-main" aria-current={props.selected} onClick={open}>
        <Face conversation={conversation()} other={call().started_by} />
        <span class="grow">
          <span class="call-row-name truncate">
            {props.row.missed.length > 1 ? t.calls.times(name(), props.row.missed.length) : name()}
          </span>
          <span class="call-row-text">
            <Icon of={outcomeIcon(entry(), conversation())} size="small" />
            <span class="truncate">{outcomeText(entry(), conversation())}</span>
          </span>
          <Show when={words()}>{(said) => <span class="call-row-words truncate">{t.calls.words(said())}</span>}</Show>
        </span>
        <Show when={!missed()}>
          <time class="meta muted">{format.time(call().started_at)}</time>
        </Show>
      </button>
      <Show when={unseen().length > 0}>
        <IconButton icon={Check} label={t.calls.doneWith(name())} onClick={seen} />
      </Show>
      <Show when={callable()}>
        <Show
          when={missed()}
          fallback={
            <Show when={props.size === "phone"}>
              <IconButton icon={call().media === "video" ? Video : Phone} label={t.call.callBackTo(name())} onClick={callBack} />
            </Show>
          }
        >
          <Button icon={call().media === "video" ? Video : Phone} aria-label={t.call.callBackTo(name())} onClick={callBack}>
            {t.call.callBack}
          </Button>
        </Show>
      </Show>
    </div>
  );
}

function talkMs(call: CallSummary): number {
  return (call.ended_at ?? call.started_at) - (call.answered_at ?? call.started_at);
}

function outcomeIcon(entry: CallLogEntry, conversation: Conversation | undefined): IconNode {
  if (isMissed(entry)) return PhoneMissed;
  if (conversation !== undefined && conversation.kind !== "direct") return entry.call.media === "video" ? Video : Phone;
  switch (entry.outcome) {
    case "started":
    case "no_answer":
    case "cancelled":
      return PhoneOutgoing;
    case "joined":
      return PhoneIncoming;
    case "declined":
    case "busy":
    case "not_joined":
      return PhoneOff;
    case "missed":
      return PhoneMissed;
  }
}

function outcomeText(entry: CallLogEntry, conversation: Conversation | undefined): string {
  const { call, outcome } = entry;
  if (outcome === "missed") {
    return `${format.time(call.started_at)}, ${t.call.missed.toLowerCase()}`;
  }
  if (conversation !== undefined && conversation.kind !== "direct") {
    return t.calls.group(format.length(talkMs(call)), t.call.people(call.people.length));
  }
  if (call.answered_at !== null && outcome === "started") return t.calls.outgoing(format.length(talkMs(call)));
  if (call.answered_at !== null && outcome === "joined") return t.calls.incoming(format.length(talkMs(call)));
  return t.calls.outcome[outcome];
}
