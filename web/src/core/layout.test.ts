import { expect, test } from "vitest";

import { difference, Layout } from "./layout";

/** Small and repeatable; `SEED` in the environment is not needed for what is this cheap. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

test("offsets, totals and rows agree with a plain sum through any changes", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const next = random(seed);
    const layout = new Layout();
    let plain: number[] = [];
    for (let step = 0; step < 120; step++) {
      const at = Math.floor(next() * (plain.length + 1));
      if (next() < 0.5) {
        const removed = Math.floor(next() * Math.min(40, plain.length - at));
        const inserted = Array.from({ length: Math.floor(next() * 90) }, () => 1 + Math.floor(next() * 99));
        layout.splice(at, removed, inserted);
        plain = [...plain.slice(0, at), ...inserted, ...plain.slice(at + removed)];
      } else if (at < plain.length) {
        const height = Math.floor(next() * 100);
        layout.resize(at, height);
        plain[at] = height;
      }
      expect(layout.length).toBe(plain.length);
      expect(layout.total).toBe(plain.reduce((sum, height) => sum + height, 0));
      const index = Math.floor(next() * plain.length);
      const offset = plain.slice(0, index).reduce((sum, height) => sum + height, 0);
      expect(layout.offsetOf(index)).toBe(offset);
      if ((plain[index] ?? 0) > 0) {
        expect(layout.indexAt(offset)).toBe(index);
        expect(layout.indexAt(offset + (plain[index] ?? 0) - 1)).toBe(index);
      }
    }
  }
});

test("places before the start and beyond the end are the first and the last row", () => {
  const layout = new Layout();
  layout.splice(0, 0, [10, 20, 30]);
  expect(layout.indexAt(-5)).toBe(0);
  expect(layout.indexAt(1_000)).toBe(2);
  expect(new Layout().indexAt(7)).toBe(0);
});

test("a hundred thousand rows answer within a moment", () => {
  const layout = new Layout();
  layout.splice(0, 0, Array.from({ length: 100_000 }, (_, i) => 20 + (i % 7)));
  const start = Date.now();
  for (let i = 0; i < 1_000; i++) layout.offsetOf(layout.indexAt((layout.total * i) / 1_000));
  expect(Date.now() - start).toBeLessThan(200);
});

test("the difference of two lists is what is between their common ends", () => {
  const rows = (text: string) => [...text].map((key) => ({ key }));
  expect(difference(rows("abc"), rows("abcd"))).toEqual({ at: 3, removed: 0, inserted: 1 });
  expect(difference(rows("abc"), rows("xyabc"))).toEqual({ at: 0, removed: 0, inserted: 2 });
  expect(difference(rows("abc"), rows("axc"))).toEqual({ at: 1, removed: 1, inserted: 1 });
  expect(difference(rows("aaa"), rows("aa"))).toEqual({ at: 2, removed: 1, inserted: 0 });
  expect(difference(rows(""), rows(""))).toEqual({ at: 0, removed: 0, inserted: 0 });
});
