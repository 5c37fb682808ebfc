import {
  Check,
  ChevronLeft,
  Download,
  MessageSquare,
  Phone,
  PhoneIncoming,
  PhoneMissed,
  PhoneOff,
  PhoneOutgoing,
  Video,
  type IconNode,
} from "lucide";
import { createMemo, createResource, createSignal, For, Match, Show, Switch, type JSX } from "solid-js";

import { canCall, reasonOf, startCall } from "../../actions";
import { daysOf, isMissed, queryOf, type LogQuery, type LogRow } from "../../core/call-log";
import { isEnding, peopleIn } from "../../core/calls";
import { format, t } from "../../core/i18n";
import { CALL_FILTERS } from "../../core/route";
import { otherOf } from "../../core/workspace";
import type {
  CallDetails,
  CallId,
  CallLeg,
  CallLogFilter,
  CallLogEntry,
  CallSummary,
  Conversation,
  UserId,
} from "../../protocol/generated";
import { useApp, type App } from "../app";
import { ready } from "../bind";
import { Avatar, Bars, Button, Empty, Faces, Icon, IconButton, Link, Menu, Place, SearchField, Skeleton, toast, type MenuItem } from "../kit";
import type { Size } from "../media";
import { createCallLog } from "./call-log";
import { Missed } from "./sidebar";

export function CallsPage(props: { filter: CallLogFilter; size: Size }): JSX.Element {
  const app = useApp();
  const [text, setText] = createSignal("");
  const query = createMemo((): LogQuery => ({ filter: props.filter, text: text() }));
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
          <Show when={missed() > 0}>
            <Button size="compact" kind="quiet" onClick={() => seen(null)}>
              {t.calls.markSeen}
            </Button>
          </Show>
        </div>
        <div class="calls-search">
          <SearchField label={t.calls.search} value={text()} onValue={setText} />
        </div>
        <div class="calls-scroll">
          <Show when={state() !== "failed"} fallback={<Failed again={log.again} />}>
            <Show when={state() === "read"} fallback={<Skeleton rows={6} />}>
              <Show when={props.filter === "all" && text().trim() === ""}>
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
              <For each={days()} fallback={<NoCalls filter={props.filter} searched={text().trim() !== ""} live={live().length} />}>
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

function conversationOf(app: App, call: CallSummary): Conversation | undefined {
  return app.conversations().get(call.conversation_id)?.conversation;
}

/** A direct call goes by the other person, any other by its conversation. */
function nameOfCall(app: App, call: CallSummary): string {
  const conversation = conversationOf(app, call);
  return conversation === undefined ? app.personName(call.started_by) : app.title(conversation);
}

function Face(props: { conversation: Conversation | undefined; other?: UserId }): JSX.Element {
  const app = useApp();
  const other = (): UserId | undefined =>
    props.conversation === undefined ? props.other : otherOf(props.conversation, app.me());
  return (
    <Show
      when={other()}
      fallback={<Place of={props.conversation ?? { kind: "group", visibility: "private" }} />}
    >
      {(user) => <Avatar of={app.user(user())} />}
    </Show>
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
  const callBack = (): void => {
    startCall(app.calls, call().conversation_id, call().media).catch(() => toast(t.call.failed, "bad"));
  };
  return (
    <div class="call-row" classList={{ "call-row-selected": props.selected, "call-row-missed": missed() }}>
      <button type="button" class="call-row-main" aria-current={props.selected} onClick={() => props.pick()}>
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
        <IconButton icon={Check} label={t.calls.doneWith(name())} onClick={() => props.seen(unseen())} />
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

function DetailsOf(props: { id: CallId; back?: () => void }): JSX.Element {
  const app = useApp();
  const [details] = createResource(
    () => props.id,
    (id) => app.client.http.get<CallDetails>(`/calls/${id}`),
  );
  return (
    <Show when={details.state !== "errored"} fallback={<Empty icon={PhoneOff} title={t.calls.failed} text={t.unreachable} />}>
      <Show when={ready(details)} fallback={<Skeleton rows={4} />}>
        {(loaded) => <LoadedDetails details={loaded()} {...(props.back === undefined ? {} : { back: props.back })} />}
      </Show>
    </Show>
  );
}

function LoadedDetails(props: { details: CallDetails; back?: () => void }): JSX.Element {
  const app = useApp();
  const call = (): CallSummary => props.details.call;
  const conversation = (): Conversation | undefined => conversationOf(app, call());
  const name = (): string => nameOfCall(app, call());
  const start = (): number => call().answered_at ?? call().started_at;
  const end = (): number => call().ended_at ?? app.now();
  const callable = (): boolean => {
    const place = conversation();
    return place !== undefined && canCall(place);
  };
  return (
    <div class="call-details">
      <header class="call-details-head">
        <Show when={props.back}>
          {(back) => <IconButton icon={ChevronLeft} label={t.back} onClick={() => back()()} />}
        </Show>
        <Face conversation={conversation()} other={call().started_by} />
        <div class="grow call-details-words">
          <h2 class="heading">
            {conversation()?.kind === "direct" ? t.call.withPerson(name()) : t.call.in(name())}
          </h2>
          <p class="muted number">
            {format.day(call().started_at, format.startOfDay(app.now()))}, {format.time(start())}
            <Show when={call().ended_at !== null && call().answered_at !== null}>
              -{format.time(end())}, {format.length(end() - start())}
            </Show>
            . {t.calls.startedBy(app.nameWithin(call().started_by))}
          </p>
        </div>
        <Button icon={MessageSquare} onClick={() => app.go({ kind: "conversation", id: call().conversation_id })}>
          {t.calls.openChat}
        </Button>
        <Show when={callable()}>
          <Button
            kind="primary"
            icon={call().media === "video" ? Video : Phone}
            onClick={() => {
              startCall(app.calls, call().conversation_id, call().media).catch(() => toast(t.call.failed, "bad"));
            }}
          >
            {t.call.callAgain}
          </Button>
        </Show>
      </header>
      <Show when={props.details.legs.length > 0}>
        <div class="card table-card">
          <table class="table legs">
            <thead>
              <tr>
                <th scope="col">{t.calls.person}</th>
                <th scope="col">{t.calls.device}</th>
                <th scope="col">{t.calls.inTheCall}</th>
                <th scope="col" class="table-bar">
                  <span class="row number">
                    <span class="grow">{format.time(call().started_at)}</span>
                    {format.time(end())}
                  </span>
                </th>
                <th scope="col">{t.calls.whatHappened}</th>
              </tr>
            </thead>
            <tbody>
              <For each={props.details.legs}>
                {(leg) => (
                  <tr>
                    <td>
                      <span class="row">
                        <Avatar of={app.user(leg.user_id)} size={28} />
                        <span class="truncate">{app.personName(leg.user_id)}</span>
                      </span>
                    </td>
                    <td class="leg-device muted">{leg.device_name}</td>
                    <td class="leg-time number muted">
                      {format.time(leg.joined_at)}-{leg.left_at === null ? "" : format.time(leg.left_at)}
                    </td>
                    <td class="table-bar">
                      <Presence leg={leg} from={call().started_at} to={end()} />
                    </td>
                    <td class="leg-fate" classList={{ "text-danger": leg.lost }}>{legText(leg, call())}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
      <Show when={call().rung.length > 0}>
        <section class="card call-rang">
          <h3 class="label">{t.calls.rang}</h3>
          <ul class="people-list">
            <For each={call().rung}>
              {(one) => (
                <li class="people-row">
                  <Avatar of={app.user(one.user_id)} size={28} />
                  <span class="grow truncate">{app.personName(one.user_id)}</span>
                  <span class="small muted">{t.calls.theirOutcome[one.outcome]}</span>
                </li>
              )}
            </For>
          </ul>
        </section>
      </Show>
      <Show when={call().message_count > 0}>
        <section class="call-details-messages">
          <div class="card call-rang row">
            <Icon of={MessageSquare} />
            <b class="grow">{t.call.during(call().message_count)}</b>
            <Faces of={call().people.map((user) => app.user(user))} max={5} size={28} />
            <Button kind="quiet" onClick={() => app.go({ kind: "conversation", id: call().conversation_id })}>
              {t.calls.openChat}
            </Button>
          </div>
        </section>
      </Show>
    </div>
  );
}

function legText(leg: CallLeg, call: CallSummary): string {
  if (leg.left_at === null) return t.calls.stillIn;
  if (leg.lost) return t.calls.lost(format.time(leg.left_at));
  const isToTheEnd = call.ended_at !== null && call.ended_at - leg.left_at < 2_000;
  return isToTheEnd ? t.calls.stayed : t.calls.left(format.time(leg.left_at));
}

/** When within the call somebody was there. */
function Presence(props: { leg: CallLeg; from: number; to: number }): JSX.Element {
  const share = (at: number): number => {
    const whole = Math.max(1, props.to - props.from);
    return Math.min(100, Math.max(0, ((at - props.from) / whole) * 100));
  };
  return (
    <span class="leg" aria-hidden="true">
      <i
        style={{
          "margin-left": `${share(props.leg.joined_at)}%`,
          width: `${Math.max(1, share(props.leg.left_at ?? props.to) - share(props.leg.joined_at))}%`,
        }}
      />
    </span>
  );
}
