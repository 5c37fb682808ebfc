import { splitProps, type JSX } from "solid-js";

import { pathOf, type Route } from "../../core/route";

/** A link within the client: a real one, so that it opens in another tab too. */
export function Link(
  props: { to: Route; go: (route: Route) => void } & JSX.AnchorHTMLAttributes<HTMLAnchorElement>,
): JSX.Element {
  const [own, rest] = splitProps(props, ["to", "go", "children"]);
  return (
    <a
      {...rest}
      href={pathOf(own.to)}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        own.go(own.to);
      }}
    >
      {own.children}
    </a>
  );
}
