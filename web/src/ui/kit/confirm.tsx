import { lazy, Show, Suspense, type JSX } from "solid-js";

import type { ConfirmProps } from "./dialog";

const ConfirmDialog = lazy(async () => ({ default: (await import("./dialog")).ConfirmDialog }));

/** Asks before what cannot be undone; loaded with the first question. */
export function Confirm(props: ConfirmProps): JSX.Element {
  return (
    <Suspense>
      <Show when={props.open}>
        <ConfirmDialog {...props} />
      </Show>
    </Suspense>
  );
}
