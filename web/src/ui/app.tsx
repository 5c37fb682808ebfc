/** What every view may use: the client, the calls, and where one is. */
import { createContext, createMemo, createSignal, useContext, type Accessor, type JSX } from "solid-js";

import type { CallController, CurrentCall } from "../core/calls";
import type { Connection } from "../core/connection";
import { t } from "../core/i18n";
import type { FromWorker } from "../core/press";
import { parse, pathOf, type Route } from "../core/route";
import { nameOf, type Workspace } from "../core/workspace";
import type { Client, Session } from "../platform/client";
import { onPress } from "../platform/presses";
import type { Conversation, MyConversation, User, UserId } from "../protocol/generated";
import { bind } from "./bind";

export type Dialogs =
  | { kind: "none" }
  | { kind: "switcher" }
  | { kind: "invite" }
  | { kind: "create_channel" }
  | { kind: "create_group" }
  | { kind: "create_direct" }
  | { kind: "new_call" }
  | { kind: "add_members"; conversation: Conversation }
  | { kind: "edit_conversation"; conversation: Conversation }
  | { kind: "rename_workspace" };

export type Pressed = { press: FromWorker; at: number };

export type App = {
  client: Client;
  calls: CallController;
  session: Accessor<Session>;
  connection: Accessor<Connection>;
  workspace: Accessor<Workspace>;
  conversations: Accessor<ReadonlyMap<string, MyConversation>>;
  users: Accessor<ReadonlyMap<UserId, User>>;
  me: Accessor<UserId | undefined>;
  currentCall: Accessor<CurrentCall | undefined>;
  route: Accessor<Route>;
  go: (route: Route, options?: { replace?: boolean }) => void;
  dialog: Accessor<Dialogs>;
  show: (dialog: Dialogs) => void;
  /** What was pressed in a notification and is not done yet. */
  pressed: Accessor<Pressed | undefined>;
  setPressed: (pressed: Pressed | undefined) => void;
  /** Whether the right panel with people and topic is open. */
  details: Accessor<boolean>;
  setDetails: (open: boolean) => void;
  /** The server's time, moving once a second for those who read it. */
  now: Accessor<number>;
  user: (id: UserId | undefined) => User | undefined;
  /** A person's name, or "You". */
  personName: (id: UserId) => string;
  /** The same within a sentence: "you". */
  nameWithin: (id: UserId) => string;
  firstName: (id: UserId) => string;
  title: (conversation: Conversation) => string;
};

const Context = createContext<App>();

export function useApp(): App {
  const app = useContext(Context);
  if (app === undefined) throw new Error("views are drawn inside the app");
  return app;
}

export function AppProvider(props: { client: Client; calls: CallController; children: JSX.Element }): JSX.Element {
  const { client, calls } = props;
  const workspace = bind(client.workspace);
  const [route, setRoute] = createSignal(here());
  const [dialog, show] = createSignal<Dialogs>({ kind: "none" });
  const [details, setDetails] = createSignal(false);
  const [pressed, setPressed] = createSignal<Pressed>();
  onPress((press) => setPressed({ press, at: Date.now() }));
  const [now, setNow] = createSignal(client.clock.now());
  setInterval(() => setNow(client.clock.now()), 1_000);
  window.addEventListener("popstate", () => setRoute(here()));

  const users = createMemo(() => workspace().users);
  const me = createMemo(() => workspace().me?.user.id);
  const user = (id: UserId | undefined): User | undefined => (id === undefined ? undefined : users().get(id));
  const fullName = (id: UserId): string => user(id)?.name ?? t.somebody;
  const app: App = {
    client,
    calls,
    session: bind(client.session),
    connection: bind(client.connection),
    workspace,
    conversations: createMemo(() => workspace().conversations),
    users,
    me,
    currentCall: bind({
      get state() {
        return calls.current();
      },
      subscribe: (listener) => calls.subscribe(listener),
    }),
    route,
    go: (to, options) => {
      const path = pathOf(to);
      if (path !== location.pathname || location.hash !== "") {
        if (options?.replace === true) history.replaceState(null, "", path);
        else history.pushState(null, "", path);
      }
      setRoute(to);
    },
    dialog,
    show,
    pressed,
    setPressed,
    details,
    setDetails,
    now,
    user,
    personName: (id) => (id === me() ? t.you : fullName(id)),
    nameWithin: (id) => (id === me() ? t.youWithin : fullName(id)),
    firstName: (id) => (id === me() ? t.you : (fullName(id).split(" ")[0] ?? "")),
    title: (conversation) => nameOf(conversation, { users: users(), me: workspace().me }),
  };
  return <Context.Provider value={app}>{props.children}</Context.Provider>;
}

function here(): Route {
  return parse(location.pathname, location.hash);
}
