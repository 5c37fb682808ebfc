import { expect, test } from "vitest";

import { Store } from "./store";

test("a store tells its listeners of changes, and only of changes", () => {
  const store = new Store(1);
  let heard = 0;
  const stop = store.subscribe(() => heard++);
  store.set(1);
  expect(heard).toBe(0);
  store.set(2);
  expect(heard).toBe(1);
  stop();
  store.set(3);
  expect(heard).toBe(1);
  expect(store.state).toBe(3);
});
