/** What the views of a call read: the machine's state and the media, as signals. */
import { createMemo, createSignal, onCleanup, type Accessor } from "solid-js";

import {
  handPlace,
  others,
  participantOf,
  type InCall,
  type Item,
  type Mode,
  type Phase,
} from "../../call";
import { hostOf } from "../../core/calls";
import { Controller, pictureKey, type Media } from "../../platform/rtc";
import type { Conversation, ConversationId, Participant, PeerId } from "../../protocol/generated";
import { useApp, type App } from "../app";
import { bind } from "../bind";

/** The controller, as the views of a call need it. */
export function useCalls(): Controller {
  const { calls } = useApp();
  if (!(calls instanceof Controller)) throw new Error("calls are drawn where a controller runs them");
  return calls;
}

export function usePhase(): Accessor<Phase> {
  const state = bind(useCalls().state);
  return createMemo(() => state().phase);
}

/** The call one is in. */
export function useIn(): Accessor<InCall | undefined> {
  const phase = usePhase();
  return createMemo(() => {
    const now = phase();
    return now.kind === "in" ? now.in : undefined;
  });
}

export function useMedia(): Accessor<Media> {
  return bind(useCalls().media);
}

export function conversationOf(app: App, id: ConversationId | undefined): Conversation | undefined {
  return id === undefined ? undefined : app.conversations().get(id)?.conversation;
}

/** "#harbour-sensors", "Ingrid Dahl". */
export function placeName(app: App, conversation: Conversation | undefined): string {
  if (conversation === undefined) return "";
  const name = app.title(conversation);
  return conversation.kind === "channel" ? `#${name}` : name;
}

/** Whom the call rings, or who else is in the direct message. */
export function calledPerson(app: App, conversation: Conversation | undefined): Conversation["members"][number] | undefined {
  return conversation?.kind === "direct" ? conversation.members.find((one) => one !== app.me()) : undefined;
}

/** Whether this person hosts the call: in it as its host, or by what they are in the conversation. */
export function mayHost(app: App, own: InCall): boolean {
  const conversation = conversationOf(app, own.call.conversation_id);
  const me = app.me();
  if (conversation === undefined || conversation.kind === "direct" || me === undefined) return false;
  return hostOf(own.call) === me || conversation.created_by === me || app.user(me)?.role === "admin";
}

/** How the room is looked at. Kept while one goes elsewhere, forgotten with the call. */
const [mode, setMode] = createSignal<Mode | null>(null);
const [pinned, setPinned] = createSignal<string | null>(null);
const [panel, setPanel] = createSignal<"chat" | "people" | null>(null);

export const look = {
  mode,
  setMode,
  pinned,
  setPinned,
  panel,
  setPanel,
  reset: (): void => {
    setMode(null);
    setPinned(null);
    setPanel(null);
  },
};

/** Without a choice: two see each other large, more see everybody. */
export function modeOf(items: readonly Item[]): Mode {
  return mode() ?? (items.length <= 2 ? "speaker" : "grid");
}

export type Tile = {
  key: string;
  participant: Participant;
  source: "camera" | "screen";
  self: boolean;
};

/** A tile for every participant and one more for each screen; oneself last. */
export function tilesOf(own: InCall): Tile[] {
  const self = participantOf(own.call, own.peerId);
  const people = [...others(own.call, own.peerId), ...(self === undefined ? [] : [self])];
  return people.flatMap((participant): Tile[] => {
    const isSelf = participant.peer_id === own.peerId;
    const tile: Tile = {
      key: pictureKey(participant.peer_id, "camera"),
      participant,
      source: "camera",
      self: isSelf,
    };
    // One's own screen needs no picture of itself: that would show itself without end.
    return participant.screen.on && !isSelf
      ? [tile, { key: pictureKey(participant.peer_id, "screen"), participant, source: "screen", self: isSelf }]
      : [tile];
  });
}

export function itemsOf(tiles: readonly Tile[], media: Media, pinnedKey: string | null): Item[] {
  return tiles.map(({ key, participant, source, self }) => ({
    key,
    kind: source,
    self,
    pinned: key === pinnedKey,
    talkedAt: media.talkedAt.get(participant.peer_id) ?? 0,
  }));
}

/** The track a tile shows now, if it shows one. */
export function trackOf(tile: Tile, own: InCall, media: Media): MediaStreamTrack | null {
  if (tile.self) {
    const isOn = own.wanted.camera && own.devices.camera.kind === "on";
    return isOn ? media.own.camera : null;
  }
  const isOn = tile.source === "camera" ? tile.participant.camera.on : tile.participant.screen.on;
  return isOn ? (media.pictures.get(tile.key)?.track ?? null) : null;
}

export function placeInLine(own: InCall, peer: PeerId): number {
  return handPlace(own.call, peer);
}

/** When the talk began, or the call while nobody has come. */
export function startOf(own: InCall): number {
  return own.call.answered_at ?? own.call.started_at;
}

/** The server's time, often enough for seconds to be right. */
export function useServerNow(): Accessor<number> {
  const calls = useCalls();
  const [now, setNow] = createSignal(calls.serverNow());
  const timer = setInterval(() => setNow(calls.serverNow()), 250);
  onCleanup(() => clearInterval(timer));
  return now;
}

export function secondsSince(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) / 1_000));
}
