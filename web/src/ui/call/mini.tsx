import { Hand, Maximize2, Mic, MicOff, PhoneOff, Video, VideoOff, type IconNode } from "lucide";
import { createEffect, createMemo, createSignal, For, Match, on, onCleanup, onMount, Show, Switch, type JSX } from "solid-js";

import { mainOf, others, truthOf, type InCall } from "../../call";
import { format } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import { stored, store } from "../../platform/storage";
import { useApp } from "../app";
import { Avatar, Bars, Icon } from "../kit";
import type { MiniCallProps } from "./props";
import { After } from "./after";
import { lineOf } from "./outgoing";
import {
  calledPerson,
  conversationOf,
  itemsOf,
  look,
  placeName,
  startOf,
  tilesOf,
  trackOf,
  useCalls,
  useIn,
  useMedia,
  usePhase,
  useServerNow,
  type Tile,
} from "./room";
import { wishesOf } from "./room-view";
import { Picture } from "./picture";

type Corner = { right: boolean; bottom: boolean };

const WIDTH = 316;
const EDGE = 20;
const STRIP_MAX = 4;
const CORNER = "mini.corner";

/** The call while one is elsewhere. It lies in a corner, and never over what one writes in. */
export function MiniCall(props: MiniCallProps): JSX.Element {
  const phase = usePhase();
  const own = useIn();
  return (
    <Switch>
      <Match when={own()}>{(now) => <Mini own={now()} open={() => props.open()} />}</Match>
      <Match when={phase().kind === "after" && phase()} keyed>
        {(now) => (now.kind === "after" ? <div class="mini mini-after"><After after={now.after} /></div> : null)}
      </Match>
    </Switch>
  );
}

function Mini(props: { own: InCall; open: () => void }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const media = useMedia();
  const now = useServerNow();
  const text = room.mini;
  const conversation = createMemo(() => conversationOf(app, props.own.call.conversation_id));
  const tiles = createMemo(() => tilesOf(props.own));
  const byKey = createMemo(() => new Map(tiles().map((tile) => [tile.key, tile])));
  const main = createMemo((): Tile | undefined => {
    const item = mainOf(itemsOf(tiles(), media(), look.pinned()));
    return item === undefined ? undefined : byKey().get(item.key);
  });
  const strip = createMemo(() =>
    tiles()
      .filter((tile) => tile.key !== main()?.key && !tile.self)
      .slice(0, STRIP_MAX),
  );
  const isCalling = (): boolean =>
    props.own.call.phase === "ringing" && others(props.own.call, props.own.peerId).length === 0;
  const line = createMemo(() => {
    const id = calledPerson(app, conversation());
    return lineOf(truthOf(props.own.call.rings), id === undefined ? "" : app.firstName(id)).title;
  });

  createEffect(
    on([main, strip], () => {
      const placed = [main(), ...strip()].flatMap((tile, index) =>
        tile === undefined
          ? []
          : [{ key: tile.key, x: 0, y: 0, width: WIDTH, height: index === 0 ? 178 : 40, role: "grid" as const }],
      );
      calls.show(wishesOf(placed, byKey()));
    }),
  );

  // Where it lies ------------------------------------------------------------------------------
  let box!: HTMLDivElement;
  const [corner, setCorner] = createSignal<Corner>(rememberedCorner());
  const [dragged, setDragged] = createSignal<{ x: number; y: number } | null>(null);
  const [place, setPlace] = createSignal({ x: 0, y: 0 });
  const settle = (): void => {
    const height = box.offsetHeight;
    const width = box.offsetWidth;
    const { right, bottom } = corner();
    // Below the header of what is read, above the field one writes in.
    const field = document.querySelector(".composer")?.getBoundingClientRect();
    const floor = field === undefined || field.height === 0 ? window.innerHeight - EDGE : field.top - 12;
    const edge = Math.min(EDGE, (window.innerWidth - width) / 2);
    setPlace({
      x: right ? window.innerWidth - width - edge - (edge < EDGE ? 0 : 8) : edge,
      y: bottom ? Math.max(EDGE, floor - height) : 84,
    });
  };
  onMount(() => {
    settle();
    const observer = new ResizeObserver(settle);
    observer.observe(box);
    observer.observe(document.body);
    // The field one writes in grows and goes without telling.
    const timer = setInterval(settle, 1_000);
    onCleanup(() => {
      observer.disconnect();
      clearInterval(timer);
    });
  });
  createEffect(on(corner, settle, { defer: true }));
  const move = (next: Corner): void => {
    setCorner(next);
    store("device", CORNER, `${next.right ? "right" : "left"} ${next.bottom ? "bottom" : "top"}`);
  };
  const onKey = (event: KeyboardEvent): void => {
    const { right, bottom } = corner();
    switch (event.key) {
      case "ArrowLeft":
        move({ right: false, bottom });
        break;
      case "ArrowRight":
        move({ right: true, bottom });
        break;
      case "ArrowUp":
        move({ right, bottom: false });
        break;
      case "ArrowDown":
        move({ right, bottom: true });
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest("button") !== null)) return;
    const from = { x: event.clientX - place().x, y: event.clientY - place().y };
    box.setPointerCapture(event.pointerId);
    const onMove = (moved: PointerEvent): void => {
      setDragged({ x: moved.clientX - from.x, y: moved.clientY - from.y });
    };
    const onUp = (up: PointerEvent): void => {
      box.removeEventListener("pointermove", onMove);
      box.removeEventListener("pointerup", onUp);
      box.removeEventListener("pointercancel", onUp);
      if (dragged() !== null) {
        move({ right: up.clientX > window.innerWidth / 2, bottom: up.clientY > window.innerHeight / 2 });
      }
      setDragged(null);
      settle();
    };
    box.addEventListener("pointermove", onMove);
    box.addEventListener("pointerup", onUp);
    box.addEventListener("pointercancel", onUp);
  };
  const at = (): { x: number; y: number } => dragged() ?? place();


  return (
    <section
      class="mini"
      ref={box}
      aria-label={text.label}
      data-region
      aria-description={text.move}
      tabindex="0"
      classList={{ "mini-dragged": dragged() !== null }}
      style={{ transform: `translate(${String(at().x)}px, ${String(at().y)}px)` }}
      onKeyDown={onKey}
      onPointerDown={onPointerDown}
    >
      <div class="mini-head">
        <Show when={media().speaking.size > 0}>
          <Bars />
        </Show>
        <b class="truncate grow">{placeName(app, conversation())}</b>
        <time>{format.timer(now() - startOf(props.own))}</time>
        <MiniKey icon={Maximize2} name={text.back} quiet act={() => props.open()} />
      </div>
      <Show
        when={!isCalling()}
        fallback={
          <p class="mini-line" role="status">
            {line()}
          </p>
        }
      >
        <Show when={main()}>{(tile) => <MiniTile tile={tile()} own={props.own} large />}</Show>
        <Show when={strip().length > 0}>
          <div class="mini-strip">
            <For each={strip()}>{(tile) => <MiniTile tile={tile} own={props.own} />}</For>
          </div>
        </Show>
      </Show>
      <div class="mini-keys">
        <MiniKey
          icon={props.own.wanted.microphone ? Mic : MicOff}
          name={room.control.microphone[props.own.wanted.microphone ? "on" : "off"]}
          pressed={props.own.wanted.microphone}
          act={() => calls.toggle("microphone")}
        />
        <MiniKey
          icon={props.own.wanted.camera ? Video : VideoOff}
          name={room.control.camera[props.own.wanted.camera ? "on" : "off"]}
          pressed={props.own.wanted.camera}
          act={() => calls.toggle("camera")}
        />
        <MiniKey
          icon={Hand}
          name={room.control.hand[props.own.wanted.hand ? "on" : "off"]}
          pressed={props.own.wanted.hand}
          raised
          act={() => calls.do({ kind: "hand", up: !props.own.wanted.hand })}
        />
        <span class="grow small truncate">{props.own.wanted.microphone ? "" : text.muted}</span>
        <MiniKey icon={PhoneOff} name={room.control.leave} leave act={() => calls.do({ kind: "leave" })} />
      </div>
    </section>
  );
}

function MiniTile(props: { tile: Tile; own: InCall; large?: boolean }): JSX.Element {
  const app = useApp();
  const media = useMedia();
  const track = createMemo(() => trackOf(props.tile, props.own, media()));
  const person = (): Tile["participant"] => props.tile.participant;
  const isTalking = (): boolean => media().speaking.has(person().peer_id);
  return (
    <div
      class={props.large === true ? "mini-main" : "mini-face"}
      role="group"
      aria-label={app.personName(person().user_id)}
    >
      <Show when={track()} fallback={<Avatar of={app.user(person().user_id)} size={props.large === true ? 72 : 28} />}>
        {(shown) => <Picture track={shown()} person={person().user_id} mirrored={props.tile.self} />}
      </Show>
      <Show when={props.large}>
        <span class="tile-name">
          <Show when={isTalking()}>
            <Bars />
          </Show>
          {app.personName(person().user_id)}
        </span>
      </Show>
    </div>
  );
}

function MiniKey(props: {
  icon: IconNode;
  name: string;
  pressed?: boolean;
  /** On is what stands out, as with a raised hand. */
  raised?: boolean;
  leave?: boolean;
  quiet?: boolean;
  act: () => void;
}): JSX.Element {
  const isBright = (): boolean => props.pressed === false && props.raised !== true;
  return (
    <button
      type="button"
      class="mini-key"
      classList={{
        "mini-key-off": isBright(),
        "mini-key-on": props.raised === true && props.pressed === true,
        "mini-key-leave": props.leave === true,
        "mini-key-quiet": props.quiet === true,
      }}
      aria-label={props.name}
      aria-pressed={props.pressed}
      onClick={() => props.act()}
    >
      <Icon of={props.icon} />
    </button>
  );
}

function rememberedCorner(): Corner {
  const words = stored("device", CORNER);
  return words === null
    ? { right: true, bottom: false }
    : { right: words.startsWith("right"), bottom: words.endsWith("bottom") };
}
