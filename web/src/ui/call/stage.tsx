import { createEffect, createMemo, createSignal, Match, on, onCleanup, onMount, Show, Switch, type JSX } from "solid-js";

import { others, participantOf } from "../../call";
import { room } from "../../core/i18n/call.en";
import type { ConversationId } from "../../protocol/generated";
import { useApp } from "../app";
import type { CallStageProps } from "./props";
import { After } from "./after";
import { Outgoing } from "./outgoing";
import { Panel } from "./panel";
import { look, useCalls, useIn, usePhase } from "./room";
import { RoomView } from "./room-view";

/** The call in place of its conversation: calling, the room, or why there is none any more. */
export function CallStage(props: CallStageProps): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const phase = usePhase();
  const own = useIn();
  const conversationId = createMemo((): ConversationId | undefined => own()?.call.conversation_id);
  const isAlone = createMemo(() => {
    const now = own();
    return now !== undefined && now.call.phase === "ringing" && others(now.call, now.peerId).length === 0;
  });
  const joining = createMemo(() => {
    const now = phase();
    return now.kind === "joining" ? now.request : undefined;
  });
  const inRoom = createMemo(() => (isAlone() ? undefined : own()));

  // What is written while the panel is closed.
  const [readUpTo, setReadUpTo] = createSignal(0);
  const lastSeq = createMemo(() => {
    const id = conversationId();
    return id === undefined ? 0 : (app.conversations().get(id)?.conversation.last_seq ?? 0);
  });
  createEffect(
    on([() => look.panel(), lastSeq, conversationId], ([panel, last], before) => {
      if (panel === "chat" || before === undefined) setReadUpTo(last);
    }),
  );
  const unread = createMemo(() => {
    const id = conversationId();
    const read = id === undefined ? undefined : app.conversations().get(id)?.read;
    return look.panel() === "chat" || readUpTo() === lastSeq() ? 0 : (read?.unread ?? 0);
  });

  let region!: HTMLElement;
  const [talkHeld, setTalkHeld] = createSignal(false);
  const onKeyDown = (event: KeyboardEvent): void => {
    const now = own();
    if (now === undefined || event.defaultPrevented) return;
    if (event.ctrlKey && event.shiftKey && event.code === "KeyL") {
      event.preventDefault();
      calls.do({ kind: "leave" });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (!isInRoom(event.target, region)) return;
    // What is typed with nothing in focus goes into the message beside the room.
    if (event.target === document.body && look.panel() === "chat") return;
    switch (event.code) {
      case "KeyM":
        if (!event.repeat) calls.toggle("microphone");
        break;
      case "KeyV":
        if (!event.repeat) calls.toggle("camera");
        break;
      case "KeyH":
        if (!event.repeat) calls.do({ kind: "hand", up: !now.wanted.hand });
        break;
      case "KeyC":
        look.setPanel(look.panel() === "chat" ? null : "chat");
        break;
      case "KeyP":
        look.setPanel(look.panel() === "people" ? null : "people");
        break;
      case "KeyW":
        look.setMode(look.mode() === "speaker" ? "grid" : "speaker");
        break;
      case "Space":
        // A button with the focus takes the space bar for itself.
        if (isButton(event.target)) return;
        if (!event.repeat && !now.wanted.microphone) {
          setTalkHeld(true);
          calls.do({ kind: "toggle", device: "microphone", on: true });
        }
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const letGo = (): void => {
    if (!talkHeld()) return;
    setTalkHeld(false);
    calls.do({ kind: "toggle", device: "microphone", on: false });
  };
  const onKeyUp = (event: KeyboardEvent): void => {
    if (event.code === "Space") letGo();
  };
  onMount(() => {
    window.addEventListener("keydown", onKeyDown);
    window.addEventListener("keyup", onKeyUp);
    // Whoever goes elsewhere with the key held is muted again.
    window.addEventListener("blur", letGo);
    region.focus({ preventScroll: true });
  });
  onCleanup(() => {
    letGo();
    window.removeEventListener("keydown", onKeyDown);
    window.removeEventListener("keyup", onKeyUp);
    window.removeEventListener("blur", letGo);
  });

  return (
    <section class="stage" ref={region} aria-label={room.call} tabindex="-1">
      <Switch>
        <Match when={joining()}>
          {(request) => (
            <Outgoing
              conversationId={request().conversationId}
              call={null}
              joins={request().kind === "join"}
              wanted={request().wanted}
              minimise={() => props.minimise()}
            />
          )}
        </Match>
        <Match when={isAlone() && own()}>
          {(now) => (
            <Outgoing conversationId={now().call.conversation_id} call={now().call} wanted={now().wanted} minimise={() => props.minimise()} />
          )}
        </Match>
        <Match when={inRoom()}>
          {(now) => (
            <Show when={participantOf(now().call, now().peerId)}>
              <RoomView own={now} unread={unread()} minimise={() => props.minimise()} />
              <Show when={look.panel()} keyed>
                {(kind) => <Panel own={now()} kind={kind} Chat={props.Chat} />}
              </Show>
            </Show>
          )}
        </Match>
        <Match when={phase().kind === "after" && phase()} keyed>
          {(now) => (now.kind === "after" ? <After after={now.after} /> : null)}
        </Match>
      </Switch>
    </section>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=textbox], [role=menu] *"))
  );
}

function isButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, [role=menuitem], [role=switch]") !== null;
}

/** Keys count in the room, and where nothing has the focus. */
function isInRoom(target: EventTarget | null, region: HTMLElement): boolean {
  return target === document.body || (target instanceof Node && region.contains(target));
}
