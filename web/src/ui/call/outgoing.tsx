import { BellOff, BellRing, Check, Clock, LoaderCircle, MessageSquare, Moon, PhoneCall, PhoneOff, PictureInPicture2, Smartphone, User, Users, type IconNode } from "lucide";
import { createMemo, createSignal, Show, type JSX } from "solid-js";

import { truthOf, type Truth } from "../../call";
import { format } from "../../core/i18n";
import { room } from "../../core/i18n/call.en";
import { RING_TIMEOUT_MS, type CallState, type ConversationId, type RingState } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Icon, IconButton } from "../kit";
import { DeviceKeys, Key, type Wants } from "./controls";
import { calledPerson, conversationOf, placeName, secondsSince, useCalls, useMedia, useServerNow } from "./room";
import { Picture } from "./picture";

/** What makes an answer unlikely, so that a message instead is offered. */
const UNLIKELY: ReadonlySet<Truth["kind"]> = new Set(["notified", "offline", "busy", "quiet", "do_not_disturb"]);

export type Line = { icon: IconNode; tone: "plain" | "good" | "caution" | "bad"; title: string; text: string };

/** What is known of a ring, as one line and what it means. */
export function lineOf(truth: Truth, first: string): Line {
  const text = room.outgoing;
  switch (truth.kind) {
    case "calling":
      return { icon: LoaderCircle, tone: "plain", title: text.calling, text: text.callingText };
    case "ringing":
      return { icon: BellRing, tone: "good", title: text.ringing(truth.devices), text: "" };
    case "notified":
      return {
        icon: Smartphone,
        tone: "caution",
        title: text.notified(format.time(truth.at)),
        text: text.notifiedText,
      };
    case "offline":
      return { icon: Smartphone, tone: "caution", title: text.offline(first), text: text.offlineText(first) };
    case "busy":
      return { icon: PhoneCall, tone: "caution", title: text.busy, text: text.busyText(first) };
    case "off_hours":
      return { icon: Clock, tone: "caution", title: text.offHours, text: text.offHoursText(first) };
    case "quiet":
      return { icon: BellOff, tone: "caution", title: text.quiet, text: text.quietText(first) };
    case "do_not_disturb":
      return { icon: Moon, tone: "caution", title: text.doNotDisturb, text: text.doNotDisturbText(first) };
    case "answered":
      return { icon: Check, tone: "good", title: text.answered, text: text.answeredText };
    case "declined":
      return { icon: PhoneOff, tone: "plain", title: text.declined, text: "" };
    case "no_answer":
      return { icon: PhoneOff, tone: "bad", title: text.noAnswer, text: "" };
    case "waiting":
      return { icon: Users, tone: "plain", title: text.waiting, text: text.waitingText };
  }
}

/** The stage while one calls: the own picture, and the truth about the ring. */
export function Outgoing(props: {
  conversationId: ConversationId;
  /** Null until the server has answered. */
  call: CallState | null;
  /** One comes in where others are: their picture is about to be here, so the own one is not shown large first. */
  joins?: boolean;
  wanted: Wants;
  minimise: () => void;
}): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const media = useMedia();
  const now = useServerNow();
  const text = room.outgoing;
  const conversation = createMemo(() => conversationOf(app, props.conversationId));
  const person = createMemo(() => calledPerson(app, conversation()));
  const name = (): string => placeName(app, conversation());
  const first = (): string => {
    const id = person();
    return id === undefined ? name() : app.firstName(id);
  };
  const rings = (): RingState[] => props.call?.rings ?? [];
  const truth = createMemo((): Truth | null => (props.call === null ? null : truthOf(rings())));
  const line = createMemo((): Line => {
    const known = truth();
    if (known === null) {
      return { icon: LoaderCircle, tone: "plain", title: props.joins === true ? text.joining : text.reaching, text: "" };
    }
    return lineOf(known, first());
  });
  const isUnlikely = (): boolean => UNLIKELY.has(truth()?.kind ?? "calling");
  const writeInstead = (): void => {
    calls.do({ kind: "leave" });
    app.go({ kind: "conversation", id: props.conversationId });
  };
  const seconds = (): number => secondsSince(props.call?.started_at ?? now(), now());
  const picture = (): MediaStreamTrack | null =>
    props.wanted.camera && props.joins !== true ? media().own.camera : null;
  /** Of whoever calls, when that comes before the server has let this page in. */
  const early = (): MediaStreamTrack | undefined =>
    props.joins === true ? [...media().pictures.values()][0]?.track : undefined;
  const [isSeen, setIsSeen] = createSignal(false);

  return (
    <div class="room">
      <div class="room-head">
        <Show when={person()}>{(id) => <Avatar of={app.user(id())} size={28} />}</Show>
        <h1>{name()}</h1>
        <span class="grow" />
        <Show when={props.joins !== true && person()}>
          <span class="truth">
            <Icon of={User} />
            {text.only(first())}
          </span>
        </Show>
        <IconButton icon={PictureInPicture2} label={room.header.mini} onClick={() => props.minimise()} />
      </div>
      <div class="outgoing">
        <Show when={picture()}>{(track) => <Picture track={track()} mirrored />}</Show>
        <Show when={early()}>{(track) => <Picture track={track()} person={person()} seen={() => setIsSeen(true)} />}</Show>
        <Show when={early() === undefined || !isSeen()}>
          <div class="outgoing-shade" />
          <div class="outgoing-words">
            <span class="halo" classList={{ "halo-breathing": line().tone === "good" }}>
              <Show when={person()} fallback={<span class="outgoing-place"><Icon of={Users} size="large" /></span>}>
                {(id) => <Avatar of={app.user(id())} size={72} />}
              </Show>
            </span>
            <p class="outgoing-name">{name()}</p>
            <p class={`outgoing-truth tone-${line().tone}`} role="status">
              <Icon of={line().icon} size="large" />
              {line().title}
            </p>
            <Show when={line().text !== ""}>
              <p class="outgoing-text">{line().text}</p>
            </Show>
            <Show when={props.call}>
              <p class="outgoing-text">
                <span class="number">{format.timer(seconds() * 1_000)}</span>
                <Show when={rings().length > 0}>{text.of(RING_TIMEOUT_MS / 1_000)}</Show>
              </p>
            </Show>
          </div>
        </Show>
        <Show when={props.joins !== true}>
          <span class="tile-name outgoing-self">
            {picture() === null ? text.nobodyHears : text.nobodySees}
          </span>
        </Show>
      </div>
      <div class="controls" role="toolbar" aria-label={room.control.label}>
        <div class="controls-group">
          <DeviceKeys wanted={props.wanted} />
        </div>
        <div class="controls-group">
          <Show when={person() !== undefined && isUnlikely()}>
            <Key icon={MessageSquare} name={text.leaveMessage} label={text.leaveMessageShort} act={writeInstead} />
          </Show>
          <Key
            icon={PhoneOff}
            name={text.cancel}
            label={text.cancel}
            look="leave"
            act={() => calls.do({ kind: "leave" })}
          />
        </div>
      </div>
    </div>
  );
}
