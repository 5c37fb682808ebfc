import { Archive, ArchiveRestore, Bell, BellOff, LogOut, MessageSquare, PencilLine, UserMinus, UserPlus, X, Ellipsis } from "lucide";
import { createEffect, createMemo, createResource, createSignal, For, on, Show, type JSX } from "solid-js";

import { canCall, leave, openDirect, reasonOf, removeMember, setArchived, setPreferences } from "../../actions";
import { format, t } from "../../core/i18n";
import type { Conversation, MemberList, MyConversation, User, UserId } from "../../protocol/generated";
import { useApp } from "../app";
import { ready } from "../bind";
import { Avatar, Button, Confirm, Icon, IconButton, Menu, presenceWord, Skeleton, Switch, toast, type MenuItem } from "../kit";
import { shownPresence } from "./sidebar";

/** Who is in a conversation, what it is about, and what can be done with it. */
export function Details(props: { conversation: Conversation; over: boolean }): JSX.Element {
  const app = useApp();
  const { client } = app;
  const [asking, setAsking] = createSignal<"none" | "leave" | "archive">("none");
  // A channel's members are a request of their own; its count says when they have changed.
  const wanted = createMemo(() => `${props.conversation.id} ${props.conversation.member_count}`);
  const [listed, { refetch }] = createResource(wanted, async (): Promise<UserId[]> => {
    const { id, kind, members } = props.conversation;
    if (kind !== "channel") return members;
    const { members: list } = await client.http.get<MemberList>(`/conversations/${id}/members`);
    return list.map((member) => member.user_id);
  });
  createEffect(on(() => props.conversation.members, () => void refetch(), { defer: true }));
  const people = createMemo((): User[] =>
    (ready(listed) ?? [])
      .flatMap((user) => app.user(user) ?? [])
      .sort((a, b) => a.name.localeCompare(b.name)),
  );
  const isDirect = (): boolean => props.conversation.kind === "direct";
  const name = (): string => app.title(props.conversation);
  const fail = (error: unknown): void => toast(reasonOf(error), "bad");
  const canRemove = (): boolean =>
    props.conversation.kind !== "direct" &&
    (app.workspace().me?.user.role === "admin" || props.conversation.created_by === app.me());
  const actionsFor = (user: User): MenuItem[] => [
    {
      kind: "item",
      label: t.details.message(user.name),
      icon: MessageSquare,
      run: () => {
        openDirect(client, user.id).then(
          (mine) => app.go({ kind: "conversation", id: mine.conversation.id }),
          fail,
        );
      },
    },
    ...(canRemove() && user.id !== app.me()
      ? [
          {
            kind: "item" as const,
            label: t.details.removeMember(user.name),
            icon: UserMinus,
            danger: true,
            run: () => {
              removeMember(client, props.conversation.id, user.id).then(() => void refetch(), fail);
            },
          },
        ]
      : []),
  ];
  return (
    <aside class="details" classList={{ "details-over": props.over }} aria-label={t.details.title} data-region tabindex="-1">
      <header class="head">
        <h2 class="grow">{t.details.title}</h2>
        <IconButton icon={X} label={t.close} onClick={() => app.setDetails(false)} />
      </header>
      <div class="details-body">
        <Show when={!isDirect()}>
          <section>
            <h3 class="label">{t.details.topic}</h3>
            <p classList={{ faint: props.conversation.topic === "" }}>
              {props.conversation.topic === "" ? t.details.noTopic : props.conversation.topic}
            </p>
            <p class="meta faint">
              {t.details.created(
                app.nameWithin(props.conversation.created_by),
                format.day(props.conversation.created_at, format.startOfDay(app.now())),
              )}
            </p>
          </section>
          <div class="details-actions">
            <Button
              size="compact"
              icon={PencilLine}
              onClick={() => app.show({ kind: "edit_conversation", conversation: props.conversation })}
            >
              {t.details.edit}
            </Button>
            <Button
              size="compact"
              icon={UserPlus}
              onClick={() => app.show({ kind: "add_members", conversation: props.conversation })}
            >
              {t.details.add}
            </Button>
          </div>
        </Show>
        <Show when={canCall(props.conversation) && app.conversations().get(props.conversation.id)}>
          {(mine) => <Attention of={mine()} />}
        </Show>
        <section>
          <h3 class="label">
            {t.details.members} <span class="faint number">{props.conversation.member_count}</span>
          </h3>
          <Show when={listed.state !== "errored"} fallback={<p class="muted">{t.unreachable}</p>}>
            <Show when={ready(listed)} fallback={<Skeleton rows={3} />}>
              <ul class="people-list">
                <For each={people()}>
                  {(user) => (
                    <li class="people-row">
                      <Avatar of={user} size={28} presence={shownPresence(app, user.id)} />
                      <span class="grow truncate">{app.personName(user.id)}</span>
                      <span class="meta faint">{presenceWord(shownPresence(app, user.id))}</span>
                      <Menu
                        class="icon-button icon-button-compact"
                        label={t.details.more(user.name)}
                        items={actionsFor(user)}
                        placement="bottom-end"
                      >
                        <Icon of={Ellipsis} />
                      </Menu>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </Show>
        </section>
        <Show when={!isDirect()}>
          <div class="details-actions details-last">
            <Button size="compact" icon={LogOut} onClick={() => setAsking("leave")}>
              {t.details.leave}
            </Button>
            <Show
              when={props.conversation.archived_at === null}
              fallback={
                <Button
                  size="compact"
                  icon={ArchiveRestore}
                  onClick={() => {
                    setArchived(client, props.conversation, false).catch(fail);
                  }}
                >
                  {t.details.unarchive}
                </Button>
              }
            >
              <Button size="compact" kind="danger-quiet" icon={Archive} onClick={() => setAsking("archive")}>
                {t.details.archive}
              </Button>
            </Show>
          </div>
        </Show>
      </div>
      <Confirm
        title={t.details.leaveTitle(name())}
        text={props.conversation.visibility === "public" ? t.details.leavePublic : t.details.leavePrivate}
        keep={t.details.stay}
        act={t.details.leave}
        open={asking() === "leave"}
        close={() => setAsking("none")}
        confirm={() => {
          leave(client, props.conversation.id).then(() => app.go({ kind: "home" }), fail);
        }}
      />
      <Confirm
        title={t.details.archiveTitle(name())}
        text={t.details.archiveText}
        keep={t.cancel}
        act={t.details.archive}
        open={asking() === "archive"}
        close={() => setAsking("none")}
        confirm={() => {
          setArchived(client, props.conversation, true).catch(fail);
        }}
      />
    </aside>
  );
}

/** Whether it calls for this person's attention, on all their devices. */
function Attention(props: { of: MyConversation }): JSX.Element {
  const app = useApp();
  const isMuted = (): boolean => props.of.preferences.muted;
  const change = (to: Parameters<typeof setPreferences>[2]): void => {
    setPreferences(app.client, props.of, to).catch((error: unknown) => toast(reasonOf(error), "bad"));
  };
  return (
    <section>
      <h3 class="label">{t.details.attention}</h3>
      <div class="details-actions">
        <Button size="compact" icon={isMuted() ? Bell : BellOff} onClick={() => change({ muted: !isMuted() })}>
          {isMuted() ? t.details.unmute : t.details.mute}
        </Button>
      </div>
      <Show when={isMuted()}>
        <p class="meta muted">{t.details.mutedText}</p>
      </Show>
      <Show when={props.of.conversation.kind === "group"}>
        <Switch label={t.details.ring} on={props.of.preferences.rings} change={(rings) => change({ rings })} />
      </Show>
    </section>
  );
}
