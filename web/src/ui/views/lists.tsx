import { AtSign, Inbox } from "lucide";
import { createMemo, For, Show, type JSX } from "solid-js";

import { format, t } from "../../core/i18n";
import { otherOf, waiting } from "../../core/workspace";
import type { MyConversation } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Empty, Link, Place } from "../kit";

/** Conversations with something unread, or with something for this person. */
export function UnreadPage(props: { only: "unread" | "mentions" }): JSX.Element {
  const app = useApp();
  const isMentions = (): boolean => props.only === "mentions";
  const found = createMemo((): MyConversation[] =>
    [...app.conversations().values()]
      .filter((mine) => mine.conversation.archived_at === null)
      .filter((mine) => (isMentions() ? mine.read.mentions > 0 : waiting(mine) > 0))
      .sort((a, b) => b.conversation.last_at - a.conversation.last_at),
  );
  return (
    <div class="page">
      <header class="head">
        <h1 class="grow">{isMentions() ? t.lists.mentionsTitle : t.lists.unreadTitle}</h1>
      </header>
      <div class="page-scroll">
        <Show
          when={found().length > 0}
          fallback={
            <Empty
              icon={isMentions() ? AtSign : Inbox}
              title={isMentions() ? t.lists.mentionsNone : t.lists.unreadNone}
              text={isMentions() ? t.lists.mentionsNoneText : t.lists.unreadNoneText}
            />
          }
        >
          <ul class="page-list">
            <For each={found()}>{(mine) => <li><UnreadRow mine={mine} mentions={isMentions()} /></li>}</For>
          </ul>
        </Show>
      </div>
    </div>
  );
}

function UnreadRow(props: { mine: MyConversation; mentions: boolean }): JSX.Element {
  const app = useApp();
  const conversation = (): MyConversation["conversation"] => props.mine.conversation;
  const value = (): number => (props.mentions ? props.mine.read.mentions : waiting(props.mine));
  return (
    <Link class="list-row" to={{ kind: "conversation", id: conversation().id }} go={app.go}>
      <Show when={otherOf(conversation(), app.me())} fallback={<Place of={conversation()} />}>
        {(user) => <Avatar of={app.user(user())} />}
      </Show>
      <span class="grow column">
        <b class="truncate">{app.title(conversation())}</b>
        <span class="small muted truncate">
          {props.mentions ? t.nav.mentionCount(value()) : t.nav.unreadCount(value())}
        </span>
      </span>
      <time class="meta muted">{format.brief(conversation().last_at, format.startOfDay(app.now()))}</time>
      <span class="count" classList={{ "count-mine": props.mentions }} aria-hidden="true">
        {value()}
      </span>
    </Link>
  );
}
