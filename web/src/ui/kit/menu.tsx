import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import type { IconNode } from "lucide";
import { For, Show, type JSX } from "solid-js";

import { Icon } from "./icon";
import { layer } from "./layer";

export type MenuItem =
  | { kind: "item"; label: string; icon?: IconNode; danger?: boolean; run: () => void }
  | { kind: "separator" };

/** A button that opens a menu. Not modal, so that the page stays readable for screen readers. */
export function Menu(props: {
  label?: string;
  class?: string;
  tip?: string;
  items: readonly MenuItem[];
  placement?: "bottom-start" | "bottom-end" | "right-start" | "top-start" | "top-end";
  children: JSX.Element;
}): JSX.Element {
  return (
    <DropdownMenu modal={false} gutter={4} placement={props.placement ?? "bottom-start"} preventScroll={false}>
      <DropdownMenu.Trigger class={props.class ?? ""} aria-label={props.label} data-tip={props.tip}>
        {props.children}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal mount={layer()}>
        <DropdownMenu.Content class="menu">
          <For each={props.items}>
            {(item) => (
              <Show
                when={item.kind === "item" && item}
                fallback={<DropdownMenu.Separator class="menu-separator" />}
              >
                {(one) => (
                  <DropdownMenu.Item
                    class={`menu-item ${one().danger === true ? "menu-item-danger" : ""}`}
                    onSelect={() => one().run()}
                  >
                    <Show when={one().icon}>{(icon) => <Icon of={icon()} />}</Show>
                    {one().label}
                  </DropdownMenu.Item>
                )}
              </Show>
            )}
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}
