import { ArrowRightLeft, Lock, MessageSquare, MonitorSmartphone, Phone, PhoneMissed, PhoneOff, RefreshCw, WifiOff, X, type IconNode } from "lucide";
import { createMemo, Show, type JSX } from "solid-js";

import type { Aftermath } from "../../call";
import { room } from "../../core/i18n/call.en";
import type { ConversationId } from "../../protocol/generated";
import { useApp } from "../app";
import { Avatar, Icon } from "../kit";
import { calledPerson, conversationOf, placeName, useCalls } from "./room";

type Words = {
  icon: IconNode;
  tone: "plain" | "caution" | "bad";
  title: string;
  text: string;
  again: string | null;
  canWrite: boolean;
};

/** Why there is no call now, and what can be done about it. */
export function After(props: { after: Aftermath }): JSX.Element {
  const app = useApp();
  const calls = useCalls();
  const text = room.after;
  const conversationId = (): ConversationId =>
    props.after.kind === "unanswered" ? props.after.conversationId : props.after.request.conversationId;
  const conversation = createMemo(() => conversationOf(app, conversationId()));
  const person = createMemo(() => calledPerson(app, conversation()));
  const first = (): string => {
    const id = person();
    return id === undefined ? placeName(app, conversation()) : app.firstName(id);
  };
  const words = createMemo(() => wordsOf(props.after, first()));
  const dismiss = (): void => calls.do({ kind: "dismiss" });

  return (
    <div class="room after">
      <div class="after-card">
        <div class="row after-who">
          <Show when={person()}>{(id) => <Avatar of={app.user(id())} size={44} />}</Show>
          <h1>{placeName(app, conversation())}</h1>
        </div>
        <p class={`outgoing-truth tone-${words().tone}`} role="status">
          <Icon of={words().icon} size="large" />
          {words().title}
        </p>
        <p class="outgoing-text">{words().text}</p>
        <div class="row after-keys">
          <Show when={props.after.kind === "elsewhere"}>
            <button type="button" class="room-button" onClick={() => calls.do({ kind: "come_in_too", moveHere: true })}>
              <Icon of={ArrowRightLeft} />
              {text.moveHere}
            </button>
            <button type="button" class="room-button" onClick={() => calls.do({ kind: "come_in_too", moveHere: false })}>
              <Icon of={MonitorSmartphone} />
              {text.addDevice}
            </button>
          </Show>
          <Show when={words().again}>
            {(again) => (
              <button type="button" class="room-button" onClick={() => calls.do({ kind: "retry" })}>
                <Icon of={props.after.kind === "unanswered" ? Phone : RefreshCw} />
                {again()}
              </button>
            )}
          </Show>
          <Show when={words().canWrite}>
            <button
              type="button"
              class="room-button"
              onClick={() => {
                dismiss();
                app.go({ kind: "conversation", id: conversationId() });
              }}
            >
              <Icon of={MessageSquare} />
              {text.leaveMessage}
            </button>
          </Show>
          <button type="button" class="room-button" onClick={dismiss}>
            <Icon of={X} />
            {text.close}
          </button>
        </div>
      </div>
    </div>
  );
}

function wordsOf(after: Aftermath, first: string): Words {
  const text = room.after;
  switch (after.kind) {
    case "unanswered": {
      const seconds = Math.round((after.endedAt - after.startedAt) / 1_000);
      const base = { again: text.ringAgain, canWrite: true };
      switch (after.reason) {
        case "declined":
          return { ...base, icon: PhoneOff, tone: "plain", title: text.declined(first), text: "" };
        case "busy":
          return { ...base, icon: Phone, tone: "caution", title: text.busy(first), text: text.noAnswerText(first) };
        case "no_answer":
        case "left":
        case "ended_for_all":
        case "cancelled":
        case "connection_lost":
        case "alone":
        case "moved":
          return {
            ...base,
            icon: PhoneMissed,
            tone: "bad",
            title: text.noAnswer(seconds),
            text: text.noAnswerText(first),
          };
      }
      break;
    }
    case "refused": {
      const base = { icon: PhoneOff, tone: "bad", again: text.tryNow, canWrite: false } as const;
      if (after.code === "offline") return { ...base, icon: WifiOff, title: text.offline, text: text.offlineText };
      if (after.code === "call_ended" || after.code === "not_found") {
        return { ...base, tone: "plain", title: text.over, text: text.overText, again: null };
      }
      if (after.code === "rings_many") {
        return { ...base, icon: Phone, tone: "caution", title: text.many, text: after.message, again: text.ringMany };
      }
      if (after.code === "call_locked") return { ...base, icon: Lock, tone: "plain", title: text.locked, text: text.lockedText };
      if (after.code === "call_removed") return { ...base, title: text.removedRefused, text: text.removedText };
      if (after.code === "call_full") return { ...base, title: text.full, text: after.message };
      return { ...base, title: text.refused, text: after.message };
    }
    case "detached": {
      const base = { icon: WifiOff, tone: "caution", again: text.rejoin, canWrite: false } as const;
      if (after.reason === "removed") {
        return { ...base, icon: PhoneOff, again: null, title: text.removed, text: text.removedText };
      }
      if (after.reason === "moved") {
        return { ...base, icon: ArrowRightLeft, tone: "plain", again: text.moveBack, title: text.moved, text: text.movedText };
      }
      return after.reason === "replaced"
        ? { ...base, icon: Phone, title: text.replaced, text: text.replacedText }
        : { ...base, title: text.lost, text: text.lostText };
    }
    case "elsewhere":
      return {
        icon: MonitorSmartphone,
        tone: "plain",
        title: text.elsewhere(after.elsewhere.deviceName),
        text: text.elsewhereText,
        again: null,
        canWrite: false,
      };
  }
}
