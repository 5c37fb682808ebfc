import { X } from "lucide";
import { createMemo, Show, type JSX } from "solid-js";

import type { InCall } from "../../call";
import { room } from "../../core/i18n/call.en";
import { useApp } from "../app";
import { IconButton } from "../kit";
import { PeopleList, RingSomeone } from "./people";
import type { CallStageProps } from "./props";
import { conversationOf, look, placeName } from "./room";

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
  let panel!: HTMLElement;
  /** Whoever closes it from within goes on in the room. */
  const close = (): void => {
    const stage = panel.contains(document.activeElement) ? panel.closest<HTMLElement>(".stage") : null;
    look.setPanel(null);
    stage?.focus({ preventScroll: true });
  };
  return (
    <aside
      ref={panel}
      class="call-panel"
      aria-label={props.kind === "chat" ? room.panel.chat(title()) : title()}
      onKeyDown={(event) => {
        // In a menu or a dialog that was opened from here, Escape is theirs.
        const isHere = event.target instanceof Node && event.currentTarget.contains(event.target);
        if (event.key === "Escape" && isHere && !event.defaultPrevented) close();
      }}
    >
      <header class="call-panel-head">
        <h2 class="grow truncate">{title()}</h2>
        <Show when={props.kind === "people"}>
          <RingSomeone own={props.own} />
        </Show>
        <IconButton icon={X} label={room.panel.close} onClick={close} />
      </header>
      <Show when={props.kind === "chat"} fallback={<PeopleList own={props.own} />}>
        <props.Chat conversationId={props.own.call.conversation_id} callId={props.own.call.id} />
      </Show>
    </aside>
  );
}
