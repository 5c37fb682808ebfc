import {
  Check,
  ChevronUp,
  Ellipsis,
  Hand,
  LayoutGrid,
  Maximize,
  MessageSquare,
  Mic,
  MicOff,
  Minimize2,
  PhoneOff,
  Presentation,
  ScreenShare,
  Settings,
  Users,
  Video,
  VideoOff,
  type IconNode,
} from "lucide";
import { createMemo, createSignal, Show, type Accessor, type JSX } from "solid-js";

import type { InCall, Mode } from "../../call";
import { room } from "../../core/i18n/call.en";
import type { ChoiceKind } from "../../platform/rtc";
import { useApp } from "../app";
import { bind } from "../bind";
import { Icon, Menu, type MenuItem } from "../kit";
import { EndForAll } from "./end-for-all";
import { look, mayHost, useCalls } from "./room";

/** A round key of the bar. Off is bright: it is the lightest thing there. */
export function Key(props: {
  icon: IconNode;
  name: string;
  label: string;
  pressed?: boolean;
  look?: "off" | "on" | "leave";
  count?: number;
  expanded?: boolean;
  disabled?: boolean;
  class?: string;
  act: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`key ${props.look === undefined ? "" : `key-${props.look}`} ${props.class ?? ""}`}
      aria-label={props.name}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      disabled={props.disabled}
      onClick={() => props.act()}
    >
      <span class="key-cap">
        <Icon of={props.icon} />
        <Show when={props.count}>{(count) => <span class="key-count">{count()}</span>}</Show>
      </span>
      <span class="key-label">{props.label}</span>
    </button>
  );
}

export type Wants = { microphone: boolean; camera: boolean; screen: boolean; hand: boolean };

/** Microphone and camera with their device menus: the same while calling and in the call. */
export function DeviceKeys(props: { wanted: Wants; isPhone?: boolean }): JSX.Element {
  const calls = useCalls();
  const text = room.control;
  const side = (on: boolean): "on" | "off" => (on ? "on" : "off");
  return (
    <>
      <div class="key-pair">
        <Key
          icon={props.wanted.microphone ? Mic : MicOff}
          name={text.microphone[side(props.wanted.microphone)]}
          label={text.microphoneShort[side(props.wanted.microphone)]}
          pressed={props.wanted.microphone}
          {...(props.wanted.microphone ? {} : { look: "off" as const })}
          act={() => calls.toggle("microphone")}
        />
        <DeviceMenu label={text.chooseMicrophone} kinds={["microphone", "speaker"]} />
      </div>
      <div class="key-pair">
        <Key
          icon={props.wanted.camera ? Video : VideoOff}
          name={text.camera[side(props.wanted.camera)]}
          label={text.cameraShort[side(props.wanted.camera)]}
          pressed={props.wanted.camera}
          {...(props.wanted.camera ? {} : { look: "off" as const })}
          act={() => calls.toggle("camera")}
        />
        <DeviceMenu label={text.chooseCamera} kinds={["camera"]} />
      </div>
    </>
  );
}

/** Keeps the place of a mark, so that what is not chosen stands below what is. */
const NO_ICON: IconNode = [];

function DeviceMenu(props: { label: string; kinds: readonly ChoiceKind[] }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const view = bind(calls.devices.view);
  const text = room.control;
  const items = createMemo((): MenuItem[] => {
    const { lists, chosen, quieter } = view();
    const all = props.kinds.flatMap((kind): MenuItem[] => {
      const prefix = (label: string): string => (kind === "speaker" ? text.speakerOf(label) : label);
      const choices = lists[kind].map((device, index): MenuItem => ({
        kind: "item",
        label: prefix(device.label === "" ? text.unnamed(index + 1) : device.label),
        icon: chosen[kind] === device.id ? Check : NO_ICON,
        run: () => calls.devices.choose(kind, device.id),
      }));
      const system: MenuItem = {
        kind: "item",
        label: prefix(text.system),
        icon: chosen[kind] === "" ? Check : NO_ICON,
        run: () => calls.devices.choose(kind, ""),
      };
      return [system, ...choices, { kind: "separator" }];
    });
    if (props.kinds.includes("microphone")) {
      all.push({
        kind: "item",
        label: text.quieter,
        icon: quieter ? Check : NO_ICON,
        run: () => calls.devices.setQuieter(!quieter),
      });
    }
    all.push({
      kind: "item",
      label: text.settings,
      icon: Settings,
      run: () => app.go({ kind: "settings", page: "sound" }),
    });
    return all;
  });
  return (
    <Menu label={props.label} class="key-caret" placement="top-start" items={items()}>
      <Icon of={ChevronUp} />
    </Menu>
  );
}

/** Everything one can do in the room. */
export function ControlBar(props: {
  own: InCall;
  unread: number;
  mode: Accessor<Mode>;
  fullScreen: () => void;
  minimise: () => void;
}): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const text = room.control;
  const [ending, setEnding] = createSignal(false);
  const wanted = (): Wants => props.own.wanted;
  const isSharing = (): boolean => props.own.devices.screen.kind === "on";
  const canShare = "mediaDevices" in navigator && "getDisplayMedia" in navigator.mediaDevices;
  const panel = (kind: "chat" | "people"): void => {
    look.setPanel(look.panel() === kind ? null : kind);
  };
  const layouts = createMemo((): MenuItem[] => [
    {
      kind: "item",
      label: text.grid,
      icon: props.mode() === "grid" ? Check : NO_ICON,
      run: () => look.setMode("grid"),
    },
    {
      kind: "item",
      label: text.speaker,
      icon: props.mode() === "speaker" ? Check : NO_ICON,
      run: () => look.setMode("speaker"),
    },
  ]);
  const more = createMemo((): MenuItem[] => {
    const items: MenuItem[] = [
      { kind: "item", label: text.full, icon: Maximize, run: () => props.fullScreen() },
      { kind: "item", label: text.mini, icon: Minimize2, run: () => props.minimise() },
      {
        kind: "item",
        label: text.settings,
        icon: Settings,
        run: () => app.go({ kind: "settings", page: "sound" }),
      },
    ];
    if (!isWide()) {
      items.unshift(
        { kind: "item", label: text.people, icon: Users, run: () => panel("people") },
        ...(canShare
          ? [
              {
                kind: "item" as const,
                label: text.share.off,
                icon: Presentation,
                run: () => calls.toggle("screen"),
              },
            ]
          : []),
      );
    }
    if (mayHost(app, props.own)) {
      items.push(
        { kind: "separator" },
        { kind: "item", label: text.endForAll, icon: PhoneOff, danger: true, run: () => setEnding(true) },
      );
    }
    return items;
  });

  return (
    <div class="controls" role="toolbar" aria-label={text.label}>
      <div class="controls-group">
        <DeviceKeys wanted={wanted()} />
        <Show when={canShare}>
          <Key
            class="wide-only"
            icon={ScreenShare}
            name={text.share[isSharing() ? "on" : "off"]}
            label={text.shareShort[isSharing() ? "on" : "off"]}
            pressed={isSharing()}
            {...(isSharing() ? { look: "on" as const } : {})}
            act={() => calls.toggle("screen")}
          />
        </Show>
        <Key
          icon={Hand}
          name={text.hand[wanted().hand ? "on" : "off"]}
          label={text.handShort[wanted().hand ? "on" : "off"]}
          pressed={wanted().hand}
          {...(wanted().hand ? { look: "on" as const } : {})}
          act={() => calls.do({ kind: "hand", up: !wanted().hand })}
        />
      </div>
      <div class="controls-group">
        <Key
          class="wide-only"
          icon={MessageSquare}
          name={props.unread > 0 ? text.chatNew(props.unread) : text.chat}
          label={text.chat}
          count={props.unread}
          expanded={look.panel() === "chat"}
          {...(look.panel() === "chat" ? { look: "on" as const } : {})}
          act={() => panel("chat")}
        />
        <Key
          class="wide-only"
          icon={Users}
          name={text.people}
          label={text.people}
          expanded={look.panel() === "people"}
          {...(look.panel() === "people" ? { look: "on" as const } : {})}
          act={() => panel("people")}
        />
        <Menu label={text.layout} class="key wide-only" placement="top-start" items={layouts()}>
          <span class="key-cap">
            <Icon of={LayoutGrid} />
          </span>
          <span class="key-label">{text.layout}</span>
        </Menu>
        <Menu label={text.more} class="key" placement="top-start" items={more()}>
          <span class="key-cap">
            <Icon of={Ellipsis} />
          </span>
          <span class="key-label">{text.more}</span>
        </Menu>
      </div>
      <div class="controls-group">
        <Key
          icon={PhoneOff}
          name={text.leave}
          label={text.leaveShort}
          look="leave"
          act={() => calls.do({ kind: "leave" })}
        />
      </div>
      <EndForAll own={props.own} open={ending()} close={() => setEnding(false)} />
    </div>
  );
}

/** Whether the bar has room for everything. */
export function isWide(): boolean {
  return matchMedia("(min-width: 760px)").matches;
}
