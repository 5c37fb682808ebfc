/**
 * Scrolls a long list of rows of any height with a small DOM: only rows near the window are there,
 * in normal flow, in one box that is moved to its place. What one looks at stays where it is while
 * rows come in front, grow or go; and who is at the end stays at the end.
 */
import { difference, Layout } from "../core/layout";

export type ScrollRow = { key: string };

export type ScrollerParts = {
  /** Scrolls, and is as high as what one sees. */
  viewport: HTMLElement;
  /** As high as all rows. */
  spacer: HTMLElement;
  /** Holds the rows that are there. */
  box: HTMLElement;
  /** Pixels below the last row. Not its own: rows change who is the last one. */
  below?: number;
};

export type ScrollerHooks<Row extends ScrollRow> = {
  /** A first guess, until the row has been drawn. */
  estimate(row: Row): number;
  /** Draw these rows now. */
  show(rows: readonly Row[]): void;
  /** The start is near: there may be older rows to read. */
  nearStart(): void;
  endChanged(atEnd: boolean): void;
  measure?(element: HTMLElement): number;
};

type Anchor = { kind: "end" } | { kind: "row"; index: number; delta: number };

/** Drawn beyond each edge, so that a turn of the wheel meets no blank. Who scrolls by more than a
 * window at once would leave those rows behind unseen, so they wait for a frame without scrolling. */
const OVERSCAN_PX = 600;
/** Nearer to the end than this is at the end. */
const END_PX = 12;
const NEAR_START_PX = 1_500;

export class Scroller<Row extends ScrollRow> {
  private readonly layout = new Layout();
  private rows: readonly Row[] = [];
  private shown: readonly Row[] = [];
  private atEnd = true;
  private overscan = OVERSCAN_PX;
  private top = 0;
  private atRest = 0;
  private measured = new Set<string>();
  private readonly elements = new Map<HTMLElement, Row>();
  private readonly observer: ResizeObserver;
  private readonly onScroll = (): void => this.scrolled();

  constructor(
    private readonly parts: ScrollerParts,
    private readonly hooks: ScrollerHooks<Row>,
  ) {
    this.observer = new ResizeObserver((entries) => this.resized(entries.map((entry) => entry.target)));
    this.observer.observe(parts.viewport);
    parts.viewport.addEventListener("scroll", this.onScroll, { passive: true });
  }

  stop(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.atRest);
    this.parts.viewport.removeEventListener("scroll", this.onScroll);
  }

  setRows(rows: readonly Row[]): void {
    const anchor = this.anchor();
    const { at, removed, inserted } = difference(this.rows, rows);
    if (anchor.kind === "row" && anchor.index >= at && anchor.index < at + removed) {
      // What one looks at goes away: the next row that stays keeps its place instead.
      const top = this.layout.offsetOf(anchor.index) + anchor.delta;
      anchor.index = at + removed;
      anchor.delta = top - this.layout.offsetOf(anchor.index);
    }
    for (let i = at; i < at + removed; i++) this.measured.delete(this.rows[i]?.key ?? "");
    this.layout.splice(
      at,
      removed,
      rows.slice(at, at + inserted).map((row) => this.hooks.estimate(row)),
    );
    this.rows = rows;
    if (anchor.kind === "row" && anchor.index >= at + removed) anchor.index += inserted - removed;
    this.render(anchor);
  }

  /** Every row's element is given here while it is there. */
  attach(element: HTMLElement, row: Row): void {
    this.elements.set(element, row);
    // Drawn anew, it may be of another height: a message loses its name to the one before it.
    this.measured.delete(row.key);
    this.observer.observe(element);
  }

  detach(element: HTMLElement): void {
    this.elements.delete(element);
    this.observer.unobserve(element);
  }

  get isAtEnd(): boolean {
    return this.atEnd;
  }

  toEnd(): void {
    this.setAtEnd(true);
    this.render({ kind: "end" });
  }

  /** Brings a row into the window, a third from the top. False when there is no such row. */
  toRow(key: string): boolean {
    const index = this.rows.findIndex((row) => row.key === key);
    if (index < 0) return false;
    this.setAtEnd(false);
    this.render({ kind: "row", index, delta: -this.parts.viewport.clientHeight / 3 });
    this.scrolled();
    return true;
  }

  private get total(): number {
    return this.layout.total + (this.parts.below ?? 0);
  }

  private get end(): number {
    return Math.max(0, this.total - this.parts.viewport.clientHeight);
  }

  private anchor(): Anchor {
    if (this.atEnd || this.rows.length === 0) return { kind: "end" };
    const top = this.parts.viewport.scrollTop;
    const index = this.layout.indexAt(top);
    return { kind: "row", index, delta: top - this.layout.offsetOf(index) };
  }

  private topOf(anchor: Anchor): number {
    const top = anchor.kind === "end" ? this.end : this.layout.offsetOf(anchor.index) + anchor.delta;
    return Math.max(0, Math.min(top, this.end));
  }

  /** Draws the rows around the anchor, measures those not drawn before, and puts all in place. */
  private render(anchor: Anchor): void {
    const { viewport } = this.parts;
    for (let round = 0; round < 4; round++) {
      const top = this.topOf(anchor);
      const from = this.layout.indexAt(top - this.overscan);
      const to = this.layout.indexAt(top + viewport.clientHeight + this.overscan) + 1;
      this.draw(this.rows.slice(from, Math.min(to, this.rows.length)));
      this.place(from, top);
      if (!this.measureNew(from)) break;
    }
    if (this.parts.viewport.scrollTop < NEAR_START_PX && this.rows.length > 0) this.hooks.nearStart();
  }

  private draw(rows: readonly Row[]): void {
    const isSame = rows.length === this.shown.length && rows.every((row, i) => row === this.shown[i]);
    if (isSame) return;
    const { viewport, box } = this.parts;
    const held = box.contains(document.activeElement);
    this.shown = rows;
    this.hooks.show(rows);
    // The row with the focus may have gone: the keyboard goes on from the list, not the page.
    if (held && !box.contains(document.activeElement)) viewport.focus({ preventScroll: true });
  }

  private place(from: number, top: number): void {
    const { viewport, spacer, box } = this.parts;
    const height = Math.max(this.total, viewport.clientHeight);
    const lead = Math.max(0, viewport.clientHeight - this.total);
    spacer.style.height = `${String(height)}px`;
    box.style.transform = `translateY(${String(Math.round(this.layout.offsetOf(from) + lead))}px)`;
    if (Math.abs(viewport.scrollTop - top) < 1) return;
    viewport.scrollTop = top;
    this.top = top;
  }

  /** Whether a height turned out other than thought. */
  private measureNew(from: number): boolean {
    let changed = false;
    const indexes = this.indexes(from);
    for (const [element, row] of this.elements) {
      if (this.measured.has(row.key)) continue;
      const index = indexes.get(row.key);
      if (index === undefined) continue;
      const height = this.heightOf(element);
      if (height === 0) continue;
      this.measured.add(row.key);
      if (Math.abs(height - this.layout.heightOf(index)) < 0.5) continue;
      this.layout.resize(index, height);
      changed = true;
    }
    return changed;
  }

  private resized(targets: readonly Element[]): void {
    const anchor = this.anchor();
    const first = this.shown[0];
    const from = first === undefined ? 0 : this.rows.indexOf(first);
    const indexes = this.indexes(Math.max(0, from));
    let changed = false;
    for (const target of targets) {
      if (!(target instanceof HTMLElement)) continue;
      if (target === this.parts.viewport) {
        changed = true;
        continue;
      }
      const row = this.elements.get(target);
      const index = row === undefined ? undefined : indexes.get(row.key);
      const height = this.heightOf(target);
      if (row === undefined || index === undefined || height === 0) continue;
      this.measured.add(row.key);
      if (Math.abs(height - this.layout.heightOf(index)) < 0.5) continue;
      this.layout.resize(index, height);
      changed = true;
    }
    if (changed) this.render(anchor);
  }

  private scrolled(): void {
    const { viewport } = this.parts;
    const isFast = Math.abs(viewport.scrollTop - this.top) > viewport.clientHeight;
    this.top = viewport.scrollTop;
    this.overscan = isFast ? 0 : OVERSCAN_PX;
    cancelAnimationFrame(this.atRest);
    if (isFast) this.atRest = requestAnimationFrame(() => this.rest());
    this.setAtEnd(viewport.scrollTop >= this.end - END_PX);
    if (this.atEnd) {
      this.render({ kind: "end" });
      return;
    }
    // Where the person has scrolled to is where it is: only rows are exchanged.
    const index = this.layout.indexAt(viewport.scrollTop);
    this.render({ kind: "row", index, delta: viewport.scrollTop - this.layout.offsetOf(index) });
  }

  /** The next frame in which nobody has scrolled any more. This one's scrolling is told before. */
  private rest(): void {
    this.atRest = requestAnimationFrame(() => this.scrolled());
  }

  private setAtEnd(atEnd: boolean): void {
    if (atEnd === this.atEnd) return;
    this.atEnd = atEnd;
    this.hooks.endChanged(atEnd);
  }

  private indexes(from: number): Map<string, number> {
    return new Map(this.shown.map((row, i) => [row.key, from + i]));
  }

  private heightOf(element: HTMLElement): number {
    return this.hooks.measure?.(element) ?? element.getBoundingClientRect().height;
  }
}
