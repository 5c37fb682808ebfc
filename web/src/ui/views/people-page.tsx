import { Ellipsis, MessageSquare, Shield, UserCheck, UserPlus, Users, UserX } from "lucide";
import { createMemo, createSignal, For, Show, type JSX } from "solid-js";

import { openDirect, reasonOf } from "../../actions";
import { find } from "../../core/find";
import { t } from "../../core/i18n";
import type { UpdateUserRequest, User } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Button, Confirm, Empty, Icon, Menu, presenceWord, SearchField, toast, type MenuItem } from "../kit";
import { shownPresence } from "./sidebar";

/** Everyone with an account. Admins change roles and disable accounts here. */
export function PeoplePage(): JSX.Element {
  const app = useApp();
  const [query, setQuery] = createSignal("");
  const [disabling, setDisabling] = createSignal<User | null>(null);
  const isAdmin = (): boolean => app.workspace().me?.user.role === "admin";
  const people = createMemo(() => {
    const all = [...app.users().values()].sort((a, b) => a.name.localeCompare(b.name));
    return find(query(), all, (user) => user.name, 500);
  });
  const fail = (error: unknown): void => toast(reasonOf(error), "bad");
  const update = (user: User, request: UpdateUserRequest): void => {
    app.client.http.patch(`/users/${user.id}`, request).catch(fail);
  };
  const actions = (user: User): MenuItem[] => [
    {
      kind: "item",
      label: t.details.message(user.name),
      icon: MessageSquare,
      run: () => {
        openDirect(app.client, user.id).then(
          (mine) => app.go({ kind: "conversation", id: mine.conversation.id }),
          fail,
        );
      },
    },
    ...(isAdmin() && user.id !== app.me()
      ? [
          { kind: "separator" as const },
          user.role === "admin"
            ? {
                kind: "item" as const,
                label: t.people.makeMember,
                icon: UserCheck,
                run: () => update(user, { role: "member", disabled: null }),
              }
            : {
                kind: "item" as const,
                label: t.people.makeAdmin,
                icon: Shield,
                run: () => update(user, { role: "admin", disabled: null }),
              },
          user.disabled
            ? {
                kind: "item" as const,
                label: t.people.enable,
                icon: UserCheck,
                run: () => update(user, { role: null, disabled: false }),
              }
            : {
                kind: "item" as const,
                label: t.people.disable,
                icon: UserX,
                danger: true,
                run: () => setDisabling(user),
              },
        ]
      : []),
  ];
  return (
    <div class="page">
      <header class="head">
        <h1 class="grow">{t.people.title}</h1>
        <Button icon={UserPlus} onClick={() => app.show({ kind: "invite" })}>
          {t.workspace.invite}
        </Button>
      </header>
      <div class="page-scroll">
        <div class="page-column">
          <SearchField label={t.people.filter} value={query()} onValue={setQuery} />
          <ul class="page-list">
            <For each={people()} fallback={<Empty icon={Users} title={t.people.none} />}>
              {(user) => (
                <li class="list-row">
                  <Avatar of={user} presence={shownPresence(app, user.id)} />
                  <span class="grow column">
                    <b class="truncate">{user.id === app.me() ? `${user.name} (${t.you})` : user.name}</b>
                    <span class="small muted">{user.disabled ? t.people.disabled : presenceWord(shownPresence(app, user.id))}</span>
                  </span>
                  <Show when={user.role === "admin"}>
                    <span class="pill">{t.people.admin}</span>
                  </Show>
                  <Menu
                    class="icon-button icon-button-compact"
                    label={t.people.actions(user.name)}
                    items={actions(user)}
                    placement="bottom-end"
                  >
                    <Icon of={Ellipsis} />
                  </Menu>
                </li>
              )}
            </For>
          </ul>
        </div>
      </div>
      <Confirm
        title={t.people.disableTitle(disabling()?.name ?? "")}
        text={t.people.disableText}
        keep={t.cancel}
        act={t.people.disable}
        open={disabling() !== null}
        close={() => setDisabling(null)}
        confirm={() => {
          const user = disabling();
          if (user !== null) update(user, { role: null, disabled: true });
        }}
      />
    </div>
  );
}
