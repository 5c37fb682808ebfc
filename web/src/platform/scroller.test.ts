// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";

import { Scroller, type ScrollRow } from "./scroller";

type Row = ScrollRow & { height: number };

/** A list in a window 600 px high whose rows are as high as they say. */
class List {
  readonly viewport = document.createElement("div");
  readonly box = document.createElement("div");
  shown: readonly Row[] = [];
  olderWanted = 0;
  private readonly elements = new Map<Row, HTMLElement>();
  readonly scroller: Scroller<Row>;

  constructor(below = 0) {
    Object.defineProperty(this.viewport, "clientHeight", { value: 600 });
    const spacer = document.createElement("div");
    document.body.append(this.viewport);
    this.viewport.append(spacer);
    spacer.append(this.box);
    this.scroller = new Scroller<Row>(
      { viewport: this.viewport, spacer, box: this.box, below },
      {
        estimate: () => 40,
        show: (rows) => this.show(rows),
        nearStart: () => this.olderWanted++,
        endChanged: () => undefined,
        measure: (element) => Number(element.dataset["height"]),
      },
    );
  }

  /** Where that row's top is within the window. */
  topOf(key: string): number {
    let top = Number(/translateY\(([\d.]+)px\)/.exec(this.box.style.transform)?.[1]);
    for (const row of this.shown) {
      if (row.key === key) return top - this.viewport.scrollTop;
      top += row.height;
    }
    throw new Error(`${key} is not drawn`);
  }

  /** Of everything that is drawn. */
  height(): number {
    return this.shown.reduce((sum, row) => sum + row.height, 0);
  }

  scrollTo(top: number): void {
    this.viewport.scrollTop = top;
    this.viewport.dispatchEvent(new Event("scroll"));
  }

  /** As Solid does: another row object is another element. */
  private show(rows: readonly Row[]): void {
    this.shown = rows;
    for (const [row, element] of this.elements) {
      if (rows.includes(row)) continue;
      this.elements.delete(row);
      this.scroller.detach(element);
      element.remove();
    }
    for (const row of rows) {
      const held = this.elements.get(row);
      const element = held ?? document.createElement("div");
      element.dataset["height"] = String(row.height);
      this.box.append(element);
      if (held !== undefined) continue;
      this.elements.set(row, element);
      this.scroller.attach(element, row);
    }
  }
}

function rows(from: number, to: number): Row[] {
  return Array.from({ length: to - from }, (_, i) => ({ key: `r${String(from + i)}`, height: 30 + ((from + i) % 5) * 20 }));
}

afterEach(() => {
  document.body.replaceChildren();
});

test("a hundred thousand rows need few elements", () => {
  const list = new List();
  list.scroller.setRows(rows(0, 100_000));
  expect(list.box.children.length).toBeLessThan(80);
  expect(list.shown.at(-1)?.key).toBe("r99999");
  list.scrollTo(1_000_000);
  expect(list.box.children.length).toBeLessThan(120);
});

test("who jumps gets the rows in sight at once, and those around them at rest", async () => {
  const list = new List();
  list.scroller.setRows(rows(0, 100_000));
  const frame = (): Promise<number> => new Promise((drawn) => requestAnimationFrame(drawn));
  for (const top of [1_000_000, 1_010_000, 1_020_000]) {
    list.scrollTo(top);
    expect(list.height()).toBeGreaterThanOrEqual(600);
    expect(list.height()).toBeLessThan(1_000);
    await frame();
  }
  await frame();
  await frame();
  expect(list.height()).toBeGreaterThanOrEqual(1_800);
});

test("who is at the end stays at the end when rows come", () => {
  const list = new List();
  list.scroller.setRows(rows(0, 500));
  list.scroller.setRows(rows(0, 520));
  expect(list.shown.at(-1)?.key).toBe("r519");
  expect(list.topOf("r519") + 30 + (519 % 5) * 20).toBeCloseTo(600, 0);
});

test("what one looks at does not move when older rows come in front", () => {
  const list = new List();
  list.scroller.setRows(rows(500, 700));
  list.scrollTo(900);
  const looked = list.shown.find((row) => list.topOf(row.key) > 50);
  if (looked === undefined) throw new Error("a row is in the window");
  const before = list.topOf(looked.key);
  list.scroller.setRows(rows(0, 700));
  expect(Math.abs(list.topOf(looked.key) - before)).toBeLessThanOrEqual(1);
});

test("a line above the first row that moves up to older rows does not take the view with it", () => {
  const list = new List();
  const line: Row = { key: "day", height: 40 };
  list.scroller.setRows([{ ...line, key: "day at 500" }, ...rows(500, 700)]);
  list.scrollTo(0);
  const before = list.topOf("r503");
  list.scroller.setRows([{ ...line, key: "day at 300" }, ...rows(300, 700)]);
  expect(Math.abs(list.topOf("r503") - before)).toBeLessThanOrEqual(1);
});

test("a row that is drawn anew with another height takes nobody's place", () => {
  const list = new List();
  list.scroller.setRows(rows(500, 700));
  list.scrollTo(0);
  list.scrollTo(300);
  const before = list.topOf("r507");
  const [first, ...rest] = rows(500, 700);
  if (first === undefined) throw new Error("there are rows");
  list.scroller.setRows([...rows(300, 500), { ...first, height: first.height - 28 }, ...rest]);
  expect(Math.abs(list.topOf("r507") - before)).toBeLessThanOrEqual(1);
});

test("who has scrolled up is not pulled down by a new row", () => {
  const list = new List();
  list.scroller.setRows(rows(0, 300));
  list.scrollTo(2_000);
  const top = list.viewport.scrollTop;
  list.scroller.setRows(rows(0, 301));
  expect(list.viewport.scrollTop).toBe(top);
  expect(list.scroller.isAtEnd).toBe(false);
});

test("older rows are asked for near the start", () => {
  const list = new List();
  list.scroller.setRows(rows(0, 300));
  const before = list.olderWanted;
  list.scrollTo(100);
  expect(list.olderWanted).toBeGreaterThan(before);
});

test("few rows stand at the bottom", () => {
  const list = new List();
  list.scroller.setRows(rows(0, 2));
  expect(list.topOf("r0")).toBe(600 - 30 - 50);
});

test("the last row, whichever it is, keeps its distance from the end", () => {
  const list = new List(10);
  for (const count of [2, 500, 501, 520]) {
    list.scroller.setRows(rows(0, count));
    const last = count - 1;
    expect(list.topOf(`r${String(last)}`) + 30 + (last % 5) * 20).toBeCloseTo(590, 0);
  }
});

test("a row that is wanted is brought into the window", () => {
  const list = new List();
  list.scroller.setRows(rows(0, 5_000));
  expect(list.scroller.toRow("r1234")).toBe(true);
  expect(list.topOf("r1234")).toBeGreaterThanOrEqual(0);
  expect(list.topOf("r1234")).toBeLessThan(600);
  expect(list.scroller.toRow("r9999")).toBe(false);
});
