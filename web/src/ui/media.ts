import { createSignal, onCleanup, type Accessor } from "solid-js";

export type Size = "phone" | "narrow" | "wide";

/** Below 760 px one column and a tab bar, below 1100 a rail, else everything. */
export function windowSize(): Accessor<Size> {
  const phone = matchMedia("(max-width: 759.98px)");
  const narrow = matchMedia("(max-width: 1099.98px)");
  const read = (): Size => (phone.matches ? "phone" : narrow.matches ? "narrow" : "wide");
  const [size, setSize] = createSignal<Size>(read());
  const change = (): void => {
    setSize(read());
  };
  phone.addEventListener("change", change);
  narrow.addEventListener("change", change);
  onCleanup(() => {
    phone.removeEventListener("change", change);
    narrow.removeEventListener("change", change);
  });
  return size;
}
