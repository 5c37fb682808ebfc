import { createSignal, lazy, Show, Suspense, type JSX } from "solid-js";

import type { MenuProps } from "./menu-item";

const OpenMenu = lazy(async () => ({ default: (await import("./open-menu")).OpenMenu }));

/** A button that opens a menu. The menu itself is loaded when the pointer or the focus comes near. */
export function Menu(props: MenuProps): JSX.Element {
  const [wanted, setWanted] = createSignal(false);
  const load = (): void => {
    void OpenMenu.preload();
  };
  const Closed = (): JSX.Element => (
    <button
      type="button"
      class={props.class ?? ""}
      aria-label={props.label}
      aria-haspopup="menu"
      aria-expanded="false"
      data-tip={props.tip}
      onPointerEnter={load}
      onFocus={load}
      onClick={() => setWanted(true)}
    >
      {props.children}
    </button>
  );
  return (
    <Show when={wanted()} fallback={<Closed />}>
      <Suspense fallback={<Closed />}>
        <OpenMenu {...props} />
      </Suspense>
    </Show>
  );
}
