// The page of search results, as the service writes it.
import { make } from "../dom";
import { type Hit, search } from "./search";
import { root } from "./place";

const MOST = 50;

/** Show the results for the search text in the address, on the page of the search form. */
export async function showResults(): Promise<void> {
  const asked = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const main = document.querySelector("main");
  if (location.pathname !== new URL("search.html", root).pathname || !asked || !main) return;
  document.title = `${asked} · calcikg`;
  const field = document.querySelector<HTMLInputElement>("#search");
  if (field) field.value = asked;
  const hits = await search(asked);
  main.replaceChildren(make("h1", {}, `Results for “${asked}”`), ...(hits.length ? listed(hits) : [nothing()]));
}

function listed(hits: Hit[]): HTMLElement[] {
  const list = make("ul", { className: "entities" });
  for (const { id, label, name, type } of hits.slice(0, MOST)) {
    const other = name.toLowerCase() === label.toLowerCase() ? "" : ` · ${name}`;
    const words = type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
    list.append(make("li", {}, link(`page/${id}.html`, label), " ", make("small", {}, words + other)));
  }
  return hits.length > MOST ? [list, make("p", {}, `The ${MOST} best matches of ${hits.length}.`)] : [list];
}

function nothing(): HTMLElement {
  return make("p", {}, "No matches. The search covers the beginnings of names and of their words; for figures and statements, see the ", link("page/finding.html", "list of findings"), ".");
}

function link(file: string, words: string): HTMLElement {
  return make("a", { href: new URL(file, root).href }, words);
}
