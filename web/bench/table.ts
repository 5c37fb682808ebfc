/** What a benchmark prints and leaves for whoever compares: the same shape as the others'. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Row = {
  row: string;
  value: number;
  unit: string;
  /** What else was measured in the same run. */
  peer: string | null;
  peer_value: number | null;
  ratio: number | null;
  goal: string | null;
};

export class Table {
  readonly rows: Row[] = [];
  private readonly remarks: string[] = [];

  add(row: string, value: number, unit: string, more: { goal?: string; peer?: [string, number] } = {}): void {
    const [peer = null, peerValue = null] = more.peer ?? [];
    const ratio = peerValue === null || peerValue === 0 ? null : value / peerValue;
    this.rows.push({ row, value, unit, peer, peer_value: peerValue, ratio, goal: more.goal ?? null });
  }

  /** A line below the table. */
  remark(text: string): void {
    this.remarks.push(text);
  }

  print(): void {
    const line = (name: string, ...cells: string[]): string =>
      name.padEnd(72) + cells.map((cell) => cell.padStart(10)).join("");
    const lines = this.rows.map((row) =>
      line(row.row, number(row.value), row.unit, number(row.peer_value), `  ${row.goal ?? ""}`),
    );
    console.log([line("", "value", "", "floor", "  goal"), ...lines, ...this.remarks].join("\n"));
  }

  write(folder: string, name: string): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(this.rows, null, 2)}\n`);
  }
}

export function median(values: readonly number[]): number {
  return share(values, 0.5);
}

/** What that share of them is at most, such as 0.99. */
export function share(values: readonly number[], of: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * of) - 1] ?? NaN;
}

function number(value: number | null): string {
  if (value === null) return "";
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
