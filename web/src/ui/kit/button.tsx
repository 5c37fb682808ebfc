import type { IconNode } from "lucide";
import { Show, splitProps, type JSX } from "solid-js";

import { Icon } from "./icon";

type Kind = "plain" | "primary" | "quiet" | "danger" | "danger-quiet";
type Size = "compact" | "normal" | "large";

type Props = {
  kind?: Kind;
  size?: Size;
  icon?: IconNode;
  /** Something is on its way: the button waits with its words kept. */
  busy?: boolean;
} & JSX.ButtonHTMLAttributes<HTMLButtonElement>;

export function Button(props: Props): JSX.Element {
  const [own, rest] = splitProps(props, ["kind", "size", "icon", "busy", "children", "class"]);
  return (
    <button
      type="button"
      {...rest}
      class={`button button-${own.kind ?? "plain"} button-${own.size ?? "normal"} ${own.class ?? ""}`}
      aria-busy={own.busy === true}
      disabled={own.busy === true || rest.disabled === true}
    >
      <Show when={own.busy === true} fallback={<Show when={own.icon}>{(icon) => <Icon of={icon()} />}</Show>}>
        <span class="spinner" />
      </Show>
      {own.children}
    </button>
  );
}

/** A button of one icon: its name is what it does. */
export function IconButton(
  props: {
    icon: IconNode;
    label: string;
    compact?: boolean;
    tipSide?: "top" | "right" | "bottom";
  } & JSX.ButtonHTMLAttributes<HTMLButtonElement>,
): JSX.Element {
  const [own, rest] = splitProps(props, ["icon", "label", "compact", "class", "tipSide"]);
  return (
    <button
      type="button"
      {...rest}
      class={`icon-button ${own.compact === true ? "icon-button-compact" : ""} ${own.class ?? ""}`}
      aria-label={own.label}
      data-tip={own.label}
      data-tip-side={own.tipSide}
    >
      <Icon of={own.icon} />
    </button>
  );
}
