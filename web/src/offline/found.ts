// The page of what was found by name, as the service writes it.
import { type Hit, search } from "./search";
import { root } from "./place";

const MOST = 50;

/** Show what fits the words in the address, on the page that search leads to. */
export async function showFound(): Promise<void> {
  const asked = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const main = document.querySelector("main");
  if (location.pathname !== new URL("search.html", root).pathname || !asked || !main) return;
  document.title = `${asked} · calcikg`;
  const field = document.querySelector<HTMLInputElement>("#search");
  if (field) field.value = asked;
  const hits = await search(asked);
  main.replaceChildren(make("h1", `Found for “${asked}”`), ...(hits.length ? listed(hits) : [nothing()]));
}

function listed(hits: Hit[]): HTMLElement[] {
  const list = make("ul");
  list.className = "things";
  for (const { id, label, name, type } of hits.slice(0, MOST)) {
    const other = name.toLowerCase() === label.toLowerCase() ? "" : ` · ${name}`;
    const words = type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
    const item = make("li");
    item.append(link(`page/${id}.html`, label), " ", make("small", words + other));
    list.append(item);
  }
  return hits.length > MOST ? [list, make("p", `The ${MOST} best of ${hits.length}.`)] : [list];
}

function nothing(): HTMLElement {
  const told = make("p", "Nothing is called so. Names are found by their beginnings and those of their words; for figures and statements, see the ");
  told.append(link("page/finding.html", "list of findings"), ".");
  return told;
}

function link(file: string, words: string): HTMLElement {
  const made = make("a", words) as HTMLAnchorElement;
  made.href = new URL(file, root).href;
  return made;
}

function make(tag: string, words = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = words;
  return made;
}
