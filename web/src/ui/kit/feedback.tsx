import { Check, CircleAlert, type IconNode } from "lucide";
import { createSignal, For, type JSX } from "solid-js";

import { Icon } from "./icon";

type Toast = { id: number; text: string; bad: boolean };

const SHOWN_MS = 5_000;
const [toasts, setToasts] = createSignal<readonly Toast[]>([]);
let next = 1;

/** Says what has happened, for a moment. */
export function toast(text: string, kind: "good" | "bad" = "good"): void {
  const id = next++;
  setToasts((all) => [...all.slice(-2), { id, text, bad: kind === "bad" }]);
  setTimeout(() => setToasts((all) => all.filter((one) => one.id !== id)), SHOWN_MS);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      <For each={toasts()}>
        {(one) => (
          <div class={`toast ${one.bad ? "toast-bad" : ""}`}>
            <Icon of={one.bad ? CircleAlert : Check} />
            <span class="grow">{one.text}</span>
          </div>
        )}
      </For>
    </div>
  );
}

const [spoken, setSpoken] = createSignal("");

/** Says something to screen readers alone, once. */
export function announce(text: string): void {
  setSpoken("");
  queueMicrotask(() => setSpoken(text));
}

export function Announcer(): JSX.Element {
  return (
    <div class="spoken" role="status" aria-live="polite">
      {spoken()}
    </div>
  );
}

export function Empty(props: {
  icon: IconNode;
  title: string;
  text?: string;
  children?: JSX.Element;
}): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-glyph">
        <Icon of={props.icon} size="large" />
      </span>
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      {props.children}
    </div>
  );
}

export function Skeleton(props: { rows: number }): JSX.Element {
  return (
    <div class="skeleton" aria-hidden="true">
      <For each={Array.from({ length: props.rows })}>
        {() => (
          <div class="skeleton-row">
            <i />
            <i />
            <i />
          </div>
        )}
      </For>
    </div>
  );
}
