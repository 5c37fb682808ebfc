import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, Show, type JSX } from "solid-js";

import { Icon } from "./icon";
import { layer } from "./layer";
import type { MenuProps } from "./menu-item";

/** Not modal, so that the page stays readable for screen readers. */
export function OpenMenu(props: MenuProps): JSX.Element {
  return (
    <DropdownMenu defaultOpen modal={false} gutter={4} placement={props.placement ?? "bottom-start"} preventScroll={false}>
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
