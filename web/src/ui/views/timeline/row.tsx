import { Archive, ArchiveRestore, CircleAlert, Clock, Copy, Hash, Pencil, Trash2, UserMinus, UserPlus, Users } from "lucide";
import { createSignal, Match, Show, Switch, type JSX } from "solid-js";

import { format, t } from "../../../core/i18n";
import type { Row, Spine } from "../../../core/rows";
import { parse, plain } from "../../../core/text";
import type { Notice } from "../../../core/timeline";
import { otherOf } from "../../../core/workspace";
import { canCall, startCall } from "../../../actions";
import { useApp, type App } from "../../app";
import { Avatar, Button, Icon, IconButton, Place, toast } from "../../kit";
import { copy, MessageText } from "../message-text";
import { CallCard } from "./call-card";
import { MessageEditor } from "./editor";
import type { RowHooks } from "./hooks";

type RowOf<Kind extends Row["kind"]> = Extract<Row, { kind: Kind }>;

export function RowView(props: { row: Row; hooks: RowHooks }): JSX.Element {
  const row = props.row;
  switch (row.kind) {
    case "beginning":
      return <Beginning hooks={props.hooks} />;
    case "day":
      return <Day at={row.at} />;
    case "new_since":
      return (
        <div class="new-since">
          {t.conversation.newSince(row.count, row.since === null ? null : format.time(row.since))}
        </div>
      );
    case "message":
      return (
        <Hung on={row.spine}>
          <MessageRow row={row} hooks={props.hooks} />
        </Hung>
      );
    case "outgoing":
      return (
        <Hung on={row.spine}>
          <OutgoingRow row={row} hooks={props.hooks} />
        </Hung>
      );
    case "call":
      return (
        <CallCard
          call={row.call}
          messages={row.messages}
          unfolded={row.unfolded}
          toggle={() => props.hooks.toggleFold(row.call.id)}
        />
      );
    case "spine_head":
      return (
        <div class="spine" classList={{ "spine-over": !row.live }}>
          <p class="spine-head">{t.call.during(row.messages)}</p>
        </div>
      );
    case "room_head":
      return (
        <div class="spine spine-room">
          <p class="spine-head">{t.call.begun(format.time(row.at))}</p>
        </div>
      );
    case "notice":
      return <NoticeRow row={row} />;
  }
}

function Hung(props: { on: Spine; children: JSX.Element }): JSX.Element {
  return (
    <Show when={props.on} fallback={props.children}>
      {(spine) => (
        <div class="spine" classList={{ "spine-over": !spine().live }}>
          {props.children}
        </div>
      )}
    </Show>
  );
}

function Day(props: { at: number }): JSX.Element {
  const app = useApp();
  return (
    <h2 class="day">
      <time dateTime={new Date(props.at).toISOString().slice(0, 10)}>
        {format.day(props.at, format.startOfDay(app.now()))}
      </time>
    </h2>
  );
}

function Beginning(props: { hooks: RowHooks }): JSX.Element {
  const app = useApp();
  const conversation = props.hooks.conversation;
  const name = (): string => app.title(props.hooks.conversation);
  const other = otherOf(conversation, app.me());
  const isNotes = other !== undefined && other === app.me();
  const isLive = (): boolean => app.workspace().calls.live.has(conversation.id);
  return (
    <div class="beginning">
      <Show when={conversation.kind === "direct"} fallback={<Place of={conversation} large />}>
        <Avatar of={app.user(other)} size={44} />
      </Show>
      <h2 class="heading">{t.conversation.beginning(name())}</h2>
      <p class="muted">
        {isNotes
          ? t.conversation.notes
          : conversation.kind === "direct"
            ? t.conversation.beginningDirect(name())
            : isLive()
              ? t.conversation.beginningLive
              : t.conversation.beginningText}
      </p>
      <Show when={canCall(conversation) && conversation.kind !== "direct" && !isLive()}>
        <Button
          onClick={() => {
            startCall(app.calls, conversation.id, "video").catch(() => toast(t.call.failed, "bad"));
          }}
        >
          {t.conversation.startCall}
        </Button>
      </Show>
    </div>
  );
}

function MessageRow(props: { row: RowOf<"message">; hooks: RowHooks }): JSX.Element {
  const app = useApp();
  const { item } = props.row;
  const { message } = item;
  const [active, setActive] = createSignal(false);
  let row!: HTMLElement;
  const isMine = item.author === app.me();
  const isForMe = (): boolean => message.mentions.some((user) => user === app.me());
  const isEditing = (): boolean => props.hooks.editing() === message.id;
  const blocks = parse(message.text);
  const words = (): string => plain(blocks, (user) => app.personName(user));
  return (
    <article
      class="message"
      classList={{ "message-next": !props.row.named, "message-for-me": isForMe() }}
      ref={row}
      data-row
      tabindex="-1"
      aria-label={`${app.personName(item.author)}, ${format.time(item.at)}: ${words()}`}
      onPointerEnter={() => setActive(true)}
      onPointerLeave={() => setActive(row.contains(document.activeElement))}
      onFocusIn={() => setActive(true)}
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node && row.contains(event.relatedTarget))) setActive(row.matches(":hover"));
      }}
      onKeyDown={(event) => {
        if (event.target !== row || !isMine) return;
        if (event.key === "e") {
          event.preventDefault();
          props.hooks.edit(message.id);
        } else if (event.key === "Delete") props.hooks.remove(message.id);
      }}
    >
      <Gutter named={props.row.named} at={item.at} author={item.author} />
      <div class="message-main">
        <Show when={props.row.named}>
          <Name author={item.author} at={item.at} />
        </Show>
        <Show
          when={isEditing()}
          fallback={<MessageText of={blocks} edited={message.edited_at !== null} />}
        >
          <MessageEditor
            conversation={props.hooks.conversation}
            message={message}
            close={() => props.hooks.edit(null)}
          />
        </Show>
      </div>
      <Show when={active() && !isEditing()}>
        <div class="message-tools" role="toolbar" aria-label={t.message.tools}>
          <IconButton
            icon={Copy}
            label={t.message.copy}
            compact
            tipSide="top"
            onClick={() => void copy(message.text, t.message.copied)}
          />
          <Show when={isMine}>
            <IconButton
              icon={Pencil}
              label={t.message.edit}
              compact
              tipSide="top"
              onClick={() => props.hooks.edit(message.id)}
            />
            <IconButton
              icon={Trash2}
              label={t.message.delete}
              compact
              tipSide="top"
              onClick={() => props.hooks.remove(message.id)}
            />
          </Show>
        </div>
      </Show>
    </article>
  );
}

function OutgoingRow(props: { row: RowOf<"outgoing">; hooks: RowHooks }): JSX.Element {
  const app = useApp();
  const { message } = props.row;
  const id = props.hooks.conversation.id;
  const me = app.me();
  return (
    <article class="message" classList={{ "message-next": !props.row.named }} data-row tabindex="-1">
      <Show when={me}>{(author) => <Gutter named={props.row.named} at={message.at} author={author()} />}</Show>
      <div class="message-main">
        <Show when={props.row.named && me}>{(author) => <Name author={author()} at={message.at} />}</Show>
        <MessageText of={parse(message.text)} />
        <Switch>
          <Match when={message.status.kind === "waiting"}>
            <p class="sending">
              <Icon of={Clock} size="small" />
              {t.message.waiting}
            </p>
          </Match>
          <Match when={message.status.kind === "failed" && message.status}>
            {(status) => (
              <>
                <p class="sending sending-failed" role="alert">
                  <Icon of={CircleAlert} size="small" />
                  {t.message.notSent(status().reason)}
                </p>
                <div class="row">
                  <Button size="compact" onClick={() => app.client.sendAgain(id, message.nonce)}>
                    {t.message.sendAgain}
                  </Button>
                  <Button size="compact" kind="quiet" onClick={() => app.client.dropUnsent(id, message.nonce)}>
                    {t.message.drop}
                  </Button>
                </div>
              </>
            )}
          </Match>
        </Switch>
      </div>
    </article>
  );
}

function Gutter(props: { named: boolean; at: number; author: RowOf<"message">["item"]["author"] }): JSX.Element {
  const app = useApp();
  return (
    <Show
      when={props.named}
      fallback={
        <time class="gutter" aria-hidden="true" title={format.fullTime(props.at)}>
          {format.time(props.at)}
        </time>
      }
    >
      <Avatar of={app.user(props.author)} class="message-face" />
    </Show>
  );
}

function Name(props: { author: RowOf<"message">["item"]["author"]; at: number }): JSX.Element {
  const app = useApp();
  return (
    <p class="message-who">
      <b>{app.user(props.author)?.name ?? t.somebody}</b>
      <time title={format.fullTime(props.at)} dateTime={new Date(props.at).toISOString()}>
        {format.time(props.at)}
      </time>
    </p>
  );
}

function NoticeRow(props: { row: RowOf<"notice"> }): JSX.Element {
  const app = useApp();
  const { row } = props;
  return (
    <p class="notice">
      <Icon of={noticeIcon(row.body)} size="small" />
      <span>{noticeText(row, app)}</span>
      <time>{format.time(row.at)}</time>
    </p>
  );
}

function noticeIcon(body: Notice): typeof Hash {
  switch (body.kind) {
    case "conversation_created":
      return Users;
    case "renamed":
    case "topic_changed":
      return Hash;
    case "members_added":
    case "member_joined":
      return UserPlus;
    case "member_removed":
    case "member_left":
      return UserMinus;
    case "archived":
      return Archive;
    case "unarchived":
      return ArchiveRestore;
  }
}

function noticeText(row: RowOf<"notice">, app: App): string {
  const who = app.personName(row.author);
  const { body } = row;
  switch (body.kind) {
    case "conversation_created":
      return t.notice.conversation_created(who);
    case "renamed":
      return t.notice.renamed(who, body.name);
    case "topic_changed":
      return t.notice.topic_changed(who, body.topic);
    case "members_added":
      return t.notice.members_added(who, format.names(body.user_ids.map((user) => app.nameWithin(user)), 6));
    case "member_removed":
      return t.notice.member_removed(who, app.nameWithin(body.user_id));
    case "member_joined":
      return t.notice.member_joined(format.names([who, ...row.also.map((user) => app.nameWithin(user))], 6));
    case "member_left":
      return t.notice.member_left(who);
    case "archived":
      return t.notice.archived(who);
    case "unarchived":
      return t.notice.unarchived(who);
  }
}
