import { Hand, MicOff, Pin, PinOff, ScreenShare } from "lucide";
import { createMemo, Show, type Accessor, type JSX } from "solid-js";

import { barsOf, shortfallOf, type InCall, type Placed } from "../../call";
import { room } from "../../core/i18n/call.en";
import type { Media } from "../../platform/rtc";
import { useApp } from "../app";
import { Avatar, Bars, Icon } from "../kit";
import { Picture } from "./picture";
import { look, placeInLine, secondsSince, trackOf, type Tile } from "./room";
import { SignalBars } from "./signal-bars";

/** Below this width a tile says less, and says it elsewhere. */
const NARROW = 300;

/** One person, or one screen, in the room. */
export function TileView(props: {
  tile: Tile;
  own: InCall;
  media: Media;
  placed: Placed;
  now: Accessor<number>;
}): JSX.Element {
  const app = useApp();
  const text = room.tile;
  const isScreen = (): boolean => props.tile.source === "screen";
  const person = (): Tile["participant"] => props.tile.participant;
  const first = (): string => app.firstName(person().user_id);
  const isOtherDevice = (): boolean => !props.tile.self && person().user_id === app.me();
  const fullName = (): string =>
    isOtherDevice() ? text.youOn(person().device_name) : app.personName(person().user_id);
  const isMuted = (): boolean =>
    props.tile.self ? !props.own.wanted.microphone : !person().microphone.on;
  const isTalking = (): boolean => !isScreen() && !isMuted() && props.media.speaking.has(person().peer_id);
  const track = createMemo(() => trackOf(props.tile, props.own, props.media));
  const hand = (): number => (isScreen() ? 0 : placeInLine(props.own, person().peer_id));
  const lostFor = (): number | null => {
    const { connection } = person();
    return connection.kind === "reconnecting" && !props.tile.self
      ? secondsSince(connection.since, props.now())
      : null;
  };
  const received = (): ReturnType<Media["pictures"]["get"]> => props.media.pictures.get(props.tile.key);
  const shortfall = createMemo(() =>
    track() === null || props.tile.self ? null : shortfallOf(received()?.received),
  );
  /** Nothing comes: the last picture would look like somebody who does not move. */
  const isPaused = (): boolean => {
    const found = shortfall();
    return found !== null && found.heightPx === null;
  };
  const narrow = (): boolean => props.placed.width < NARROW;
  const less = (): string => {
    const found = shortfall();
    if (found === null) return "";
    return narrow()
      ? text.lessShort[found.kind](found.heightPx)
      : text.less[found.kind](found.heightPx, first());
  };
  const spoken = createMemo((): string => {
    if (isScreen()) return text.screenOf(fullName());
    const words = [props.tile.self ? text.you : fullName()];
    if (isMuted()) words.push(text.muted);
    else if (isTalking()) words.push(text.talking);
    if (hand() > 0) words.push(text.hand(hand()));
    if (!props.tile.self && !person().camera.on) words.push(text.voiceOnly);
    if (lostFor() !== null) words.push(text.reconnecting(first()));
    const found = shortfall();
    if (found?.heightPx !== undefined && found.heightPx !== null) words.push(text.because[found.kind](found.heightPx));
    return words.join(", ");
  });
  const shownName = (): string => {
    if (props.tile.self) return text.you;
    const name = narrow() && !isOtherDevice() ? first() : fullName();
    if (isScreen()) return text.screenOf(name);
    return !person().camera.on && person().connection.kind === "connected" && !narrow()
      ? `${name}, ${text.voiceOnly}`
      : name;
  };
  const isPinned = (): boolean => look.pinned() === props.tile.key;

  return (
    <div
      role="group"
      aria-label={spoken()}
      class={`tile tile-${props.placed.role}`}
      classList={{ "tile-talking": isTalking(), "tile-narrow": narrow(), "tile-screen": isScreen() }}
      style={{
        transform: `translate(${String(props.placed.x)}px, ${String(props.placed.y)}px)`,
        width: `${String(props.placed.width)}px`,
        height: `${String(props.placed.height)}px`,
        "--hue": app.user(person().user_id)?.hue ?? 80,
      }}
    >
      <Show
        when={track()}
        fallback={
          <Show when={lostFor() === null}>
            <Avatar of={app.user(person().user_id)} size={props.placed.height < 150 ? 36 : 72} />
          </Show>
        }
      >
        {(shown) => <Picture track={shown()} person={person().user_id} mirrored={props.tile.self} />}
      </Show>
      <Show when={isPaused() && lostFor() === null}>
        <div class="tile-paused">
          <Avatar of={app.user(person().user_id)} size={props.placed.height < 150 ? 36 : 72} />
        </div>
      </Show>
      <Show when={lostFor() !== null}>
        <div class="tile-veil">
          <span class="room-spinner" />
          <b>{narrow() ? text.reconnectingShort : text.reconnecting(first())}</b>
          <span>{narrow() ? text.lostForShort(lostFor() ?? 0) : text.lostFor(lostFor() ?? 0)}</span>
        </div>
      </Show>
      <Show when={hand() > 0}>
        <span class="tile-hand">
          <Icon of={Hand} />
          {text.handShort(hand())}
        </span>
      </Show>
      <span class="tile-name">
        <Show when={isScreen()}>
          <Icon of={ScreenShare} />
        </Show>
        <Show when={!isScreen() && isMuted()}>
          <Icon of={MicOff} />
        </Show>
        <Show when={isTalking()}>
          <Bars />
        </Show>
        <span class="truncate">{shownName()}</span>
      </span>
      <Show when={shortfall()}>
        {(found) => (
          <span class="tile-why">
            <SignalBars lit={barsOf(found().heightPx)} />
            {less()}
          </span>
        )}
      </Show>
      <Show when={props.placed.role !== "float"}>
        <button
          type="button"
          class="tile-pin"
          aria-pressed={isPinned()}
          aria-label={isPinned() ? text.unpin(shownName()) : text.pin(shownName())}
          onClick={() => look.setPinned(isPinned() ? null : props.tile.key)}
        >
          <Icon of={isPinned() ? PinOff : Pin} />
        </button>
      </Show>
    </div>
  );
}
