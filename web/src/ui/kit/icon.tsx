import type { IconNode } from "lucide";
import type { JSX } from "solid-js";

const SVG = "http://www.w3.org/2000/svg";

export type IconSize = "small" | "medium" | "normal" | "large";

/** An outline icon; what it means is said by the words or the name beside it. */
export function Icon(props: { of: IconNode; size?: IconSize }): JSX.Element {
  return (
    <svg class={`icon icon-${props.size ?? "normal"}`} viewBox="0 0 24 24" aria-hidden="true">
      {props.of.map(([name, attributes]) => {
        const element = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes)) {
          if (value !== undefined) element.setAttribute(key, String(value));
        }
        return element;
      })}
    </svg>
  );
}

/** The product's mark. */
export function Mark(props: { size: number }): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" width={props.size} height={props.size} aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--accent-fill)" />
      <path
        d="M20.2 10.3A7 7 0 1 0 20.2 21.7"
        fill="none"
        stroke="var(--text-on-accent)"
        stroke-width="3.2"
        stroke-linecap="round"
      />
      <circle cx="22.6" cy="16" r="2.5" fill="var(--text-on-accent)" />
    </svg>
  );
}

/** Three bars: somebody talks. */
export function Bars(): JSX.Element {
  return (
    <span class="bars" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
