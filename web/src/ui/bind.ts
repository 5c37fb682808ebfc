import { createSignal, onCleanup, type Accessor, type Resource } from "solid-js";

type Source<State> = { readonly state: State; subscribe(listener: () => void): () => void };

/** A store's state as a signal, for as long as the component is there. */
export function bind<State>(store: Source<State>): Accessor<State> {
  const [state, setState] = createSignal(store.state);
  onCleanup(store.subscribe(() => setState(() => store.state)));
  return state;
}

/** What was read, or nothing yet. Reading it so does not put a waiting shape in place of the page. */
export function ready<Value>(resource: Resource<Value>): Value | undefined {
  return resource.state === "ready" || resource.state === "refreshing" ? resource.latest : undefined;
}
