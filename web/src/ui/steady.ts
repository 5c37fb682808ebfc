/**
 * For a button that the press itself must not lose. A browser makes a click only of a press that goes down and comes
 * up on one element: what takes the button's place, or lies over it, in the tenth of a second between swallows it.
 * Spread what this returns on the button, beside its `onClick`.
 */
export function steady(run: () => void): { onPointerDown: (event: PointerEvent & { currentTarget: Element }) => void } {
  return {
    onPointerDown: (down) => {
      if (down.button !== 0) return;
      const button = down.currentTarget;
      const place = button.getBoundingClientRect();
      const over = new AbortController();
      const { signal } = over;
      const up = (event: PointerEvent): void => {
        if (event.pointerId !== down.pointerId) return;
        over.abort();
        const { clientX: x, clientY: y } = event;
        const isOn = x >= place.left && x <= place.right && y >= place.top && y <= place.bottom;
        // Still in sight, it is clicked: by the browser.
        if (isOn && !button.contains(document.elementFromPoint(x, y))) run();
      };
      window.addEventListener("pointerup", up, { capture: true, signal });
      window.addEventListener("pointercancel", () => over.abort(), { signal });
    },
  };
}
