import { ChevronLeft, ListFilter, MessageSquare, Phone, PhoneOff, Video } from "lucide";
import { createResource, For, Show, type JSX } from "solid-js";

import { canCall, startCall } from "../../actions";
import type { LogSearch } from "../../core/call-log";
import { format, t } from "../../core/i18n";
import { otherOf } from "../../core/workspace";
import type { CallDetails, CallId, CallLeg, CallSummary, Conversation, UserId } from "../../protocol/generated";
import { useApp, type App } from "../app";
import { ready } from "../bind";
import { Avatar, Button, Empty, Faces, Icon, IconButton, Place, Skeleton, toast } from "../kit";

/** One call: who was in it, from when to when and on what, whom it rang, and how it ended. */
export function DetailsOf(props: {
  id: CallId;
  /** Lists the calls with this person, or in this conversation. */
  narrow: (only: NonNullable<LogSearch["only"]>) => void;
  back?: () => void;
}): JSX.Element {
  const app = useApp();
  const [details] = createResource(
    () => props.id,
    (id) => app.client.http.get<CallDetails>(`/calls/${id}`),
  );
  return (
    <Show when={details.state !== "errored"} fallback={<Empty icon={PhoneOff} title={t.calls.failed} text={t.unreachable} />}>
      <Show when={ready(details)} fallback={<Skeleton rows={4} />}>
        {(loaded) => <LoadedDetails details={loaded()} narrow={props.narrow} {...(props.back === undefined ? {} : { back: props.back })} />}
      </Show>
    </Show>
  );
}

function LoadedDetails(props: {
  details: CallDetails;
  narrow: (only: NonNullable<LogSearch["only"]>) => void;
  back?: () => void;
}): JSX.Element {
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
  const wasMissed = (): boolean =>
    call().rung.some((one) => one.user_id === app.me() && one.outcome === "missed");
  const other = (): UserId | undefined => {
    const place = conversation();
    return place === undefined ? undefined : otherOf(place, app.me());
  };
  const narrow = (): void => {
    const person = other();
    props.narrow(
      person === undefined
        ? { kind: "conversation", id: call().conversation_id }
        : { kind: "person", id: person },
    );
  };
  const ending = (): string => {
    const { end_reason: reason } = call();
    return reason === null ? "" : t.calls.endedBy[reason];
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
            . {t.calls.startedBy(app.nameWithin(call().started_by))} {ending()}
          </p>
        </div>
        <IconButton icon={ListFilter} label={t.calls.allCalls} onClick={narrow} />
        <Button icon={MessageSquare} onClick={() => app.go({ kind: "conversation", id: call().conversation_id })}>
          {wasMissed() ? t.calls.reply : t.calls.openChat}
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
              {wasMissed() ? t.calls.reply : t.calls.openChat}
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

export function conversationOf(app: App, call: CallSummary): Conversation | undefined {
  return app.conversations().get(call.conversation_id)?.conversation;
}

/** A direct call goes by the other person, any other by its conversation. */
export function nameOfCall(app: App, call: CallSummary): string {
  const conversation = conversationOf(app, call);
  return conversation === undefined ? app.personName(call.started_by) : app.title(conversation);
}

export function Face(props: { conversation: Conversation | undefined; other?: UserId }): JSX.Element {
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
