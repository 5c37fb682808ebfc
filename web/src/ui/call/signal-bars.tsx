import { For, type JSX } from "solid-js";

const BARS = ["M4 20v-3", "M9.5 20v-7", "M15 20V9", "M20.5 20V4"];

/** Four bars, as many lit as the picture is good. */
export function SignalBars(props: { lit: number }): JSX.Element {
  return (
    <svg class="icon icon-small signal-bars" viewBox="0 0 24 24" aria-hidden="true">
      <For each={BARS}>{(d, index) => <path d={d} opacity={index() < props.lit ? 1 : 0.35} />}</For>
    </svg>
  );
}
