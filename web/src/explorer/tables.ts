// The tables below the picture: as tabs, sorted by any column, with the selection of the picture marked.

let open = ""; // the id of the section that is shown
const order: Record<string, { column: number; up: boolean }> = {};

/** Make tabs and headers that sort; again whenever the tables were replaced. */
export function arrangeTables(tables: HTMLElement): void {
  const sections = [...tables.querySelectorAll<HTMLElement>(":scope > section")];
  open = sections.some((section) => section.id === open) ? open : (sections[0]?.id ?? "");
  const bar = document.createElement("div");
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", "Tables");
  for (const section of sections) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `${section.id}-tab`;
    tab.dataset.panel = section.id;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", section.id);
    const heading = section.querySelector<HTMLElement>("h2");
    tab.textContent = heading?.textContent ?? "";
    heading?.remove();
    section.setAttribute("role", "tabpanel");
    section.setAttribute("aria-labelledby", tab.id);
    bar.append(tab);
    const table = section.querySelector("table");
    if (table) makeSortable(section.id, table);
  }
  bar.addEventListener("click", (event) => {
    const tab = (event.target as Element).closest<HTMLElement>("[role=tab]");
    if (tab) turn(tables, tab.dataset.panel ?? "");
  });
  bar.addEventListener("keydown", (event) => {
    const tabs = [...bar.querySelectorAll<HTMLElement>("[role=tab]")];
    const at = tabs.findIndex((tab) => tab.dataset.panel === open);
    const last = tabs.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    turn(tables, tabs[to]?.dataset.panel ?? "");
    tabs[to]?.focus();
  });
  tables.prepend(bar);
  turn(tables, open);
}

function turn(tables: HTMLElement, id: string): void {
  open = id;
  for (const tab of tables.querySelectorAll<HTMLElement>("[role=tab]")) {
    const now = tab.dataset.panel === id;
    tab.setAttribute("aria-selected", String(now));
    tab.tabIndex = now ? 0 : -1;
  }
  for (const section of tables.querySelectorAll<HTMLElement>(":scope > section")) section.hidden = section.id !== id;
  reveal(tables);
}

/** Mark the rows of entities and relations by their ids, and bring the first of them into view within its table. */
export function markRows(tables: HTMLElement, ids: string[]): void {
  for (const link of tables.querySelectorAll<HTMLElement>("[data-entity], [data-relation]")) {
    const row = link.closest("tr");
    if (ids.includes(link.dataset.entity ?? link.dataset.relation ?? "")) row?.setAttribute("aria-current", "true");
    else row?.removeAttribute("aria-current");
  }
  reveal(tables);
}

/** Scroll the table alone: the page stays where the reader is. */
function reveal(tables: HTMLElement): void {
  const row = tables.querySelector<HTMLElement>("section:not([hidden]) [aria-current]");
  const box = row?.closest<HTMLElement>(".rows");
  if (!row || !box) return;
  const [inner, outer] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
  const head = box.querySelector("thead")?.clientHeight ?? 0;
  if (inner.top < outer.top + head || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - head - 8;
}

function makeSortable(name: string, table: HTMLTableElement): void {
  const headers = [...table.querySelectorAll<HTMLTableCellElement>("thead th:not([data-unsorted])")];
  const sort = (column: number, up: boolean) => {
    order[name] = { column, up };
    headers.forEach((header, at) => (at === column ? header.setAttribute("aria-sort", up ? "ascending" : "descending") : header.removeAttribute("aria-sort")));
    const rows = [...(table.tBodies[0]?.rows ?? [])];
    rows.sort((one, other) => (up ? 1 : -1) * compare(value(one, column), value(other, column)));
    table.tBodies[0]?.append(...rows);
  };
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...header.childNodes);
    // Numbers are more interesting from the largest on.
    const usual = !header.classList.contains("number");
    button.addEventListener("click", () => sort(column, header.hasAttribute("aria-sort") ? header.getAttribute("aria-sort") !== "ascending" : usual));
    header.append(button);
  });
  const before = order[name];
  if (before) sort(before.column, before.up);
}

const value = (row: HTMLTableRowElement, column: number): string => {
  const cell = row.cells[column];
  return (cell?.dataset.value ?? cell?.textContent ?? "").trim();
};

/** Compare as numbers where both are, and as words; what is empty comes last. */
function compare(one: string, other: string): number {
  if (!one || !other) return one ? -1 : other ? 1 : 0;
  return one.localeCompare(other, "en", { numeric: true, sensitivity: "base" });
}
