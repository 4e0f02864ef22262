// The order of rows, and the kind of values in each column.

import type { Answer } from "./answer";
import { said } from "./names";
import { term } from "./terms";

/** Rows that are read to tell what a column contains. */
const SAMPLE = 2_000;

export interface Column {
  name: string;
  /** Most of its values are numbers, IRIs, or other text. */
  holds: "numbers" | "resources" | "text";
}

export function columns(answer: Answer): Column[] {
  const seen = answer.columns.map(() => ({ numbers: 0, resources: 0, all: 0 }));
  for (let row = 0; row < Math.min(answer.rows.length, SAMPLE); row++) {
    const cells = answer.cells(row);
    seen.forEach((count, column) => {
      const value = term(cells[column] ?? "");
      if (!value) return;
      count.all++;
      if (value.number !== undefined) count.numbers++;
      if (value.kind !== "literal") count.resources++;
    });
  }
  return answer.columns.map((name, at) => {
    const { numbers, resources, all } = seen[at]!;
    return { name, holds: numbers * 2 > all ? "numbers" : resources * 2 > all ? "resources" : "text" };
  });
}

/** Sort rows by a column: numbers by size, then words; rows without a value come last. */
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
