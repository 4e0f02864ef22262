// Rows of an answer in an order, and what its columns hold.

import type { Answer } from "./answer";
import { said } from "./names";
import { term } from "./terms";

/** Rows that are looked at to tell what a column holds. */
const LOOKED = 2_000;

export interface Column {
  name: string;
  /** Most of its values are numbers, IRIs, or other text. */
  holds: "numbers" | "things" | "text";
}

export function columns(answer: Answer): Column[] {
  const seen = answer.columns.map(() => ({ numbers: 0, things: 0, all: 0 }));
  for (let row = 0; row < Math.min(answer.rows.length, LOOKED); row++) {
    const cells = answer.cells(row);
    seen.forEach((count, column) => {
      const value = term(cells[column] ?? "");
      if (!value) return;
      count.all++;
      if (value.number !== undefined) count.numbers++;
      if (value.kind !== "literal") count.things++;
    });
  }
  return answer.columns.map((name, at) => {
    const { numbers, things, all } = seen[at]!;
    return { name, holds: numbers * 2 > all ? "numbers" : things * 2 > all ? "things" : "text" };
  });
}

/** Return the rows in the order of a column: numbers by size, then words; what has no value comes last. */
export function order(answer: Answer, column: number, descending: boolean): Uint32Array {
  const rows = Uint32Array.from(answer.rows, (_, row) => row);
  if (column < 0) return rows;
  const numbers = new Float64Array(rows.length);
  const texts = new Array<string>(rows.length);
  for (const row of rows) {
    const value = answer.term(row, column);
    numbers[row] = value?.number ?? NaN;
    texts[row] = value ? said(value).toLowerCase() : "";
  }
  const sign = descending ? -1 : 1;
  return rows.sort((a, b) => {
    const [x, y] = [numbers[a]!, numbers[b]!];
    if (x === x && y === y) return sign * (x - y) || a - b;
    const [s, t] = [texts[a]!, texts[b]!];
    if (!s || !t) return s ? -1 : t ? 1 : a - b;
    if (x === x || y === y) return x === x ? -1 : 1;
    return s < t ? -sign : s > t ? sign : a - b;
  });
}
