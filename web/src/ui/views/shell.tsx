import { MessagesSquare } from "lucide";
import {
  createEffect,
  createMemo,
  createSignal,
  ErrorBoundary,
  lazy,
  Match,
  on,
  onCleanup,
  Show,
  Suspense,
  Switch,
  untrack,
  type JSX,
} from "solid-js";

import { byId } from "../../core/calls";
import { t } from "../../core/i18n";
import { counts, sections, waiting } from "../../core/workspace";
import { stored } from "../../platform/storage";
import type { CallLogFilter, ConversationId } from "../../protocol/generated";
import { useApp, type App } from "../app";
import { Announcer, Button, Empty, Skeleton, Toasts } from "../kit";
import { windowSize, type Size } from "../media";
import { CallStage, MiniCall, RingCard } from "./call-slots";
import { ConnectionBanner } from "./connection-banner";
import { CallChat, ConversationView } from "./conversation";
import { PhoneChats, PhoneYou, TabBar } from "./phone";
import { Rail, Sidebar } from "./sidebar";

const Dialogs = lazy(async () => ({ default: (await import("./dialogs")).Dialogs }));
const CallsPage = lazy(async () => ({ default: (await import("./calls-page")).CallsPage }));
const ChannelsPage = lazy(async () => ({ default: (await import("./channels-page")).ChannelsPage }));
const PeoplePage = lazy(async () => ({ default: (await import("./people-page")).PeoplePage }));
const SettingsView = lazy(async () => ({ default: (await import("./settings")).SettingsView }));
const UnreadPage = lazy(async () => ({ default: (await import("./lists")).UnreadPage }));

/** An answer is given up when its call has not been heard of by then. */
const PRESS_LASTS_MS = 20_000;

/** Everything one sees once signed in. */
export function Shell(): JSX.Element {
  const app = useApp();
  const size = windowSize();
  const [sidebar, setSidebar] = createSignal(false);
  // One may look at the conversation while its call goes on in the mini window.
  const [minimised, setMinimised] = createSignal(false);
  const called = createMemo(() => app.currentCall()?.conversationId);
  const rings = createMemo(() => app.workspace().calls.rings.length > 0);
  const stage = createMemo(() => {
    const route = app.route();
    return called() !== undefined && !minimised() && route.kind === "conversation" && route.id === called();
  });
  const openStage = (): void => {
    const id = called();
    setMinimised(false);
    if (id !== undefined) app.go({ kind: "conversation", id });
  };
  // Who starts, joins or answers a call goes to where it is.
  createEffect(
    on(called, (id, before) => {
      if (id !== undefined && id !== before) openStage();
    }, { defer: true }),
  );
  const ready = createMemo(() => app.workspace().me !== null);

  useKeys(app);
  useTitle(app);
  usePresses(app);
  createEffect(on(app.route, () => setSidebar(false), { defer: true }));

  // Without a phone's list of chats, home is the conversation one was in.
  createEffect(() => {
    if (!ready() || size() === "phone" || app.route().kind !== "home") return;
    const id = untrack(() => homeOf(app));
    if (id !== undefined) app.go({ kind: "conversation", id }, { replace: true });
  });

  const isRail = (): boolean => size() === "narrow" || (size() === "wide" && stage());
  const hasTabs = (): boolean => {
    const { kind } = app.route();
    return size() === "phone" && kind !== "conversation" && kind !== "settings";
  };

  return (
    <div
      class="app"
      classList={{ "app-rail": isRail(), "app-phone": size() === "phone", "app-stage": stage() }}
    >
      <a class="skip" href="#main">
        {t.nav.skip}
      </a>
      <Show when={ready()} fallback={<Loading />}>
        <Switch>
          <Match when={size() !== "phone" && !isRail()}>
            <Sidebar />
          </Match>
          <Match when={isRail()}>
            <Rail openSidebar={() => setSidebar(!sidebar())} sidebarOpen={sidebar()} />
          </Match>
        </Switch>
        <Show when={isRail() && sidebar()}>
          <div class="drawer-scrim" onClick={() => setSidebar(false)} />
          <div
            class="drawer"
            onKeyDown={(event) => {
              if (event.key === "Escape") setSidebar(false);
            }}
          >
            <Sidebar onGo={() => setSidebar(false)} />
          </div>
        </Show>
        <main class={stage() ? "stage-place" : "sheet"} id="main" data-region tabindex="-1">
          <ErrorBoundary fallback={(error: unknown) => <Problem error={error} />}>
            <Suspense fallback={<Skeleton rows={5} />}>
              <Show when={!stage()} fallback={<CallStage Chat={CallChat} minimise={() => setMinimised(true)} />}>
                <Page size={size()} />
              </Show>
            </Suspense>
          </ErrorBoundary>
          <div id="layer" />
        </main>
        <Show when={hasTabs()}>
          <TabBar />
        </Show>
        <ErrorBoundary fallback={null}>
          <Suspense>
            <Show when={called() !== undefined && !stage()}>
              <MiniCall open={openStage} />
            </Show>
          </Suspense>
          <Suspense>
            <Show when={rings()}>
              <RingCard />
            </Show>
          </Suspense>
          <Suspense>
            <Show when={app.dialog().kind !== "none"}>
              <Dialogs />
            </Show>
          </Suspense>
        </ErrorBoundary>
      </Show>
      <Toasts />
      <Announcer />
    </div>
  );
}

function Page(props: { size: Size }): JSX.Element {
  const app = useApp();
  const conversation = createMemo((): ConversationId | undefined => {
    const route = app.route();
    return route.kind === "conversation" ? route.id : undefined;
  });
  const filter = (): CallLogFilter => {
    const route = app.route();
    return route.kind === "calls" ? route.filter : "all";
  };
  const settings = createMemo(() => {
    const route = app.route();
    return route.kind === "settings" ? route.page : undefined;
  });
  const kind = createMemo(() => app.route().kind);
  return (
    <>
      <Show when={conversation() === undefined}>
        <ConnectionBanner />
      </Show>
      <Switch fallback={props.size === "phone" ? <PhoneChats /> : <Welcome />}>
        <Match when={conversation()}>{(id) => <ConversationView id={id()} size={props.size} />}</Match>
        <Match when={kind() === "unread"}>
          <UnreadPage only="unread" />
        </Match>
        <Match when={kind() === "mentions"}>
          <UnreadPage only="mentions" />
        </Match>
        <Match when={kind() === "calls"}>
          <CallsPage filter={filter()} size={props.size} />
        </Match>
        <Match when={kind() === "channels"}>
          <ChannelsPage />
        </Match>
        <Match when={kind() === "people"}>
          <PeoplePage />
        </Match>
        <Match when={kind() === "you"}>
          <PhoneYou />
        </Match>
        <Match when={settings()}>{(page) => <SettingsView page={page()} size={props.size} />}</Match>
      </Switch>
    </>
  );
}

function Welcome(): JSX.Element {
  const app = useApp();
  return (
    <Empty
      icon={MessagesSquare}
      title={t.workspace.welcome(app.workspace().me?.workspace.name ?? t.product)}
      text={t.workspace.welcomeText}
    >
      <Button onClick={() => app.show({ kind: "invite" })}>{t.workspace.invite}</Button>
    </Empty>
  );
}

function Loading(): JSX.Element {
  return (
    <>
      <div class="side" aria-hidden="true" />
      <main class="sheet" id="main" aria-busy="true" aria-label={t.connection.loading}>
        <ConnectionBanner />
        <Skeleton rows={6} />
      </main>
    </>
  );
}

function Problem(props: { error: unknown }): JSX.Element {
  console.error(props.error);
  return (
    <div class="empty" role="alert">
      <h2>{t.problem.title}</h2>
      <p>{t.problem.text}</p>
      <Button onClick={() => location.reload()}>{t.problem.reload}</Button>
    </div>
  );
}

function homeOf(app: App): ConversationId | undefined {
  const last = stored("device", "last") as ConversationId | null;
  const conversations = app.conversations();
  if (last !== null && conversations.get(last)?.conversation.archived_at === null) return last;
  return orderOf(app)[0];
}

/** Conversations as the sidebar lists them. */
function orderOf(app: App): ConversationId[] {
  const found = sections(app.conversations().values(), (mine) => app.title(mine.conversation));
  return [...found.channels, ...found.groups, ...found.directs].map((mine) => mine.conversation.id);
}

/** Does what was pressed in a notification. A page that has just been opened first hears of the call. */
function usePresses(app: App): void {
  createEffect(() => {
    const pressed = app.pressed();
    if (pressed === undefined || app.workspace().me === null) return;
    const { press, at } = pressed;
    if (press.conversationId !== null) app.go({ kind: "conversation", id: press.conversationId });
    if (press.kind === "answer" && Date.now() - at < PRESS_LASTS_MS) {
      if (byId(app.workspace().calls, press.callId) === undefined) return;
      // The controller hears of the call after the stores have.
      queueMicrotask(() => void app.calls.join(press.callId, press.media, null));
    }
    app.setPressed(undefined);
  });
}

/** The window's title says what waits. */
function useTitle(app: App): void {
  createEffect(() => {
    const route = app.route();
    const open = route.kind === "conversation" ? app.conversations().get(route.id) : undefined;
    const name = open === undefined ? app.workspace().me?.workspace.name : app.title(open.conversation);
    const { mentions } = counts(app.conversations().values());
    const waiting = mentions + app.workspace().calls.missed;
    document.title = `${waiting > 0 ? `(${String(waiting)}) ` : ""}${name ?? t.product}`;
  });
}

function useKeys(app: App): void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      app.show(app.dialog().kind === "switcher" ? { kind: "none" } : { kind: "switcher" });
      return;
    }
    if (event.key === "F6") {
      event.preventDefault();
      nextRegion(event.shiftKey ? -1 : 1);
      return;
    }
    if (event.altKey && !event.ctrlKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      nextConversation(app, event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
      return;
    }
    typeAnywhere(event);
  };
  window.addEventListener("keydown", onKeyDown);
  onCleanup(() => window.removeEventListener("keydown", onKeyDown));
}

/** F6 goes round the page's parts: sidebar, main part, panel, and the call's own. */
function nextRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")];
  const at = regions.findLastIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + by + regions.length) % regions.length];
  if (next === undefined) return;
  const inside = next.querySelector<HTMLElement>(".composer textarea, [aria-current=page]");
  (inside ?? next).focus();
}

function nextConversation(app: App, by: 1 | -1, onlyUnread: boolean): void {
  const route = app.route();
  const order = orderOf(app);
  const at = route.kind === "conversation" ? order.indexOf(route.id) : -1;
  for (let step = 1; step <= order.length; step++) {
    const id = order[(at + by * step + order.length * 2) % order.length];
    if (id === undefined || id === order[at]) continue;
    const mine = app.conversations().get(id);
    if (onlyUnread && (mine === undefined || waiting(mine) === 0)) continue;
    app.go({ kind: "conversation", id });
    return;
  }
}

/** What is typed while nothing else takes it goes into the message. */
function typeAnywhere(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
  if (document.activeElement !== document.body && document.activeElement?.matches(".timeline-viewport") !== true) return;
  document.querySelector<HTMLTextAreaElement>(".composer textarea")?.focus();
}
