import { createSignal, onCleanup, type Accessor } from "solid-js";

type Source<State> = { readonly state: State; subscribe(listener: () => void): () => void };

/** A store's state as a signal, for as long as the component is there. */
export function bind<State>(store: Source<State>): Accessor<State> {
  const [state, setState] = createSignal(store.state);
  onCleanup(store.subscribe(() => setState(() => store.state)));
  return state;
}
