/**
 * Heights of a long list of rows and where each one is. Sums over blocks of rows keep every
 * question cheap: a hundred thousand rows are four hundred blocks.
 */
const BLOCK = 256;

export class Layout {
  private heights: number[] = [];
  private sums: number[] = [];
  private sum = 0;

  get length(): number {
    return this.heights.length;
  }

  /** The height of all rows together. */
  get total(): number {
    return this.sum;
  }

  heightOf(index: number): number {
    return this.heights[index] ?? 0;
  }

  /** The distance of that row's top from the first one's. */
  offsetOf(index: number): number {
    const end = Math.min(index, this.heights.length);
    const block = Math.floor(end / BLOCK);
    let offset = 0;
    for (let i = 0; i < block; i++) offset += this.sums[i] ?? 0;
    for (let i = block * BLOCK; i < end; i++) offset += this.heights[i] ?? 0;
    return offset;
  }

  /** The row at that distance: the first one before the start, the last one beyond the end. */
  indexAt(y: number): number {
    let rest = y;
    let block = 0;
    while (block < this.sums.length - 1 && rest >= (this.sums[block] ?? 0)) {
      rest -= this.sums[block] ?? 0;
      block++;
    }
    let index = block * BLOCK;
    const end = Math.min(index + BLOCK, this.heights.length) - 1;
    while (index < end && rest >= (this.heights[index] ?? 0)) {
      rest -= this.heights[index] ?? 0;
      index++;
    }
    return Math.max(0, Math.min(index, this.heights.length - 1));
  }

  resize(index: number, height: number): void {
    const before = this.heights[index];
    if (before === undefined || before === height) return;
    this.heights[index] = height;
    const block = Math.floor(index / BLOCK);
    this.sums[block] = (this.sums[block] ?? 0) + height - before;
    this.sum += height - before;
  }

  /** Takes rows out at that place and puts others in. */
  splice(at: number, removed: number, inserted: readonly number[]): void {
    if (at === this.heights.length) {
      for (const height of inserted) this.heights.push(height);
    } else {
      const tail = this.heights.slice(at + removed);
      this.heights.length = at;
      for (const height of inserted) this.heights.push(height);
      for (const height of tail) this.heights.push(height);
    }
    const first = Math.floor(at / BLOCK);
    this.sums.length = Math.ceil(this.heights.length / BLOCK);
    for (let block = first; block < this.sums.length; block++) {
      let sum = 0;
      const end = Math.min((block + 1) * BLOCK, this.heights.length);
      for (let i = block * BLOCK; i < end; i++) sum += this.heights[i] ?? 0;
      this.sums[block] = sum;
    }
    this.sum = this.sums.reduce((total, sum) => total + sum, 0);
  }
}

/** How a list of keys became another one: what is between the part both begin and both end with. */
export function difference(
  before: readonly { key: string }[],
  after: readonly { key: string }[],
): { at: number; removed: number; inserted: number } {
  const shorter = Math.min(before.length, after.length);
  let at = 0;
  // Most rows are the same objects, which tells without reading their keys.
  const isSame = (a: { key: string } | undefined, b: { key: string } | undefined): boolean =>
    a === b || a?.key === b?.key;
  while (at < shorter && isSame(before[at], after[at])) at++;
  let same = 0;
  while (
    same < shorter - at &&
    isSame(before[before.length - 1 - same], after[after.length - 1 - same])
  ) {
    same++;
  }
  return { at, removed: before.length - at - same, inserted: after.length - at - same };
}
