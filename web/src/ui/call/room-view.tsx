import { ChevronDown, Hash, Lock, Maximize, MessageSquare, Minimize, PictureInPicture2, ScreenShare, Users } from "lucide";
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show, type Accessor, type JSX } from "solid-js";

import { arrange, carrying, shortfallOf, type InCall, type Layout, type Placed } from "../../call";
import { format } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import type { Wish } from "../../platform/rtc";
import { useApp } from "../app";
import { bind } from "../bind";
import { Avatar, Icon, IconButton } from "../kit";
import { ControlBar } from "./controls";
import { Notices } from "./notices";
import {
  calledPerson,
  conversationOf,
  itemsOf,
  look,
  modeOf,
  secondsSince,
  startOf,
  tilesOf,
  useCalls,
  useMedia,
  useServerNow,
  type Tile,
} from "./room";
import { SignalBars } from "./signal-bars";
import { TileView } from "./tile";

/** Heights asked for are rounded up to this, so that a window being resized does not ask each pixel. */
const HEIGHT_STEP_PX = 60;
const ASK_AFTER_MS = 120;

/** The room: who is in the call, large, and what one can do. */
export function RoomView(props: { own: Accessor<InCall>; unread: number; minimise: () => void }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const media = useMedia();
  const machine = bind(calls.state);
  const now = useServerNow();
  const conversation = createMemo(() => conversationOf(app, props.own().call.conversation_id));
  const [box, setBox] = createSignal({ width: 0, height: 0 });
  const tiles = createMemo(() => tilesOf(props.own()));
  const items = createMemo(() => itemsOf(tiles(), media(), look.pinned()));
  const mode = createMemo(() => modeOf(items()));
  const layout = createMemo((): Layout => arrange(items(), mode(), box()));
  const byKey = createMemo(() => new Map(tiles().map((tile) => [tile.key, tile])));
  const placedByKey = createMemo(() => new Map(layout().tiles.map((placed) => [placed.key, placed])));
  // In the order of the people, so that the reading order stays when the places change.
  const shown = createMemo(
    () => tiles().flatMap(({ key }) => (placedByKey().has(key) ? [key] : [])),
    [],
    { equals: (a, b) => a.length === b.length && a.every((key, index) => key === b[index]) },
  );

  let stage!: HTMLDivElement;
  let floor!: HTMLDivElement;
  onMount(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setBox({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(floor);
    onCleanup(() => observer.disconnect());
  });

  // What is on the screen is what is asked for, a moment after it has come to rest.
  const wishes = createMemo(() => wishesOf(layout().tiles, byKey()));
  createEffect(
    on(wishes, (wanted) => {
      const timer = setTimeout(() => calls.show(wanted), ASK_AFTER_MS);
      onCleanup(() => clearTimeout(timer));
    }),
  );

  const less = createMemo(
    () =>
      layout().tiles.filter(({ key }) => shortfallOf(media().pictures.get(key)?.received) !== null).length,
  );
  const leg = createMemo(() => carrying(props.own().legs));
  const [full, setFull] = createSignal(false);
  const onFull = (): void => {
    setFull(document.fullscreenElement !== null);
  };
  document.addEventListener("fullscreenchange", onFull);
  onCleanup(() => document.removeEventListener("fullscreenchange", onFull));
  const fullScreen = (): void => {
    if (full()) void document.exitFullscreen();
    else stage.requestFullscreen().catch(() => undefined);
  };
  const person = createMemo(() => calledPerson(app, conversation()));
  const timer = (): string => format.timer(now() - startOf(props.own()));
  const people = (): number => new Set(props.own().call.participants.map((one) => one.user_id)).size;
  const title = (): string => {
    const held = conversation();
    return held === undefined ? "" : app.title(held);
  };
  /** Who shows a screen; empty for oneself. */
  const sharing = createMemo((): string | null => {
    const one = props.own().call.participants.find((each) => each.screen.on);
    if (one === undefined) return null;
    return one.peer_id === props.own().peerId ? "" : app.firstName(one.user_id);
  });
  const lost = (): number | null => {
    const state = leg()?.state;
    return state?.kind === "down" ? secondsSince(state.since, Date.now()) : null;
  };

  /** At the top, and on a phone, where the title needs that room, below the tiles. */
  const StateLine = (): JSX.Element => (
    <HeadLine
      lost={lost()}
      isOnline={machine().online}
      isConnecting={leg() !== undefined && !props.own().wasUp}
      less={less()}
      sharing={sharing()}
    />
  );

  return (
    <div class="room" ref={stage}>
      <div class="room-head">
        <button type="button" class="room-icon phone-only" aria-label={room.header.mini} onClick={() => props.minimise()}>
          <Icon of={ChevronDown} />
        </button>
        <Show
          when={person()}
          fallback={
            <Icon
              of={conversation()?.kind === "group" ? Users : conversation()?.visibility === "private" ? Lock : Hash}
            />
          }
        >
          {(id) => <Avatar of={app.user(id())} size={28} />}
        </Show>
        <div class="room-title">
          <h1 class="truncate">{title()}</h1>
          <span class="room-timer">
            <time>{timer()}</time>
            <span class="phone-only">{`, ${room.header.people(people())}`}</span>
          </span>
        </div>
        <span class="grow" />
        <span class="wide-only">
          <StateLine />
        </span>
        <IconButton class="wide-only" icon={PictureInPicture2} label={room.header.mini} onClick={() => props.minimise()} />
        <IconButton
          class="wide-only"
          icon={full() ? Minimize : Maximize}
          label={full() ? room.header.notFull : room.header.full}
          onClick={fullScreen}
        />
        <button
          type="button"
          class="room-icon phone-only"
          aria-label={props.unread > 0 ? room.control.chatNew(props.unread) : room.control.chat}
          onClick={() => look.setPanel("chat")}
        >
          <Icon of={MessageSquare} />
          <Show when={props.unread > 0}>
            <span class="key-count">{props.unread}</span>
          </Show>
        </button>
      </div>
      <div class="room-floor" ref={floor}>
        <For each={shown()}>
          {(key) => (
            <Show when={byKey().get(key)}>
              {(tile) => (
                <Show when={placedByKey().get(key)}>
                  {(placed) => (
                    <TileView tile={tile()} own={props.own()} media={media()} placed={placed()} now={now} />
                  )}
                </Show>
              )}
            </Show>
          )}
        </For>
      </div>
      <div class="room-foot">
        <span class="grow truncate">{layout().hidden.length > 0 ? room.tile.hidden(layout().hidden.length) : ""}</span>
        <span class="phone-only">
          <StateLine />
        </span>
      </div>
      <Notices own={props.own()} media={media()} />
      <ControlBar own={props.own()} unread={props.unread} mode={mode} fullScreen={fullScreen} minimise={() => props.minimise()} />
    </div>
  );
}

function HeadLine(props: {
  lost: number | null;
  isOnline: boolean;
  isConnecting: boolean;
  less: number;
  sharing: string | null;
}): JSX.Element {
  const text = room.header;
  const line = createMemo((): { tone: string; words: string; bars: number | null } | null => {
    if (props.lost !== null) return { tone: "caution", words: text.lost(props.lost), bars: 0 };
    if (!props.isOnline) return { tone: "caution", words: text.noServer, bars: null };
    if (props.isConnecting) return { tone: "plain", words: text.connecting, bars: null };
    if (props.less > 0) return { tone: "caution", words: text.less(props.less), bars: 2 };
    if (props.sharing !== null) {
      return { tone: "plain", words: props.sharing === "" ? text.youShare : text.shares(props.sharing), bars: null };
    }
    return null;
  });
  return (
    <span role="status">
      <Show when={line()}>
        {(found) => (
          <span class={`truth tone-${found().tone}`}>
            <Show when={found().bars !== null} fallback={<Show when={props.sharing !== null}><Icon of={ScreenShare} /></Show>}>
              <SignalBars lit={found().bars ?? 0} />
            </Show>
            {found().words}
          </span>
        )}
      </Show>
    </span>
  );
}

/** What has to come in so that these places can be filled: large ones first. */
export function wishesOf(placed: readonly Placed[], tiles: ReadonlyMap<string, Tile>): Wish[] {
  const scale = Math.min(window.devicePixelRatio, 2);
  return [...placed]
    .sort((a, b) => b.height - a.height)
    .flatMap(({ key, height }): Wish[] => {
      const tile = tiles.get(key);
      if (tile === undefined || tile.self) return [];
      const isOn = tile.source === "camera" ? tile.participant.camera.on : tile.participant.screen.on;
      if (!isOn) return [];
      return [
        {
          peerId: tile.participant.peer_id,
          source: tile.source,
          heightPx: Math.ceil((height * scale) / HEIGHT_STEP_PX) * HEIGHT_STEP_PX,
          pinned: look.pinned() === key,
        },
      ];
    });
}
