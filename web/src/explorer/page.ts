// The parts of the page around the picture; they come from the server, and are the same with and without scripts.

import { arrangeTables } from "./tables";

/** The parts that change with the filters; the form keeps its fields, and so the focus. */
const PARTS = ["summary", "chips", "legend", "formats", "tables", "places"];

export async function fetchPage(address: string, signal: AbortSignal): Promise<Document> {
  const answer = await fetch(address, { signal, headers: { Accept: "text/html, application/problem+json" } });
  if (!answer.ok) throw new Error(await reason(answer));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

export async function fetchJson<T>(address: string, signal: AbortSignal): Promise<T> {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(await reason(answer));
  return (await answer.json()) as T;
}

/** Replace the parts by those of another page of the explorer, and keep the focus. */
export function take(page: Document): void {
  const focus = document.activeElement;
  const trail = focus instanceof HTMLElement ? traced(focus) : null;
  for (const id of PARTS) {
    const [here, there] = [document.getElementById(id), page.getElementById(id)];
    if (here && there) here.replaceChildren(...[...there.childNodes].map((node) => document.importNode(node, true)));
  }
  arrangeTables(document.getElementById("tables") as HTMLElement);
  for (const choice of document.querySelectorAll<HTMLDetailsElement>("details.choice")) {
    const name = choice.querySelector("input")?.name;
    const there = name && page.querySelector(`details.choice input[name="${name}"]`)?.closest("details");
    const [now, then] = [choice.querySelector("summary small"), there && there.querySelector("summary small")];
    if (now && then) now.textContent = then.textContent;
  }
  document.title = page.title;
  const link = (id: string) => page.getElementById(id)?.hasAttribute("hidden") ?? true;
  document.getElementById("nothing")?.toggleAttribute("hidden", link("nothing"));
  if (trail && focus && !document.contains(focus))
    [trail, "#tables section:not([hidden]) tbody a", "#find"]
      .map((selector) => document.querySelector<HTMLElement>(selector))
      .find((element) => element !== null)
      ?.focus({ preventScroll: true });
}

/** Return a selector that finds an element again after its part was replaced. */
function traced(element: HTMLElement): string | null {
  const row = element.closest("tr")?.querySelector<HTMLElement>("[data-entity], [data-relation]");
  for (const [name, id] of Object.entries(row?.dataset ?? {})) return `#tables [data-${name}="${CSS.escape(id ?? "")}"]`;
  if (element.closest("#tables")) return "#tables section:not([hidden]) tbody a";
  if (element.closest("#chips")) return "#chips a, #find";
  return null;
}

/** Set the fields of the form to the filters. */
export function fill(form: HTMLFormElement, values: (name: string) => string[]): void {
  for (const field of form.querySelectorAll<HTMLInputElement>('input[type="checkbox"]'))
    field.checked = values(field.name).includes(field.value);
  for (const field of form.querySelectorAll("select")) field.value = values(field.name)[0] ?? field.dataset.usual ?? "";
}

async function reason(answer: Response): Promise<string> {
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string; title?: string };
  return problem.detail ?? problem.title ?? `HTTP status ${answer.status}`;
}
