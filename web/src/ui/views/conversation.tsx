import { Archive, ChevronLeft, Lock, PanelRight, Phone, Users, Video, type IconNode } from "lucide";
import { createEffect, createMemo, createSignal, on, Show, type JSX } from "solid-js";

import { canCall, reasonOf, setArchived, startCall } from "../../actions";
import { isEnding, peopleIn, talkersIn } from "../../core/calls";
import { format, t } from "../../core/i18n";
import { otherOf } from "../../core/workspace";
import { store } from "../../platform/storage";
import type { CallId, CallMedia, Conversation, ConversationId, UserId } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Bars, Button, Empty, Faces, Icon, IconButton, placeIcon, presenceWord, toast } from "../kit";
import type { Size } from "../media";
import { steady } from "../steady";
import { Composer } from "./composer";
import { ConnectionBanner } from "./connection-banner";
import { Details } from "./details";
import { shownPresence } from "./sidebar";
import { join, talker } from "./timeline/call-card";
import { TimelineView, type TimelineControl } from "./timeline/timeline";

export function ConversationView(props: { id: ConversationId; size: Size }): JSX.Element {
  const app = useApp();
  const mine = createMemo(() => app.conversations().get(props.id));
  createEffect(() => {
    if (mine() !== undefined) store("device", "last", props.id);
  });
  return (
    <Show when={mine()} fallback={<NotThere />} keyed={false}>
      {(held) => (
        <div class="conversation">
          <div class="conversation-main">
            <Header conversation={held().conversation} size={props.size} />
            <LiveBanner id={props.id} />
            <Chat conversation={held().conversation} />
          </div>
          <Show when={app.details()}>
            <Details conversation={held().conversation} over={props.size !== "wide"} />
          </Show>
        </div>
      )}
    </Show>
  );
}

/** The conversation as a call shows it beside its stage. */
export function CallChat(props: { conversationId: ConversationId; callId: CallId }): JSX.Element {
  const app = useApp();
  const mine = createMemo(() => app.conversations().get(props.conversationId));
  return (
    <Show when={mine()}>{(held) => <Chat conversation={held().conversation} callId={props.callId} />}</Show>
  );
}

/** Timeline and composer. Anew for each conversation, so that none shows another's state. */
function Chat(props: { conversation: Conversation; callId?: CallId }): JSX.Element {
  const app = useApp();
  const id = createMemo(() => props.conversation.id);
  return (
    <Show when={id()} keyed>
      {(_id) => {
        const [control, setControl] = createSignal<TimelineControl>();
        return (
          <div class="chat">
            <TimelineView conversation={props.conversation} room={props.callId ?? null} control={setControl} />
            <ConnectionBanner conversationId={props.conversation.id} />
            <Show
              when={props.conversation.archived_at === null}
              fallback={
                <div class="composer-area">
                  <div class="banner">
                    <Icon of={Archive} />
                    <span class="grow">{t.conversation.archived}</span>
                    <Button
                      size="compact"
                      onClick={() => {
                        setArchived(app.client, props.conversation, false).catch((error: unknown) =>
                          toast(reasonOf(error), "bad"),
                        );
                      }}
                    >
                      {t.details.unarchive}
                    </Button>
                  </div>
                </div>
              }
            >
              <Show when={props.callId !== undefined}>
                <p class="chat-folds meta">{t.call.folds}</p>
              </Show>
              <Composer
                conversation={props.conversation}
                {...(props.callId === undefined ? {} : { callId: props.callId })}
                editLast={() => control()?.editLast()}
              />
            </Show>
          </div>
        );
      }}
    </Show>
  );
}

function Header(props: { conversation: Conversation; size: Size }): JSX.Element {
  const app = useApp();
  const name = (): string => app.title(props.conversation);
  const other = createMemo(() => otherOf(props.conversation, app.me()));
  const live = createMemo(() => app.workspace().calls.live.get(props.conversation.id));
  const isIn = (): boolean => live() !== undefined && app.currentCall()?.callId === live()?.id;
  const faces = (): (ReturnType<typeof app.user>)[] =>
    props.conversation.members.filter((member) => member !== app.me()).map((member) => app.user(member));
  const status = (): string => {
    const user = other();
    if (user !== undefined) return presenceWord(shownPresence(app, user));
    const inCall = live();
    const people = t.conversation.members(props.conversation.member_count);
    if (inCall === undefined) return people;
    return isEnding(inCall) ? `${people}. ${t.call.ending}` : `${people}, ${peopleIn(inCall).length} ${t.nav.inCall}`;
  };
  const start = (media: CallMedia): void => {
    startCall(app.calls, props.conversation.id, media).catch(() => toast(t.call.failed, "bad"));
  };
  return (
    <header class="head">
      <Show when={props.size === "phone"}>
        <IconButton icon={ChevronLeft} label={t.back} onClick={() => app.go({ kind: "home" })} />
      </Show>
      <Show
        when={other()}
        fallback={
          <Show when={props.size !== "phone"}>
            <Icon of={placeIcon(props.conversation)} />
          </Show>
        }
      >
        {(user) => <Avatar of={app.user(user())} size={28} presence={shownPresence(app, user())} />}
      </Show>
      <div class="head-words">
        <h1 class="truncate">{name()}</h1>
        <Show
          when={props.size !== "phone"}
          fallback={<p class="meta muted truncate">{status()}</p>}
        >
          <Show when={props.conversation.topic !== "" || other() !== undefined}>
            <p class="head-topic truncate" title={props.conversation.topic}>
              {props.conversation.topic !== "" ? props.conversation.topic : status()}
            </p>
          </Show>
        </Show>
      </div>
      <Show when={props.size !== "phone" && props.conversation.kind !== "direct"}>
        <button
          type="button"
          class="head-people"
          aria-label={`${t.conversation.members(props.conversation.member_count)}. ${t.conversation.showDetails}`}
          onClick={() => app.setDetails(!app.details())}
        >
          <Show when={faces().length > 0} fallback={<Icon of={Users} size="medium" />}>
            <Faces of={faces()} max={3} size={28} />
          </Show>
          <span class="number">{props.conversation.member_count}</span>
        </button>
      </Show>
      <Show when={canCall(props.conversation)}>
        <Show
          when={live()}
          fallback={
            <div class="call-pair">
              <CallButton icon={Phone} label={t.conversation.startVoice} start={() => start("voice")} />
              <CallButton icon={Video} label={t.conversation.startVideo} start={() => start("video")} />
            </div>
          }
        >
          {(call) => (
            <Show when={!isIn()}>
              <Button
                kind="primary"
                icon={call().media === "video" ? Video : Phone}
                aria-label={t.conversation.join}
                onClick={() => join(app, call(), call().media)}
              >
                {t.call.join}
                <Show when={props.size !== "phone" && !isEnding(call())}>
                  <span class="number">{format.timer(app.now() - (call().answered_at ?? call().started_at))}</span>
                </Show>
              </Button>
            </Show>
          )}
        </Show>
      </Show>
      <IconButton
        icon={PanelRight}
        label={app.details() ? t.conversation.hideDetails : t.conversation.showDetails}
        aria-pressed={app.details()}
        onClick={() => app.setDetails(!app.details())}
      />
    </header>
  );
}

/** The ring of somebody who calls just now falls upon it: whoever has it held down then is in that call. */
function CallButton(props: { icon: IconNode; label: string; start: () => void }): JSX.Element {
  return (
    <IconButton icon={props.icon} label={props.label} onClick={() => props.start()} {...steady(() => props.start())} />
  );
}

/** A live call one is not in, while its card may be far up. */
function LiveBanner(props: { id: ConversationId }): JSX.Element {
  const app = useApp();
  const call = createMemo(() => app.workspace().calls.live.get(props.id));
  const [hidden, setHidden] = createSignal<CallId | null>(null);
  const people = (): UserId[] => {
    const live = call();
    return live === undefined ? [] : peopleIn(live);
  };
  createEffect(on(() => props.id, () => setHidden(null), { defer: true }));
  return (
    <Show when={call()}>
      {(live) => (
        <Show when={app.currentCall()?.callId !== live().id && hidden() !== live().id}>
          <section class="live-banner" aria-label={t.call.bannerLabel}>
            <Icon of={live().media === "video" ? Video : Phone} size="medium" />
            <Show
              when={!isEnding(live())}
              fallback={
                <>
                  <b>{t.call.ending}</b>
                  <span class="grow truncate">{t.call.endingText}</span>
                </>
              }
            >
              <b class="number">{format.timer(app.now() - (live().answered_at ?? live().started_at))}</b>
              <Faces
                of={people().map((user) => app.user(user))}
                max={5}
                size={22}
                talking={talkersIn(app.workspace().calls, live())}
              />
              <span class="grow truncate row">
                <Show
                  when={talker(app, live())}
                  fallback={format.names(people().map((user) => app.firstName(user)))}
                >
                  {(name) => (
                    <>
                      <Bars />
                      {t.call.talking(name())}
                    </>
                  )}
                </Show>
              </span>
            </Show>
            <Button size="compact" kind="quiet" onClick={() => setHidden(live().id)}>
              {t.close}
            </Button>
          </section>
        </Show>
      )}
    </Show>
  );
}

function NotThere(): JSX.Element {
  const app = useApp();
  return (
    <Empty icon={Lock} title={t.conversation.notMember} text={t.conversation.notMemberText}>
      <Button onClick={() => app.go({ kind: "channels" })}>{t.conversation.browse}</Button>
    </Empty>
  );
}
