// Results as a table: labels linked to their pages, numbers aligned right, one page of rows at a time.

import type { Answer } from "./answer";
import { button, choice, make } from "../dom";
import { address, isOurs, label, learn, said } from "./names";
import { order, type Column } from "./order";
import type { Show } from "./state";
import type { Term } from "./terms";

const SIZES = [50, 100, 500, 1000] as const;

export class Table {
  private size = 100;
  private start = 0;
  private plain = false;
  private rows: Uint32Array;
  private readonly body = make("div", { className: "wide" });
  private readonly pager = make("div", { className: "bench-bar pages" });

  constructor(
    private readonly answer: Answer,
    private readonly columns: Column[],
    private readonly show: Show,
    private readonly changed: () => void,
  ) {
    this.rows = this.sorted();
  }

  /** Show the table and its options. */
  draw(view: HTMLElement, options: HTMLElement): void {
    const plain = make("input", { type: "checkbox", checked: this.plain });
    plain.addEventListener("change", () => {
      this.plain = plain.checked;
      this.fill();
    });
    options.append(make("label", { className: "choice" }, plain, " Show IRIs"));
    if (this.answer.rows.length > SIZES[0])
      options.append(
        choice("Rows per page", SIZES.map((size) => [String(size), String(size)] as const), String(this.size), (size) => {
          this.size = Number(size);
          this.fill();
        }),
      );
    // On a phone rows are cards, and there are no headings to sort by.
    const sorts = this.columns.flatMap(({ name }) => [[name, name], [`-${name}`, `${name}, descending`]] as [string, string][]);
    const sort = choice("Sort by", [["", "query order"], ...sorts], (this.show.descending ? "-" : "") + this.show.sort, (by) => {
      Object.assign(this.show, { sort: by.replace(/^-/, ""), descending: by.startsWith("-") });
      this.again();
    });
    sort.classList.add("narrow");
    options.append(sort);
    view.append(this.body, this.pager);
    this.fill();
  }

  private sorted(): Uint32Array {
    const column = this.columns.findIndex((one) => one.name === this.show.sort);
    return order(this.answer, column, this.show.descending);
  }

  private fill(): void {
    this.start = Math.max(0, Math.min(this.start, this.rows.length - 1));
    this.start -= this.start % this.size;
    const shown = this.rows.subarray(this.start, this.start + this.size);
    const table = make("table", { className: "answer" }, this.head(), this.rowsOf(shown));
    this.body.replaceChildren(table);
    this.page();
    this.name(table, shown);
  }

  private head(): HTMLElement {
    const row = make("tr");
    for (const column of this.columns) {
      const sorted = this.show.sort === column.name;
      const sort = button(column.name, () => this.sortBy(column.name), { className: "sort", title: "Sort by this column" });
      const cell = make("th", { scope: "col", className: column.holds === "numbers" ? "number" : "" }, sort);
      cell.setAttribute("aria-sort", sorted ? (this.show.descending ? "descending" : "ascending") : "none");
      row.append(cell);
    }
    return make("thead", {}, row);
  }

  /** Sort ascending, then descending, then in the order of the query. */
  private sortBy(name: string): void {
    if (this.show.sort !== name) Object.assign(this.show, { sort: name, descending: false });
    else if (!this.show.descending) this.show.descending = true;
    else Object.assign(this.show, { sort: "", descending: false });
    this.again();
    const at = this.columns.findIndex((column) => column.name === name);
    this.body.querySelectorAll<HTMLButtonElement>("th button")[at]?.focus();
  }

  private again(): void {
    this.rows = this.sorted();
    this.start = 0;
    this.fill();
    this.changed();
  }

  private rowsOf(shown: Uint32Array): HTMLElement {
    const body = make("tbody");
    for (const row of shown) {
      const line = make("tr");
      this.columns.forEach((column, at) => {
        const value = this.answer.term(row, at);
        const cell = make("td", { data: { label: column.name } });
        if (value) {
          if (value.number !== undefined) cell.className = "number";
          cell.append(shownAs(value, this.plain));
        }
        line.append(cell);
      });
      body.append(line);
    }
    return body;
  }

  private page(): void {
    const [total, last] = [this.rows.length, Math.min(this.start + this.size, this.rows.length)];
    this.pager.replaceChildren();
    if (total <= this.size) return;
    const go = (start: number, words: string, off: boolean) =>
      button(words, () => this.turn(start), { disabled: off });
    const end = Math.floor((total - 1) / this.size) * this.size;
    this.pager.append(
      go(0, "First", this.start === 0),
      go(this.start - this.size, "Previous", this.start === 0),
      make("span", { role: "status" }, `${number(this.start + 1)} to ${number(last)} of ${number(total)}`),
      go(this.start + this.size, "Next", last === total),
      go(end, "Last", last === total),
    );
  }

  private turn(start: number): void {
    this.start = start;
    const words = (document.activeElement as HTMLElement | null)?.textContent;
    this.fill();
    const buttons = [...this.pager.querySelectorAll("button")];
    const same = buttons.find((one) => one.textContent === words && !one.disabled);
    (same ?? buttons.find((one) => !one.disabled))?.focus();
  }

  /** Replace IRIs of other datasets by their labels once these are loaded. */
  private async name(table: HTMLElement, shown: Uint32Array): Promise<void> {
    if (this.plain) return;
    const iris = new Set<string>();
    for (const row of shown)
      this.columns.forEach((_, at) => {
        const value = this.answer.term(row, at);
        if (value?.kind === "iri") iris.add(value.value);
      });
    await learn(iris);
    if (!table.isConnected || this.plain) return;
    for (const link of table.querySelectorAll<HTMLElement>("[data-iri]")) link.textContent = label(link.dataset.iri!);
  }
}

/** Return the content of a cell. */
function shownAs(value: Term, plain: boolean): Node {
  if (value.kind === "iri") {
    const [href, words] = [address(value.value), said(value, plain)];
    const named: Record<string, string> = plain ? {} : { iri: value.value };
    if (!href) return make("span", { title: value.value, data: named }, words);
    return make("a", { href, title: value.value, data: named, ...(isOurs(href) ? {} : { rel: "noreferrer" }) }, words);
  }
  if (value.language) return make("span", { lang: value.language, title: `@${value.language}` }, value.value);
  if (value.datatype && value.number === undefined) return make("span", { title: value.datatype }, value.value);
  return document.createTextNode(value.value);
}

export function number(value: number): string {
  return value.toLocaleString("en-GB");
}
