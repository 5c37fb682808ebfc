import { Hand, LogIn, LogOut, MicOff, Mic, ScreenShareOff, UserRound, VideoOff, VolumeX, Wifi, X, type IconNode } from "lucide";
import { createEffect, createMemo, For, Show, type JSX } from "solid-js";

import type { InCall, Notice } from "../../call";
import { room } from "../../core/i18n/call.en";
import type { Media } from "../../platform/rtc";
import { useApp } from "../app";
import { bind } from "../bind";
import { announce, Icon } from "../kit";
import { useCalls, useServerNow } from "./room";

type Words = {
  icon: IconNode;
  title: string;
  text: string;
  close: (() => void) | null;
  act?: { label: string; run: () => void };
};

/** What has just happened in the room, in a sentence each, for a while. */
export function Notices(props: { own: InCall; media: Media }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const level = bind(calls.level);
  const text = room.notice;
  const hasKeys = matchMedia("(hover: hover)").matches;
  const wordsOf = (notice: Notice): Words => {
    const close = (): void => calls.do({ kind: "close_notice", notice });
    switch (notice.kind) {
      case "device": {
        const icon = { microphone: MicOff, camera: VideoOff, screen: ScreenShareOff }[notice.device];
        return { icon, ...text.problem[notice.device][notice.problem], close };
      }
      case "joined":
        return { icon: LogIn, title: text.joined(app.firstName(notice.userId)), text: "", close: null };
      case "left":
        return { icon: LogOut, title: text.left(app.firstName(notice.userId)), text: "", close: null };
      case "hand":
        return { icon: Hand, title: text.hand(app.firstName(notice.userId)), text: "", close: null };
      case "turned_off": {
        const icon = notice.device === "microphone" ? MicOff : ScreenShareOff;
        const title = text.turnedOff[notice.device](app.firstName(notice.by));
        return { icon, title, text: text.turnedOffText[notice.device], close };
      }
      case "was_lost":
        return {
          icon: Wifi,
          title: text.wasLost(Math.max(1, Math.round(notice.ms / 1_000))),
          text: text.wasLostText,
          close,
        };
    }
  };
  const now = useServerNow();
  const isTalkingMuted = createMemo(() => level().isTalking && !props.own.wanted.microphone);
  const all = createMemo((): Words[] => {
    const found = props.own.notices.map(wordsOf);
    if (isTalkingMuted()) {
      found.push({ icon: Mic, title: text.mutedAndTalking, text: hasKeys ? text.mutedAndTalkingText : text.mutedAndTalkingTouch, close: null });
    }
    if (props.own.silent) {
      found.push({
        icon: VolumeX,
        title: text.silent,
        text: text.silentText,
        close: null,
        act: { label: text.playHere, run: () => calls.do({ kind: "play_here" }) },
      });
    }
    const alone = props.own.call.alone;
    if (alone !== null && now() >= alone.hint_at) {
      const minutes = Math.max(1, Math.ceil((alone.ends_at - now()) / 60_000));
      const asks = now() >= alone.prompt_at;
      found.push({
        icon: UserRound,
        title: asks ? text.stillThere : text.alone,
        text: text.aloneText(minutes),
        close: null,
        act: { label: text.stay, run: () => void calls.stay().catch(() => undefined) },
      });
    }
    if (props.media.isBlocked) {
      found.push({ icon: VolumeX, title: text.blocked, text: text.blockedText, close: null });
    }
    return found;
  });
  // Each is said once.
  const said = new WeakSet<Notice>();
  createEffect(() => {
    for (const notice of props.own.notices) {
      if (said.has(notice)) continue;
      said.add(notice);
      const words = wordsOf(notice);
      announce(`${words.title}. ${words.text}`);
    }
  });

  return (
    <div class="notices">
      <For each={all()}>
        {(one) => (
          <div class="room-notice">
            <Icon of={one.icon} />
            <div class="grow">
              <b>{one.title}</b>
              <Show when={one.text !== ""}>
                <p>{one.text}</p>
              </Show>
            </div>
            <Show when={one.act}>
              {(act) => (
                <button type="button" class="room-button" onClick={() => act().run()}>
                  {act().label}
                </button>
              )}
            </Show>
            <Show when={one.close}>
              {(close) => (
                <button type="button" class="room-icon" aria-label={text.dismiss} onClick={() => close()()}>
                  <Icon of={X} />
                </button>
              )}
            </Show>
          </div>
        )}
      </For>
    </div>
  );
}
