/** Light, dark, or as the device. `scripts/theme.js` does the same before the first paint. */
import { createSignal } from "solid-js";

import { store, stored } from "../platform/storage";

export type Appearance = "light" | "dark" | "system";

const dark = matchMedia("(prefers-color-scheme: dark)");
const [choice, setChoice] = createSignal<Appearance>(read());

function read(): Appearance {
  const value = stored("device", "appearance");
  return value === "light" || value === "dark" ? value : "system";
}

function apply(): void {
  const isDark = choice() === "dark" || (choice() === "system" && dark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

export const appearance = choice;

export function setAppearance(next: Appearance): void {
  setChoice(next);
  store("device", "appearance", next === "system" ? null : next);
  apply();
}

dark.addEventListener("change", apply);
