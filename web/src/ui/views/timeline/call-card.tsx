import { ChevronDown, ChevronUp, MessageSquare, Phone, PhoneMissed, PhoneOff, Video } from "lucide";
import { Match, Show, Switch, type JSX } from "solid-js";

import { joinCall, startCall } from "../../../actions";
import { byId, isEnding, otherDeviceIn, peopleIn, talkersIn } from "../../../core/calls";
import { format, t } from "../../../core/i18n";
import type { CallState, CallSummary, UserId } from "../../../protocol/generated";
import { useApp, type App } from "../../app";
import { Bars, Button, Faces, Icon, IconButton, toast } from "../../kit";

/** A call in the timeline: live, over, or missed. */
export function CallCard(props: {
  call: CallSummary;
  messages: number;
  unfolded: boolean;
  toggle: () => void;
}): JSX.Element {
  const app = useApp();
  return (
    <Switch fallback={<EndedCard {...props} />}>
      <Match when={props.call.ended_at === null}>
        <LiveCard call={props.call} />
      </Match>
      <Match when={unansweredText(props.call, app)}>{(text) => <UnansweredCard {...props} text={text()} />}</Match>
    </Switch>
  );
}

/** Who talks in a live call, as one sees it from outside. */
export function talker(app: App, call: CallState): string | undefined {
  const [first] = talkersIn(app.workspace().calls, call);
  return first === undefined ? undefined : app.firstName(first);
}

function LiveCard(props: { call: CallSummary }): JSX.Element {
  const app = useApp();
  const live = (): CallState | undefined => {
    const state = app.workspace().calls.live.get(props.call.conversation_id);
    return state?.id === props.call.id ? state : undefined;
  };
  const people = (): CallSummary["people"] => {
    const state = live();
    return state === undefined ? props.call.people : peopleIn(state);
  };
  const talking = (): UserId[] => {
    const state = live();
    return state === undefined ? [] : talkersIn(app.workspace().calls, state);
  };
  const name = (): string | undefined => {
    const [first] = talking();
    return first === undefined ? undefined : app.firstName(first);
  };
  const ending = (): boolean => {
    const state = live();
    return state !== undefined && isEnding(state);
  };
  const starter = (): string =>
    props.call.started_by === app.me() ? t.youWithin : app.firstName(props.call.started_by);
  const isIn = (): boolean => app.currentCall()?.callId === props.call.id;
  const media = (): string => (props.call.media === "video" ? t.call.joinVideo : t.call.joinVoice);
  const since = (): number => props.call.answered_at ?? live()?.answered_at ?? props.call.started_at;
  return (
    <section
      class="call call-live"
      classList={{ "call-ending": ending() }}
      aria-label={t.call.call}
      data-row
      tabindex="-1"
    >
      <div class="call-card">
        <span class="call-glyph">
          <Icon of={props.call.media === "video" ? Video : Phone} />
        </span>
        <div class="grow call-words">
          <p class="call-title">
            {t.call.call}
            <Show when={!ending()} fallback={<span class="pill">{t.call.endingShort}</span>}>
              <span class="pill pill-good number">{t.call.live(format.timer(app.now() - since()))}</span>
            </Show>
          </p>
          <p class="call-text">
            <Show when={!ending()} fallback={<span class="truncate">{t.call.endingText}</span>}>
              <Show when={name()}>
                {(first) => (
                  <>
                    <Bars />
                    <span class="truncate call-talker">{t.call.talking(first())}</span>
                    <span class="dot" aria-hidden="true">
                      ·
                    </span>
                  </>
                )}
              </Show>
              <span class="truncate">
                {t.call.startedBy(starter(), format.time(props.call.started_at))}
              </span>
            </Show>
          </p>
        </div>
        <Show when={!ending()}>
          <span class="call-faces">
            <Faces of={people().map((user) => app.user(user))} max={5} size={36} talking={talking()} />
            <span class="spoken">{t.call.people(people().length)}</span>
          </span>
        </Show>
        <Show
          when={!isIn()}
          fallback={<span class="call-in muted small">{t.call.inCallNow}</span>}
        >
          <span class="call-actions">
            <Button
              kind="primary"
              icon={props.call.media === "video" ? Video : Phone}
              aria-label={media()}
              onClick={() => join(app, props.call, props.call.media)}
            >
              {t.call.join}
            </Button>
            <Show when={props.call.media === "video"}>
              <Button
                class="button-square"
                icon={Phone}
                aria-label={t.call.joinVoice}
                onClick={() => join(app, props.call, "voice")}
              />
            </Show>
          </span>
        </Show>
      </div>
    </section>
  );
}

function EndedCard(props: {
  call: CallSummary;
  messages: number;
  unfolded: boolean;
  toggle: () => void;
}): JSX.Element {
  const app = useApp();
  const end = (): number => props.call.ended_at ?? props.call.started_at;
  const start = (): number => props.call.answered_at ?? props.call.started_at;
  // People were added to it, and it went on in their group.
  const wentOnIn = (): string | undefined => {
    const { moved_to: id } = props.call;
    const place = id === null ? undefined : app.conversations().get(id)?.conversation;
    return place === undefined ? undefined : app.title(place);
  };
  return (
    <section class="call call-ended" classList={{ "call-unfolded": props.unfolded }} data-row tabindex="-1">
      <div class="call-card">
        <span class="call-glyph">
          <Icon of={props.call.media === "video" ? Video : Phone} />
        </span>
        <div class="grow call-words">
          <p class="call-title">{t.call.ended(format.length(end() - start()))}</p>
          <p class="call-text">
            <Parts
              of={[
                ...(wentOnIn() === undefined ? [] : [t.call.wentOnIn(wentOnIn() ?? "")]),
                `${format.time(start())}-${format.time(end())}`,
                namesForgotten(props.call) ? t.call.namesForgotten : t.call.people(props.call.people.length),
                ...(props.messages > 0 ? [t.call.messages(props.messages)] : []),
              ]}
            />
          </p>
        </div>
        <Show when={!namesForgotten(props.call)}>
          <span class="call-faces">
            <Faces of={props.call.people.map((user) => app.user(user))} max={5} size={28} />
          </span>
        </Show>
        <Show when={props.messages > 0}>
          <Button
            kind="quiet"
            icon={props.unfolded ? ChevronUp : ChevronDown}
            aria-expanded={props.unfolded}
            onClick={() => props.toggle()}
          >
            {props.unfolded ? t.call.fold : t.call.unfold}
          </Button>
        </Show>
      </div>
      <Show when={props.messages > 0 && !props.unfolded}>
        <div class="call-edges" aria-hidden="true">
          <i />
          <i />
        </div>
      </Show>
    </section>
  );
}

function UnansweredCard(props: { call: CallSummary; text: Unanswered }): JSX.Element {
  const app = useApp();
  const conversation = (): string => props.call.conversation_id;
  return (
    <section class="call" classList={{ "call-missed": props.text.missed }} data-row tabindex="-1">
      <div class="call-card">
        <span class="call-glyph">
          <Icon of={props.text.missed ? PhoneMissed : PhoneOff} />
        </span>
        <div class="grow call-words">
          <p class="call-title">{props.text.title}</p>
          <p class="call-text">
            <time>{format.time(props.call.started_at)}</time>
          </p>
        </div>
        <Show when={props.text.missed}>
          <IconButton
            class="call-message"
            icon={MessageSquare}
            label={t.call.message}
            onClick={() => document.querySelector<HTMLTextAreaElement>(".composer textarea")?.focus()}
          />
        </Show>
        <Button
          icon={props.call.media === "video" ? Video : Phone}
          onClick={() => {
            startCall(app.calls, props.call.conversation_id, props.call.media).catch(() => toast(t.call.failed, "bad"));
          }}
          data-conversation={conversation()}
        >
          {props.text.missed ? t.call.callBack : t.call.callAgain}
        </Button>
      </div>
    </section>
  );
}

/** Whether the call is older than the workspace keeps who was in it: its starter always was. */
function namesForgotten(call: CallSummary): boolean {
  return call.people.length === 0;
}

type Unanswered = { title: string; missed: boolean };

/** How a call that nobody came to went, as each side says it; nothing for one that was a call. */
export function unansweredText(call: CallSummary, app: App): Unanswered | undefined {
  if (call.answered_at !== null || call.ended_at === null || call.end_reason === null) return undefined;
  if (namesForgotten(call)) return { title: t.call.unanswered, missed: false };
  const mine = call.rung.find((one) => one.user_id === app.me());
  const name = app.firstName(call.started_by);
  if (mine !== undefined) {
    switch (mine.outcome) {
      case "declined":
        return { title: t.call.declined, missed: false };
      case "missed":
      case "no_answer":
      case "busy":
      case "cancelled":
      case "not_joined":
      case "joined":
      case "started":
        return { title: t.call.missedFrom(name), missed: true };
    }
  }
  const [other] = call.rung;
  if (other === undefined) return call.people.length > 1 ? undefined : { title: t.call.nobodyCame, missed: false };
  const them = app.firstName(other.user_id);
  switch (call.end_reason) {
    case "cancelled":
      return { title: t.call.cancelled, missed: false };
    case "declined":
      return { title: t.call.declinedBy(them), missed: false };
    case "busy":
      return { title: t.call.busy(them), missed: false };
    case "no_answer":
    case "left":
    case "ended_for_all":
    case "connection_lost":
    case "alone":
    case "moved":
      return { title: t.call.noAnswer(them), missed: false };
  }
}

function Parts(props: { of: readonly string[] }): JSX.Element {
  return (
    <>
      {props.of.map((part, index) => (
        <>
          <Show when={index > 0}>
            <span class="dot" aria-hidden="true">
              ·
            </span>
          </Show>
          <span>{part}</span>
        </>
      ))}
    </>
  );
}

export function join(app: App, call: Pick<CallSummary, "id">, media: CallSummary["media"]): void {
  const live = byId(app.workspace().calls, call.id);
  const me = app.workspace().me;
  const elsewhere = live === undefined || me === null ? null : otherDeviceIn(live, me.user.id, me.device_id);
  joinCall(app.calls, call.id, media, elsewhere).catch(() => toast(t.call.failed, "bad"));
}
