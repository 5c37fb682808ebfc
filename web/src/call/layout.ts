/** Where the tiles of a call go. Sizes are CSS pixels of the room between its header and its controls. */

export type Item = {
  key: string;
  kind: "camera" | "screen";
  self: boolean;
  pinned: boolean;
  /** When they last began to talk; 0 for never. */
  talkedAt: number;
};

export type Mode = "grid" | "speaker";

export type Placed = {
  key: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The one large tile of a speaker layout; `float` lies over it. */
  role: "grid" | "main" | "strip" | "float";
};

export type Layout = {
  tiles: Placed[];
  /** Without a place on the screen, in order. */
  hidden: string[];
};

type Box = { width: number; height: number };

const GAP = 10;
const NARROW_GAP = 8;
/** Below this the room is a phone's: one large tile above two columns. */
const NARROW = 640;
const STRIP_WIDTH = 216;
const TILE_WIDTH_MIN = 150;
const GRID_MAX = 25;
const ASPECT = 16 / 9;

export function arrange(items: readonly Item[], mode: Mode, box: Box): Layout {
  if (items.length === 0 || box.width <= 0 || box.height <= 0) return { tiles: [], hidden: [] };
  const narrow = box.width < NARROW;
  if (items.length === 1) return { tiles: [whole(items, box)], hidden: [] };
  const pair = pairOf(items);
  if (pair !== null && mode === "speaker") return floating(pair, box, narrow);
  const large = items.some((item) => item.kind === "screen" || item.pinned);
  if (narrow) return items.length === 2 && !large ? stacked(items, box) : phone(items, box);
  return mode === "speaker" || large ? speaker(items, box) : grid(items, box);
}

/** Two people and nothing else: one fills the room and the other lies in its corner. */
function pairOf(items: readonly Item[]): [Item, Item] | null {
  const [one, two] = items;
  if (items.length !== 2 || one === undefined || two === undefined) return null;
  if (one.kind === "screen" || two.kind === "screen") return null;
  return one.self ? [two, one] : [one, two];
}

/** The tile that matters most: pinned, else the newest screen, else who talked last, else the first. */
export function mainOf(items: readonly Item[]): Item | undefined {
  const pinned = items.find((item) => item.pinned);
  const screen = items.findLast((item) => item.kind === "screen" && !item.self);
  if (pinned !== undefined) return pinned;
  if (screen !== undefined) return screen;
  const away = items.filter((item) => !item.self);
  const [loudest] = [...away].sort((a, b) => b.talkedAt - a.talkedAt);
  return loudest ?? items.find((item) => item.kind === "screen") ?? items[0];
}

function whole(items: readonly Item[], box: Box): Placed {
  return { key: items[0]?.key ?? "", x: 0, y: 0, width: box.width, height: box.height, role: "main" };
}

function floating([main, small]: [Item, Item], box: Box, narrow: boolean): Layout {
  const width = narrow ? Math.min(120, box.width / 3) : 216;
  const height = narrow ? Math.min(160, box.height / 3) : width / ASPECT;
  const inset = 12;
  return {
    tiles: [
      { key: main.key, x: 0, y: 0, width: box.width, height: box.height, role: "main" },
      {
        key: small.key,
        x: box.width - width - inset,
        y: box.height - height - inset,
        width,
        height,
        role: "float",
      },
    ],
    hidden: [],
  };
}

function grid(items: readonly Item[], box: Box): Layout {
  const shown = items.slice(0, gridRoom(items.length, box));
  const { columns, width, height } = bestGrid(shown.length, box);
  const rows = Math.ceil(shown.length / columns);
  const top = (box.height - rows * height - (rows - 1) * GAP) / 2;
  const tiles = shown.map((item, index): Placed => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? shown.length - row * columns : columns;
    const left = (box.width - inRow * width - (inRow - 1) * GAP) / 2;
    return {
      key: item.key,
      x: left + (index % columns) * (width + GAP),
      y: top + row * (height + GAP),
      width,
      height,
      role: "grid",
    };
  });
  return { tiles, hidden: items.slice(shown.length).map((item) => item.key) };
}

/** How many tiles a grid holds before they get too small to know a face. */
function gridRoom(count: number, box: Box): number {
  let room = Math.min(count, GRID_MAX);
  while (room > 1 && bestGrid(room, box).width < TILE_WIDTH_MIN) room -= 1;
  return room;
}

function bestGrid(count: number, box: Box): { columns: number; width: number; height: number } {
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const width = Math.min(
      (box.width - (columns - 1) * GAP) / columns,
      ((box.height - (rows - 1) * GAP) / rows) * ASPECT,
    );
    if (width > best.width) best = { columns, width, height: width / ASPECT };
  }
  return best;
}

function speaker(items: readonly Item[], box: Box): Layout {
  const main = mainOf(items);
  const rest = items.filter((item) => item !== main);
  if (main === undefined) return { tiles: [], hidden: [] };
  const strip = Math.min(STRIP_WIDTH, box.width / 4);
  const height = strip / ASPECT;
  const room = Math.max(1, Math.floor((box.height + GAP) / (height + GAP)));
  const shown = rest.slice(0, room);
  const top = (box.height - shown.length * height - (shown.length - 1) * GAP) / 2;
  const mainWidth = box.width - strip - 2 * GAP;
  const mainHeight = main.kind === "screen" ? box.height : Math.min(box.height, mainWidth / ASPECT);
  return {
    tiles: [
      { key: main.key, x: 0, y: (box.height - mainHeight) / 2, width: mainWidth, height: mainHeight, role: "main" },
      ...shown.map(
        (item, index): Placed => ({
          key: item.key,
          x: box.width - strip,
          y: top + index * (height + GAP),
          width: strip,
          height,
          role: "strip",
        }),
      ),
    ],
    hidden: rest.slice(room).map((item) => item.key),
  };
}

function stacked(items: readonly Item[], box: Box): Layout {
  const height = (box.height - NARROW_GAP) / 2;
  return {
    tiles: items.map((item, index) => ({
      key: item.key,
      x: 0,
      y: index * (height + NARROW_GAP),
      width: box.width,
      height,
      role: "grid",
    })),
    hidden: [],
  };
}

function phone(items: readonly Item[], box: Box): Layout {
  const main = mainOf(items);
  if (main === undefined) return { tiles: [], hidden: [] };
  const rest = items.filter((item) => item !== main);
  const mainHeight = Math.min(box.height * 0.45, rest.length === 0 ? box.height : Infinity);
  const width = (box.width - NARROW_GAP) / 2;
  const left = box.height - mainHeight - NARROW_GAP;
  const rows = Math.min(Math.ceil(rest.length / 2), Math.max(1, Math.floor(left / 120)));
  const height = (left - (rows - 1) * NARROW_GAP) / rows;
  const shown = rest.slice(0, rows * 2);
  return {
    tiles: [
      { key: main.key, x: 0, y: 0, width: box.width, height: mainHeight, role: "main" },
      ...shown.map((item, index): Placed => {
        const alone = index === shown.length - 1 && index % 2 === 0;
        return {
          key: item.key,
          x: (index % 2) * (width + NARROW_GAP),
          y: mainHeight + NARROW_GAP + Math.floor(index / 2) * (height + NARROW_GAP),
          width: alone ? box.width : width,
          height,
          role: "strip",
        };
      }),
    ],
    hidden: rest.slice(rows * 2).map((item) => item.key),
  };
}

/**
 * Which receive slot carries which tile. Whoever has a slot keeps it, so that a picture does not
 * blink when others come and go.
 */
export function assignSlots(
  before: readonly (string | null)[],
  wanted: readonly string[],
  slotsMax: number,
): (string | null)[] {
  const within = wanted.slice(0, slotsMax);
  const slots = before.map((key) => (key !== null && within.includes(key) ? key : null));
  for (const key of within) {
    if (slots.includes(key)) continue;
    const free = slots.indexOf(null);
    if (free === -1) slots.push(key);
    else slots[free] = key;
  }
  return slots;
}
