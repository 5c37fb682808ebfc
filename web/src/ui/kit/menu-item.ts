import type { IconNode } from "lucide";
import type { JSX } from "solid-js";

export type MenuItem =
  | { kind: "item"; label: string; icon?: IconNode; danger?: boolean; run: () => void }
  | { kind: "separator" };

export type MenuProps = {
  label?: string;
  class?: string;
  tip?: string;
  items: readonly MenuItem[];
  placement?: "bottom-start" | "bottom-end" | "right-start" | "top-start" | "top-end";
  children: JSX.Element;
};
