import { AtSign, ChevronRight, MessagesSquare, PencilLine, Phone, Search, User as UserIcon, Video } from "lucide";
import { createMemo, For, Show, type JSX } from "solid-js";

import { isEnding, peopleIn } from "../../core/calls";
import { format, t } from "../../core/i18n";
import type { Route } from "../../core/route";
import { counts, otherOf, waiting } from "../../core/workspace";
import type { CallState, MyConversation } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Bars, Button, Empty, Faces, Icon, IconButton, Link, Mark, Menu, Place, presenceWord } from "../kit";
import { SettingsNav } from "./settings/nav";
import { Missed, MutedSign, shownPresence, workspaceMenu } from "./sidebar";
import { join, talker } from "./timeline/call-card";

/** The conversations of a phone, newest first; live calls above them. */
export function PhoneChats(): JSX.Element {
  const app = useApp();
  const list = createMemo(() =>
    [...app.conversations().values()]
      .filter((mine) => mine.conversation.archived_at === null)
      .sort((a, b) => b.conversation.last_at - a.conversation.last_at),
  );
  const calls = createMemo(() =>
    [...app.workspace().calls.live.values()].filter((call) => call.id !== app.currentCall()?.callId),
  );
  const name = (): string => app.workspace().me?.workspace.name ?? t.product;
  return (
    <nav class="phone-page" aria-label={t.nav.label}>
      <h1 class="spoken">{t.nav.chats}</h1>
      <header class="phone-head">
        <Menu class="phone-workspace" items={workspaceMenu(app)}>
          <Mark size={28} />
          <span class="heading truncate">{name()}</span>
        </Menu>
        <span class="grow" />
        <IconButton icon={Search} label={t.switcher.title} onClick={() => app.show({ kind: "switcher" })} />
        <IconButton icon={PencilLine} label={t.nav.addDirect} onClick={() => app.show({ kind: "create_direct" })} />
      </header>
      <div class="phone-scroll">
        <For each={calls()}>{(call) => <PhoneCall call={call} />}</For>
        <ul>
          <For each={list()} fallback={<Empty icon={MessagesSquare} title={t.workspace.welcome(name())} text={t.workspace.welcomeText} />}>
            {(mine) => (
              <li>
                <PhoneRow mine={mine} />
              </li>
            )}
          </For>
        </ul>
        <div class="phone-more">
          <Button kind="quiet" onClick={() => app.go({ kind: "channels" })}>
            {t.channels.title}
          </Button>
        </div>
      </div>
    </nav>
  );
}

function PhoneCall(props: { call: CallState }): JSX.Element {
  const app = useApp();
  const mine = createMemo(() => app.conversations().get(props.call.conversation_id));
  return (
    <Show when={mine()}>
      {(held) => (
        <section class="call call-live phone-call" aria-label={t.call.bannerLabel}>
          <div class="call-card">
            <span class="call-glyph">
              <Icon of={props.call.media === "video" ? Video : Phone} />
            </span>
            <div class="grow">
              <p class="call-title truncate">{app.title(held().conversation)}</p>
              <p class="call-text">
                <Show when={!isEnding(props.call)} fallback={t.call.ending}>
                  <Show when={talker(app, props.call)}>
                    {(name) => (
                      <>
                        <Bars /> {name()}
                      </>
                    )}
                  </Show>
                  <Faces of={peopleIn(props.call).map((user) => app.user(user))} max={3} size={20} />
                </Show>
              </p>
            </div>
            <Button
              kind="primary"
              size="large"
              aria-label={`${t.conversation.join}, ${app.title(held().conversation)}`}
              onClick={() => join(app, props.call, props.call.media)}
            >
              {t.call.join}
            </Button>
          </div>
        </section>
      )}
    </Show>
  );
}

function PhoneRow(props: { mine: MyConversation }): JSX.Element {
  const app = useApp();
  const conversation = (): MyConversation["conversation"] => props.mine.conversation;
  const other = createMemo(() => otherOf(conversation(), app.me()));
  const unread = (): number => waiting(props.mine);
  const isMuted = (): boolean => props.mine.preferences.muted;
  const second = (): string => {
    const user = other();
    if (user !== undefined) return presenceWord(shownPresence(app, user));
    return conversation().topic === "" ? t.channels.people(conversation().member_count) : conversation().topic;
  };
  const said = (): string => {
    const parts = [app.title(conversation())];
    if (unread() > 0) parts.push(t.nav.unreadCount(unread()));
    if (isMuted()) parts.push(t.nav.muted);
    return parts.join(", ");
  };
  return (
    <Link
      class="phone-row"
      classList={{ "phone-unread": unread() > 0 }}
      to={{ kind: "conversation", id: conversation().id }}
      go={app.go}
      aria-label={said()}
    >
      <Show when={other()} fallback={<Place of={conversation()} large />}>
        {(user) => <Avatar of={app.user(user())} size={44} presence={shownPresence(app, user())} />}
      </Show>
      <span class="grow column">
        <span class="row">
          <span class="grow truncate phone-name">{app.title(conversation())}</span>
          <time class="meta muted">{format.brief(conversation().last_at, format.startOfDay(app.now()))}</time>
        </span>
        <span class="row">
          <span class="grow truncate small muted">{second()}</span>
          <Show when={isMuted()}>
            <MutedSign />
          </Show>
          <Show when={unread() > 0}>
            <span class="count" classList={{ "count-mine": props.mine.read.mentions > 0 }}>
              {unread()}
            </span>
          </Show>
        </span>
      </span>
    </Link>
  );
}

export function PhoneYou(): JSX.Element {
  const app = useApp();
  return (
    <div class="phone-page">
      <header class="phone-head">
        <h1 class="heading grow">{t.nav.youTab}</h1>
      </header>
      <div class="phone-scroll">
        <div class="phone-self">
          <Avatar of={app.workspace().me?.user} size={72} />
          <div class="grow">
            <p class="title truncate">{app.workspace().me?.user.name}</p>
            <p class="muted truncate">{app.workspace().me?.email}</p>
          </div>
        </div>
        <SettingsNav />
        <div class="phone-more">
          <Button
            kind="quiet"
            onClick={() => {
              app.client.signOut().catch(() => undefined);
            }}
          >
            {t.workspace.signOut}
            <Icon of={ChevronRight} />
          </Button>
        </div>
      </div>
    </div>
  );
}

export function TabBar(): JSX.Element {
  const app = useApp();
  const all = createMemo(() => counts(app.conversations().values()));
  const missed = (): number => app.workspace().calls.missed;
  return (
    <nav class="tab-bar" aria-label={t.nav.tabs}>
      <Tab to={{ kind: "home" }} icon={MessagesSquare} name={t.nav.chats} said={all().unread > 0 ? t.nav.unreadCount(all().unread) : ""}>
        <Show when={all().unread > 0}>
          <span class="count count-mine">{all().unread}</span>
        </Show>
      </Tab>
      <Tab to={{ kind: "calls", filter: "all" }} icon={Phone} name={t.nav.calls} said={missed() > 0 ? t.nav.missedCount(missed()) : ""}>
        <Show when={missed() > 0}>
          <Missed count={missed()} />
        </Show>
      </Tab>
      <Tab to={{ kind: "mentions" }} icon={AtSign} name={t.nav.mentions} said={all().mentions > 0 ? t.nav.mentionCount(all().mentions) : ""}>
        <Show when={all().mentions > 0}>
          <span class="count count-mine">{all().mentions}</span>
        </Show>
      </Tab>
      <Tab to={{ kind: "you" }} icon={UserIcon} name={t.nav.youTab} said="">
        {null}
      </Tab>
    </nav>
  );
}

function Tab(props: { to: Route; icon: typeof Phone; name: string; said: string; children: JSX.Element }): JSX.Element {
  const app = useApp();
  return (
    <Link
      class="tab"
      to={props.to}
      go={app.go}
      aria-label={props.said === "" ? props.name : `${props.name}, ${props.said}`}
      aria-current={app.route().kind === props.to.kind ? "page" : undefined}
    >
      <Icon of={props.icon} size="large" />
      {props.name}
      <span class="tab-mark" aria-hidden="true">
        {props.children}
      </span>
    </Link>
  );
}
