/** Holds one state and tells who listens that it has changed. */
export class Store<State> {
  private readonly listeners = new Set<() => void>();
  private isTold = true;

  constructor(private current: State) {}

  get state(): State {
    return this.current;
  }

  set(next: State): void {
    this.put(next);
    this.tell();
  }

  /** Sets it and tells nobody yet: what must not wait until views are drawn is done before `tell`. */
  put(next: State): void {
    this.isTold &&= next === this.current;
    this.current = next;
  }

  /** Tells of what was put since, once. */
  tell(): void {
    if (this.isTold) return;
    this.isTold = true;
    for (const listener of [...this.listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
