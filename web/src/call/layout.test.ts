import { describe, expect, test } from "vitest";

import { arrange, assignSlots, mainOf, type Item, type Placed } from "./layout";

const DESK = { width: 940, height: 720 };
const PHONE = { width: 370, height: 610 };

function people(count: number): Item[] {
  return Array.from({ length: count }, (_, index) => ({
    key: String(index),
    kind: "camera" as const,
    self: index === count - 1,
    pinned: false,
    talkedAt: 0,
  }));
}

function overlap(one: Placed, two: Placed): boolean {
  return (
    one.x < two.x + two.width - 0.01 &&
    two.x < one.x + one.width - 0.01 &&
    one.y < two.y + two.height - 0.01 &&
    two.y < one.y + one.height - 0.01
  );
}

describe("arrange", () => {
  for (const box of [DESK, PHONE, { width: 700, height: 300 }, { width: 2400, height: 1200 }]) {
    for (const mode of ["grid", "speaker"] as const) {
      test(`in ${box.width} by ${box.height}, ${mode}: everybody has one place inside, or is named hidden`, () => {
        for (let count = 1; count <= 60; count += 1) {
          const { tiles, hidden } = arrange(people(count), mode, box);
          expect(tiles.length + hidden.length).toBe(count);
          for (const tile of tiles) {
            expect(tile.x).toBeGreaterThanOrEqual(-0.01);
            expect(tile.y).toBeGreaterThanOrEqual(-0.01);
            expect(tile.x + tile.width).toBeLessThanOrEqual(box.width + 0.01);
            expect(tile.y + tile.height).toBeLessThanOrEqual(box.height + 0.01);
          }
          const flat = tiles.filter((tile) => tile.role !== "float");
          for (const [index, tile] of flat.entries()) {
            for (const other of flat.slice(index + 1)) expect(overlap(tile, other)).toBe(false);
          }
        }
      });
    }
  }

  test("six people on a desk are two columns of three", () => {
    const { tiles } = arrange(people(6), "grid", DESK);
    expect(new Set(tiles.map((tile) => tile.x)).size).toBe(2);
    expect(new Set(tiles.map((tile) => tile.y)).size).toBe(3);
  });

  test("of two people the other one fills the room", () => {
    const { tiles } = arrange(people(2), "speaker", DESK);
    expect(tiles[0]).toMatchObject({ key: "0", width: DESK.width, height: DESK.height });
    expect(tiles[1]).toMatchObject({ key: "1", role: "float" });
  });

  test("a shared screen takes the stage in a grid too", () => {
    const items = [...people(3), { key: "s", kind: "screen" as const, self: false, pinned: false, talkedAt: 0 }];
    expect(arrange(items, "grid", DESK).tiles[0]).toMatchObject({ key: "s", role: "main" });
  });
});

test("pinned goes before a screen, a screen before who talks", () => {
  const [a, b, c] = people(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("three");
  const screen: Item = { key: "s", kind: "screen", self: false, pinned: false, talkedAt: 0 };
  expect(mainOf([a, { ...b, talkedAt: 5 }, c])?.key).toBe(b.key);
  expect(mainOf([a, { ...b, talkedAt: 5 }, c, screen])?.key).toBe("s");
  expect(mainOf([{ ...a, pinned: true }, b, c, screen])?.key).toBe(a.key);
});

describe("assignSlots", () => {
  test("whoever has a slot keeps it", () => {
    const before = assignSlots([], ["a", "b", "c"], 9);
    expect(assignSlots(before, ["c", "d", "a"], 9)).toEqual(["a", "d", "c"]);
  });

  test("there are never more than the most allowed", () => {
    expect(assignSlots([], ["a", "b", "c"], 2)).toEqual(["a", "b"]);
    expect(assignSlots(["a", "b"], ["c", "a", "b"], 2)).toEqual(["a", "c"]);
  });
});
