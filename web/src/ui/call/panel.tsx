import { Hand, LockOpen, MicOff, Mic, RefreshCw, Video, VideoOff, X } from "lucide";
import { createMemo, For, Show, type JSX } from "solid-js";

import { truthOf, type InCall } from "../../call";
import { format } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import type { Participant } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Bars, Icon, IconButton } from "../kit";
import type { CallStageProps } from "./props";
import { lineOf } from "./outgoing";
import { conversationOf, look, placeInLine, placeName, secondsSince, useMedia, useServerNow } from "./room";

/** Beside the room: the conversation, or who is there. */
export function Panel(props: {
  own: InCall;
  kind: "chat" | "people";
  Chat: CallStageProps["Chat"];
}): JSX.Element {
  const app = useApp();
  const conversation = createMemo(() => conversationOf(app, props.own.call.conversation_id));
  const title = (): string =>
    props.kind === "people" ? room.people.title : placeName(app, conversation());
  return (
    <aside
      class="call-panel"
      aria-label={props.kind === "chat" ? room.panel.chat(title()) : title()}
      onKeyDown={(event) => {
        if (event.key === "Escape") look.setPanel(null);
      }}
    >
      <header class="call-panel-head">
        <h2 class="grow truncate">{title()}</h2>
        <IconButton icon={X} label={room.panel.close} onClick={() => look.setPanel(null)} />
      </header>
      <Show when={props.kind === "chat"} fallback={<PeopleList own={props.own} />}>
        <props.Chat conversationId={props.own.call.conversation_id} callId={props.own.call.id} />
      </Show>
    </aside>
  );
}

function PeopleList(props: { own: InCall }): JSX.Element {
  const app = useApp();
  const media = useMedia();
  const now = useServerNow();
  const text = room.people;
  const conversation = createMemo(() => conversationOf(app, props.own.call.conversation_id));
  const rung = createMemo(() =>
    props.own.call.rings.filter(
      (ring) =>
        ring.status !== "answered" && !props.own.call.participants.some((one) => one.user_id === ring.user_id),
    ),
  );
  const state = (one: Participant): { words: string; tone: string } => {
    const place = placeInLine(props.own, one.peer_id);
    if (one.connection.kind === "reconnecting") {
      return { words: text.reconnecting(secondsSince(one.connection.since, now())), tone: "caution" };
    }
    if (one.connection.kind === "connecting") return { words: text.connecting, tone: "plain" };
    if (place > 0) {
      return { words: text.handUp(place, format.length(now() - (one.hand_raised_at ?? now()))), tone: "plain" };
    }
    if (media().speaking.has(one.peer_id)) return { words: text.talking, tone: "good" };
    return { words: text.on(one.device_name), tone: "plain" };
  };
  return (
    <div class="call-people">
      <p class="call-people-head">
        {text.inCall}
        <span class="number">{props.own.call.participants.length}</span>
      </p>
      <ul>
        <For each={props.own.call.participants}>
          {(one) => (
            <li class="call-person">
              <Avatar of={app.user(one.user_id)} size={36} />
              <div class="grow">
                <p class="truncate call-person-name">
                  {one.peer_id === props.own.peerId
                    ? text.you(app.user(one.user_id)?.name ?? "")
                    : app.personName(one.user_id)}
                </p>
                <p class={`truncate meta tone-${state(one).tone}`}>{state(one).words}</p>
              </div>
              <Show when={placeInLine(props.own, one.peer_id) > 0}>
                <Icon of={Hand} size="medium" />
              </Show>
              <Show
                when={one.connection.kind !== "reconnecting"}
                fallback={<Icon of={RefreshCw} size="medium" />}
              >
                <Show
                  when={media().speaking.has(one.peer_id)}
                  fallback={<Icon of={one.microphone.on ? Mic : MicOff} size="medium" />}
                >
                  <Bars />
                </Show>
                <Icon of={one.camera.on ? Video : VideoOff} size="medium" />
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={rung().length > 0}>
        <p class="call-people-head">
          {text.beingRung}
          <span class="number">{rung().length}</span>
        </p>
        <ul>
          <For each={rung()}>
            {(ring) => (
              <li class="call-person">
                <Avatar of={app.user(ring.user_id)} size={36} />
                <div class="grow">
                  <p class="truncate call-person-name">{app.personName(ring.user_id)}</p>
                  <p class="truncate meta">{lineOf(truthOf([ring]), app.firstName(ring.user_id)).title}</p>
                </div>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <p class="call-people-foot">
        {conversation()?.kind === "channel" ? text.anyone(placeName(app, conversation())) : text.onlyMembers}
        <Icon of={LockOpen} size="medium" />
      </p>
    </div>
  );
}
