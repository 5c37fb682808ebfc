import {
  AtSign,
  BellOff,
  ChevronsUpDown,
  Inbox,
  List,
  LogOut,
  PencilLine,
  Phone,
  PhoneMissed,
  Plus,
  Search,
  Settings,
  UserPlus,
  Users,
  Hash,
} from "lucide";
import { createMemo, For, Show, type JSX } from "solid-js";

import { isEnding, peopleIn, talkersIn } from "../../core/calls";
import { format, t } from "../../core/i18n";
import type { Route } from "../../core/route";
import { counts, otherOf, presenceOf, sections, waiting } from "../../core/workspace";
import type { CallState, MyConversation, UserId } from "../../protocol/generated";
import { useApp, type App } from "../app";
import { Avatar, Bars, Faces, Icon, IconButton, Link, Mark, Menu, placeIcon, presenceWord, type MenuItem, type Shown } from "../kit";
import { talker } from "./timeline/call-card";

/** What one sees of a person: being in a call tells more than being here. */
export function shownPresence(app: App, user: UserId): Shown {
  const presence = presenceOf(app.workspace(), user);
  if (presence === "do_not_disturb") return presence;
  for (const call of app.workspace().calls.live.values()) {
    if (call.phase === "active" && peopleIn(call).includes(user)) return "in_call";
  }
  return presence;
}

export function workspaceMenu(app: App): MenuItem[] {
  const isAdmin = app.workspace().me?.user.role === "admin";
  return [
    { kind: "item", label: t.workspace.invite, icon: UserPlus, run: () => app.show({ kind: "invite" }) },
    { kind: "item", label: t.workspace.browse, icon: Hash, run: () => app.go({ kind: "channels" }) },
    { kind: "item", label: t.workspace.people, icon: Users, run: () => app.go({ kind: "people" }) },
    ...(isAdmin
      ? [
          {
            kind: "item" as const,
            label: t.workspace.rename,
            icon: PencilLine,
            run: () => app.show({ kind: "rename_workspace" }),
          },
        ]
      : []),
    { kind: "separator" },
    {
      kind: "item",
      label: t.workspace.settings,
      icon: Settings,
      run: () => app.go({ kind: "settings", page: "profile" }),
    },
    {
      kind: "item",
      label: t.workspace.signOut,
      icon: LogOut,
      run: () => {
        app.client.signOut().catch(() => undefined);
      },
    },
  ];
}

export function Sidebar(props: { onGo?: () => void }): JSX.Element {
  const app = useApp();
  const groups = createMemo(() =>
    sections(app.conversations().values(), (mine) => app.title(mine.conversation)),
  );
  const all = createMemo(() => counts(app.conversations().values()));
  const missed = (): number => app.workspace().calls.missed;
  const go = (route: Route): void => {
    app.go(route);
    props.onGo?.();
  };
  const workspaceName = (): string => app.workspace().me?.workspace.name ?? t.product;
  return (
    <nav class="side" aria-label={t.nav.label} data-region tabindex="-1">
      <Menu class="workspace-head" items={workspaceMenu(app)}>
        <Mark size={26} />
        <span class="truncate grow">{workspaceName()}</span>
        <Icon of={ChevronsUpDown} />
      </Menu>
      <button type="button" class="search-button" onClick={() => app.show({ kind: "switcher" })}>
        <Icon of={Search} />
        <span class="grow truncate">{t.nav.search}</span>
        <span aria-hidden="true">
          <kbd>{MODIFIER}</kbd>
          <kbd>K</kbd>
        </span>
      </button>
      <div class="side-scroll">
        <ul class="nav-list">
          <li>
            <NavLink to={{ kind: "unread" }} go={go} icon={Inbox} name={t.nav.unread} said={saying(all().unread, t.nav.unreadCount)}>
              <Show when={all().unread > 0}>
                <span class="count" aria-hidden="true">
                  {all().unread}
                </span>
              </Show>
            </NavLink>
          </li>
          <li>
            <NavLink to={{ kind: "mentions" }} go={go} icon={AtSign} name={t.nav.mentions} said={saying(all().mentions, t.nav.mentionCount)}>
              <Show when={all().mentions > 0}>
                <span class="count count-mine" aria-hidden="true">
                  {all().mentions}
                </span>
              </Show>
            </NavLink>
          </li>
          <li>
            <NavLink
              to={{ kind: "calls", filter: "all" }}
              go={go}
              icon={Phone}
              name={t.nav.calls}
              said={saying(missed(), t.nav.missedCount)}
            >
              <Show when={missed() > 0}>
                <Missed count={missed()} />
              </Show>
            </NavLink>
          </li>
        </ul>
        <Section
          title={t.nav.channels}
          add={t.nav.addChannel}
          onAdd={() => app.show({ kind: "create_channel" })}
          of={groups().channels}
          go={go}
        >
          <button type="button" class="side-hint" onClick={() => go({ kind: "channels" })}>
            <Icon of={List} size="medium" />
            {t.channels.title}
          </button>
        </Section>
        <Section
          title={t.nav.groups}
          add={t.nav.addGroup}
          onAdd={() => app.show({ kind: "create_group" })}
          of={groups().groups}
          go={go}
        />
        <Section
          title={t.nav.directs}
          add={t.nav.addDirect}
          onAdd={() => app.show({ kind: "create_direct" })}
          of={groups().directs}
          go={go}
        >
          <Show when={groups().directs.length === 0}>
            <button type="button" class="side-hint" onClick={() => app.show({ kind: "create_direct" })}>
              <Icon of={PencilLine} size="medium" />
              {t.nav.noDirects}
            </button>
          </Show>
        </Section>
      </div>
      <SelfCard go={go} />
    </nav>
  );
}

const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

function saying(value: number, words: (value: number) => string): string {
  return value > 0 ? `, ${words(value)}` : "";
}

function NavLink(props: {
  to: Route;
  go: (route: Route) => void;
  icon: typeof Phone;
  name: string;
  said: string;
  children: JSX.Element;
}): JSX.Element {
  const app = useApp();
  return (
    <Link
      to={props.to}
      go={props.go}
      class="side-item"
      aria-label={props.name + props.said}
      aria-current={app.route().kind === props.to.kind ? "page" : undefined}
    >
      <span class="side-lead">
        <Icon of={props.icon} size="medium" />
      </span>
      <span class="grow truncate">{props.name}</span>
      {props.children}
    </Link>
  );
}

export function Missed(props: { count: number }): JSX.Element {
  return (
    <span class="missed" aria-hidden="true">
      <Icon of={PhoneMissed} />
      {props.count}
    </span>
  );
}

export function MutedSign(): JSX.Element {
  return (
    <span class="faint muted-sign" aria-hidden="true">
      <Icon of={BellOff} size="small" />
    </span>
  );
}

function Section(props: {
  title: string;
  add: string;
  onAdd: () => void;
  of: readonly MyConversation[];
  go: (route: Route) => void;
  children?: JSX.Element;
}): JSX.Element {
  const ids = createMemo(() => props.of.map((mine) => mine.conversation.id), undefined, {
    equals: (a, b) => a.length === b.length && a.every((id, index) => id === b[index]),
  });
  return (
    <section>
      <div class="side-section">
        <h2>{props.title}</h2>
        <IconButton icon={Plus} label={props.add} compact onClick={() => props.onAdd()} />
      </div>
      <ul class="nav-list">
        <For each={ids()}>
          {(id) => (
            <li>
              <ConversationLink id={id} go={props.go} />
            </li>
          )}
        </For>
      </ul>
      {props.children}
    </section>
  );
}

function ConversationLink(props: { id: MyConversation["conversation"]["id"]; go: (route: Route) => void }): JSX.Element {
  const app = useApp();
  const mine = createMemo(() => app.conversations().get(props.id));
  const call = createMemo(() => app.workspace().calls.live.get(props.id));
  return (
    <Show when={mine()}>
      {(held) => {
        const conversation = (): MyConversation["conversation"] => held().conversation;
        const other = createMemo(() => otherOf(conversation(), app.me()));
        const presence = createMemo((): Shown | undefined => {
          const user = other();
          return user === undefined ? undefined : shownPresence(app, user);
        });
        const isOpen = (): boolean => {
          const route = app.route();
          return route.kind === "conversation" && route.id === props.id;
        };
        const unread = (): number => (isOpen() ? 0 : waiting(held()));
        const isMuted = (): boolean => held().preferences.muted;
        // Elsewhere all of it is for this person, and goes without saying.
        const isForMe = (): boolean => held().read.mentions > 0 && (conversation().kind === "channel" || isMuted());
        const name = (): string => app.title(conversation());
        const said = (): string =>
          [
            name(),
            ...(presence() === undefined || presence() === "offline" ? [] : [presenceWord(presence() ?? "online").toLowerCase()]),
            ...(unread() > 0 ? [t.nav.unreadCount(unread())] : []),
            ...(isForMe() ? [t.nav.mentionCount(held().read.mentions)] : []),
            ...(isMuted() ? [t.nav.muted] : []),
            ...(call() !== undefined ? [t.nav.liveCall] : []),
          ].join(", ");
        return (
          <Link
            to={{ kind: "conversation", id: props.id }}
            go={props.go}
            class="side-item"
            classList={{ "side-unread": unread() > 0, "side-live": call() !== undefined }}
            aria-label={said()}
            aria-current={isOpen() ? "page" : undefined}
          >
            <span class="side-lead">
              <Show
                when={other() !== undefined}
                fallback={<Icon of={placeIcon(conversation())} size="medium" />}
              >
                <Avatar of={app.user(other())} size={20} presence={presence()} />
              </Show>
            </span>
            <span class="grow side-words">
              <span class="row">
                <span class="grow truncate">{name()}</span>
                <Show when={call() === undefined && presence() === "in_call"}>
                  <span class="meta faint" aria-hidden="true">
                    {t.nav.inCall}
                  </span>
                </Show>
                <Show when={isMuted()}>
                  <MutedSign />
                </Show>
                <Show when={unread() > 0}>
                  <span
                    class="count"
                    classList={{ "count-mine": isForMe() }}
                    aria-hidden="true"
                  >
                    {unread()}
                  </span>
                </Show>
              </span>
              <Show when={call()}>{(live) => <LiveLine call={live()} />}</Show>
            </span>
          </Link>
        );
      }}
    </Show>
  );
}

/** A live call's second line: faces, who talks, how long. */
function LiveLine(props: { call: CallState }): JSX.Element {
  const app = useApp();
  const isIn = (): boolean => app.currentCall()?.callId === props.call.id;
  return (
    <span class="side-call" aria-hidden="true">
      <Show when={!isEnding(props.call)} fallback={<span class="truncate">{t.call.ending}</span>}>
        <Faces
          of={peopleIn(props.call).map((user) => app.user(user))}
          max={4}
          size={20}
          talking={talkersIn(app.workspace().calls, props.call)}
        />
        <Show when={isIn() || talker(app, props.call)}>
          <Show when={!isIn()}>
            <Bars />
          </Show>
          <span class="truncate">{isIn() ? t.nav.youAreIn : talker(app, props.call)}</span>
        </Show>
        <span class="grow" />
        <span class="number">{format.timer(app.now() - (props.call.answered_at ?? props.call.started_at))}</span>
      </Show>
    </span>
  );
}

function SelfCard(props: { go: (route: Route) => void }): JSX.Element {
  const app = useApp();
  const presence = createMemo((): Shown => {
    const id = app.me();
    if (app.workspace().me?.availability === "do_not_disturb") return "do_not_disturb";
    return id === undefined ? "offline" : shownPresence(app, id);
  });
  return (
    <div class="self-card">
      <Avatar of={app.workspace().me?.user} presence={presence()} />
      <div class="grow">
        <p class="truncate self-name">{app.workspace().me?.user.name}</p>
        <p class="meta muted">{presenceWord(presence())}</p>
      </div>
      <Link class="icon-button" to={{ kind: "settings", page: "profile" }} go={props.go} aria-label={t.nav.settings} data-tip={t.nav.settings} data-tip-side="top">
        <Icon of={Settings} />
      </Link>
    </div>
  );
}

/** The sidebar where there is no room for it: what needs attention, as icons. */
export function Rail(props: { openSidebar: () => void; sidebarOpen: boolean }): JSX.Element {
  const app = useApp();
  const all = createMemo(() => counts(app.conversations().values()));
  const recent = createMemo(() =>
    [...app.conversations().values()]
      .filter((mine) => mine.conversation.archived_at === null)
      .sort((a, b) => b.conversation.last_at - a.conversation.last_at)
      .slice(0, 6)
      .map((mine) => mine.conversation.id),
  );
  const missed = (): number => app.workspace().calls.missed;
  return (
    <nav class="rail" aria-label={t.nav.label} data-region tabindex="-1">
      <Menu
        class="rail-item"
        label={app.workspace().me?.workspace.name ?? t.product}
        items={workspaceMenu(app)}
        placement="right-start"
      >
        <Mark size={30} />
      </Menu>
      <IconButton
        class="rail-item"
        icon={List}
        label={t.nav.home}
        tipSide="right"
        aria-expanded={props.sidebarOpen}
        onClick={() => props.openSidebar()}
      />
      <hr />
      <RailLink to={{ kind: "unread" }} icon={Inbox} label={t.nav.unread + saying(all().unread, t.nav.unreadCount)}>
        <Show when={all().unread > 0}>
          <span class="count">{all().unread}</span>
        </Show>
      </RailLink>
      <RailLink to={{ kind: "mentions" }} icon={AtSign} label={t.nav.mentions + saying(all().mentions, t.nav.mentionCount)}>
        <Show when={all().mentions > 0}>
          <span class="count count-mine">{all().mentions}</span>
        </Show>
      </RailLink>
      <RailLink
        to={{ kind: "calls", filter: "all" }}
        icon={Phone}
        label={t.nav.calls + saying(missed(), t.nav.missedCount)}
      >
        <Show when={missed() > 0}>
          <span class="missed">{missed()}</span>
        </Show>
      </RailLink>
      <hr />
      <For each={recent()}>{(id) => <RailConversation id={id} />}</For>
      <span class="grow" />
      <IconButton
        class="rail-item"
        icon={Search}
        label={t.switcher.title}
        tipSide="right"
        onClick={() => app.show({ kind: "switcher" })}
      />
      <Link
        class="rail-item"
        to={{ kind: "settings", page: "profile" }}
        go={app.go}
        aria-label={t.nav.settings}
        data-tip={t.nav.settings}
        data-tip-side="right"
      >
        <Avatar of={app.workspace().me?.user} size={30} />
      </Link>
    </nav>
  );
}

function RailLink(props: { to: Route; icon: typeof Phone; label: string; children: JSX.Element }): JSX.Element {
  const app = useApp();
  return (
    <Link
      class="rail-item"
      to={props.to}
      go={app.go}
      aria-label={props.label}
      data-tip={props.label}
      data-tip-side="right"
      aria-current={app.route().kind === props.to.kind ? "page" : undefined}
    >
      <Icon of={props.icon} />
      <span class="rail-mark" aria-hidden="true">
        {props.children}
      </span>
    </Link>
  );
}

function RailConversation(props: { id: MyConversation["conversation"]["id"] }): JSX.Element {
  const app = useApp();
  const mine = createMemo(() => app.conversations().get(props.id));
  return (
    <Show when={mine()}>
      {(held) => {
        const conversation = (): MyConversation["conversation"] => held().conversation;
        const other = (): UserId | undefined => otherOf(conversation(), app.me());
        const isOpen = (): boolean => {
          const route = app.route();
          return route.kind === "conversation" && route.id === props.id;
        };
        const unread = (): number => (isOpen() ? 0 : waiting(held()));
        const label = (): string => app.title(conversation()) + saying(unread(), t.nav.unreadCount);
        const presence = (): Shown | undefined => {
          const user = other();
          return user === undefined ? undefined : shownPresence(app, user);
        };
        return (
          <Link
            class="rail-item"
            to={{ kind: "conversation", id: props.id }}
            go={app.go}
            aria-label={label()}
            data-tip={app.title(conversation())}
            data-tip-side="right"
            aria-current={isOpen() ? "page" : undefined}
          >
            <Show when={other() !== undefined} fallback={<Icon of={placeIcon(conversation())} />}>
              <Avatar of={app.user(other())} size={28} presence={presence()} />
            </Show>
            <span class="rail-mark" aria-hidden="true">
              <Show when={unread() > 0}>
                <span class="count">{unread()}</span>
              </Show>
            </span>
          </Link>
        );
      }}
    </Show>
  );
}

