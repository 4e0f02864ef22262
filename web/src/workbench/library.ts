// The questions of the library: filtered as you type, and put into the editor when chosen.

import { make, one } from "../dom";
import { settings } from "./settings";

type Texts = Map<string, string>;
let texts: Promise<Texts> | undefined;

/** Return the query of every question by its slug; none when they cannot be loaded. */
export function questionTexts(): Promise<Texts> {
  texts ??= askTexts().catch(() => {
    texts = undefined; // try again the next time
    return new Map();
  });
  return texts;
}

async function askTexts(): Promise<Texts> {
  const answer = await fetch(settings.questions);
  if (!answer.ok) throw new Error(`HTTP status ${answer.status}`);
  return new Map(Object.entries((await answer.json()) as Record<string, string>));
}

const links = () => [...document.querySelectorAll<HTMLAnchorElement>("a[data-question]")];

/** Return the words of a question. */
export function wordsOf(slug: string): string {
  const link = links().find((one) => one.dataset.question === slug);
  return link?.querySelector("span")?.firstChild?.textContent?.trim() ?? "";
}

/** Mark the question that is in the editor. */
export function mark(slug: string | undefined): void {
  for (const link of links())
    if (link.dataset.question === slug) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
}

/** Make the list filter, and its questions call `choose` with their slug. */
export function openLibrary(choose: (slug: string) => void): void {
  const field = document.getElementById("filter") as HTMLInputElement | null;
  if (!field) return;
  const details = field.closest("details")!;
  field.parentElement!.hidden = false;
  // On a phone the list stands above the editor, and would hide it.
  if (window.matchMedia("(max-width: 60rem)").matches) details.open = false;
  field.addEventListener("input", () => filter(field.value));
  field.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault()); // it would be emptied
  for (const link of links())
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      if (window.matchMedia("(max-width: 60rem)").matches) details.open = false;
      choose(link.dataset.question!);
    });
}

function filter(text: string): void {
  const asked = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const section of document.querySelectorAll<HTMLElement>(".library section")) {
    const kind = section.querySelector("h2")?.textContent?.toLowerCase() ?? "";
    let left = 0;
    for (const item of section.querySelectorAll<HTMLElement>("li")) {
      const words = `${kind} ${item.textContent?.toLowerCase()}`;
      item.hidden = !asked.every((word) => words.includes(word));
      if (!item.hidden) left++;
    }
    section.hidden = left === 0;
    shown += left;
  }
  const count = one("filtered");
  count.hidden = asked.length === 0;
  count.replaceChildren(make("small", {}, shown === 0 ? "No matches." : `${shown} ${shown === 1 ? "match" : "matches"}.`));
}
