import { BellOff, Info, MessageSquare, PenLine, Phone, PhoneForwarded, PhoneOff, Video, VideoOff, VolumeX } from "lucide";
import { createEffect, createMemo, createSignal, For, onCleanup, onMount, Show, type JSX } from "solid-js";

import { format } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import type { Ring } from "../../protocol/generated";
import { useApp } from "../app";
import { bind } from "../bind";
import { Avatar, Button, Icon, Menu, type MenuItem } from "../kit";
import { conversationOf, look, placeName, useCalls, useIn, useServerNow } from "./room";

/** Every call that wants an answer here. The newest is in front. */
export function RingCard(): JSX.Element {
  const calls = useCalls();
  const state = bind(calls.state);
  const own = useIn();
  const ids = createMemo(
    () =>
      state()
        .rings.map((ring) => ring.call_id)
        .reverse(),
    [],
    { equals: (a, b) => a.length === b.length && a.every((id, index) => id === b[index]) },
  );
  const first = createMemo(() => state().rings.at(-1));
  const app = useApp();
  // A tab one is not looking at says it in its title.
  createEffect(() => {
    const ring = first();
    if (ring === undefined) return;
    const before = document.title;
    document.title = room.ring.title(app.personName(ring.from));
    onCleanup(() => {
      document.title = before;
    });
  });
  return (
    <div class="rings" classList={{ "rings-in-room": own() !== undefined, "rings-beside": look.panel() !== null }}>
      <For each={ids()}>
        {(id) => (
          <Show when={state().rings.find((ring) => ring.call_id === id)}>{(ring) => <Card ring={ring()} />}</Show>
        )}
      </For>
    </div>
  );
}

function Card(props: { ring: Ring }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const own = useIn();
  const now = useServerNow();
  const text = room.ring;
  const [spoken, setSpoken] = createSignal("");
  let card!: HTMLDivElement;
  let primary!: HTMLButtonElement;
  const name = (): string => app.personName(props.ring.from);
  const conversation = createMemo(() => conversationOf(app, props.ring.conversation_id));
  const isDirect = (): boolean => conversation()?.kind !== "group";
  const isIn = (): boolean => own() !== undefined;
  const isVideo = (): boolean => props.ring.media === "video";
  const sounding = bind(calls.ringer.sounding);
  const isUnheard = (): boolean => sounding().isKeptSilent && !isIn() && !props.ring.silent;

  const answer = (media: "video" | "voice"): void => {
    look.reset();
    calls.do({ kind: "answer", callId: props.ring.call_id, media });
    app.go({ kind: "conversation", id: props.ring.conversation_id });
  };
  const decline = (message: string | null = null): void =>
    calls.do({ kind: "decline", callId: props.ring.call_id, message });
  const reply = (): void => {
    decline();
    app.go({ kind: "conversation", id: props.ring.conversation_id });
  };

  const replies = createMemo((): MenuItem[] => [
    ...text.replies.map((words): MenuItem => ({ kind: "item", label: words, run: () => decline(words) })),
    { kind: "separator" },
    { kind: "item", label: text.write, icon: PenLine, run: reply },
  ]);

  const onWindowKey = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.code !== "KeyA") return;
    event.preventDefault();
    primary.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // What is pressed in the menu of answers is the menu's.
    if (!(event.target instanceof Node) || !card.contains(event.target)) return;
    if (event.key === "Escape") decline();
    else if (event.key === "Enter" && event.target === card) answer(props.ring.media);
    else if (event.key.toLowerCase() === "v" && !isIn()) answer("voice");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  onMount(() => {
    window.addEventListener("keydown", onWindowKey);
    setSpoken(text.spoken(props.ring.media, name()));
  });
  onCleanup(() => window.removeEventListener("keydown", onWindowKey));

  return (
    <div
      class="ring"
      classList={{ "ring-second": isIn() }}
      role="alertdialog"
      data-region
      aria-label={text.name(props.ring.media, name())}
      tabindex="-1"
      ref={card}
      onKeyDown={onKey}
    >
      <div class="spoken" role="alert">
        {spoken()}
      </div>
      <div class="ring-who">
        <span class="halo" classList={{ "halo-breathing": !isIn() && !props.ring.silent }}>
          <Avatar of={app.user(props.ring.from)} size={72} />
        </span>
        <div class="ring-words">
          <p class="heading">{name()}</p>
          <p class="muted">
            {isDirect() ? text.isCalling[props.ring.media] : text.isCallingIn(placeName(app, conversation()))}
          </p>
          <Show when={props.ring.silent && !isIn()}>
            <p class="truth">
              <Icon of={BellOff} />
              {text.silent}
            </p>
          </Show>
          <p class="truth">
            <Show
              when={isIn()}
              fallback={
                <Show when={isVideo()}>
                  <Icon of={VideoOff} />
                  {text.cameraOff}
                </Show>
              }
            >
              <Icon of={Info} />
              {text.theySee(app.firstName(props.ring.from))}
            </Show>
          </p>
        </div>
      </div>
      <Show when={isUnheard()}>
        <div class="ring-unheard">
          <p class="truth grow" role="status">
            <Icon of={VolumeX} />
            {text.keptSilent}
          </p>
          <Button size="compact" onClick={() => calls.ringer.allow()}>
            {text.turnSoundOn}
          </Button>
        </div>
      </Show>
      <div class="ring-keys">
        <Show
          when={!isIn()}
          fallback={
            <Button ref={primary} kind="primary" size="large" icon={PhoneForwarded} class="ring-switch" onClick={() => answer(props.ring.media)}>
              {text.switch}
            </Button>
          }
        >
          <Button
            ref={(element: HTMLButtonElement) => {
              if (isVideo()) primary = element;
            }}
            kind={isVideo() ? "primary" : "plain"}
            size="large"
            icon={Video}
            class="ring-video"
            aria-label={text.answerVideo}
            onClick={() => answer("video")}
          >
            <span class="ring-long">{text.answerVideo}</span>
            <span class="ring-short">{text.video}</span>
          </Button>
          <Button
            ref={(element: HTMLButtonElement) => {
              if (!isVideo()) primary = element;
            }}
            kind={isVideo() ? "plain" : "primary"}
            size="large"
            icon={Phone}
            class="ring-voice"
            aria-label={text.answerVoice}
            onClick={() => answer("voice")}
          >
            <span class="ring-long">{text.answerVoice}</span>
            <span class="ring-short">{text.voice}</span>
          </Button>
        </Show>
        <Button kind="danger-quiet" icon={PhoneOff} class="ring-decline" onClick={() => decline()}>
          {text.decline}
        </Button>
        <Show when={isDirect()}>
          <Menu label={text.reply} class="button button-quiet button-normal ring-reply" placement="bottom-end" items={replies()}>
            <Icon of={MessageSquare} />
            {text.reply}
          </Menu>
        </Show>
      </div>
      <div class="ring-foot">
        <Show
          when={!isIn()}
          fallback={<span class="grow">{text.noSound(placeName(app, conversationOf(app, own()?.call.conversation_id)))}</span>}
        >
          <kbd>↵</kbd>
          <span>{isVideo() ? text.keys.video : text.keys.voice}</span>
          <Show when={isVideo()}>
            <kbd>V</kbd>
            <span>{text.keys.voice}</span>
          </Show>
          <kbd>Esc</kbd>
          <span class="grow">{text.keys.decline}</span>
        </Show>
        <span class="number">{format.timer(now() - props.ring.started_at)}</span>
      </div>
    </div>
  );
}
