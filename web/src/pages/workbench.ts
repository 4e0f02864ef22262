// The workbench: an editor, the questions of the library, and the results as a table, a chart, a graph or raw.
import { ask, ProblemError, type Answer } from "../workbench/answer";
import { showAsked } from "../workbench/asked";
import { Chart } from "../workbench/chart";
import { askedOf, choices } from "../workbench/choices";
import { button, choice, make, one, save } from "../dom";
import { Editor } from "../workbench/editor";
import { FORMATS, page } from "../workbench/files";
import { Graph } from "../workbench/graph";
import { forget, remember, showHistory } from "../workbench/history";
import { mark, openLibrary, questionTexts, wordsOf } from "../workbench/library";
import { queryLink, questionLink, readLink } from "../workbench/links";
import { learn, load } from "../workbench/names";
import { columns, type Column } from "../workbench/order";
import { counted, outcome, trouble } from "../workbench/outcome";
import { download, Raw } from "../workbench/raw";
import { settings } from "../workbench/settings";
import { read, written, type Show, type View } from "../workbench/state";
import { Table } from "../workbench/table";

const DRAFT = "calcikg.draft";
const NAMES: Record<View, string> = { table: "Table", chart: "Chart", graph: "Graph", raw: "Raw" };
/** The most labels that are loaded for a saved page. */
const LEARNED = 5_000;

interface Shown {
  draw(view: HTMLElement, options: HTMLElement): void;
  end?(): void;
}

let show: Show = read("");
let slug: string | undefined;
let running: AbortController | undefined;
let answer: Answer | undefined;
let held: Column[] = [];
let drawn: Shown | undefined;

const editor = new Editor(one<HTMLTextAreaElement>("query"), { run: () => void run(), changed });

function changed(text: string): void {
  try {
    sessionStorage.setItem(DRAFT, text);
  } catch {
    // without storage a reload loses the draft
  }
  stale();
  void title(text).then((words) => {
    if (editor.text() === text) void showAsked(words, text, (start, end, row) => editor.replace(start, end, row));
  });
}

/** Mark the results while the query is not the one that they answer. */
function stale(): void {
  const now = answer !== undefined && editor.text() !== answer.query;
  one("stale").hidden = !now;
  one("answer").classList.toggle("stale", now);
}

/** Return the title of a query: the words of its question, and whether more than its choices was changed. */
async function title(text: string): Promise<string> {
  if (!slug) return "";
  return (await isQuestion(text)) ? wordsOf(slug) : `${wordsOf(slug)} (changed)`;
}

/** Tell whether a text is the question that was chosen, about any entities. */
async function isQuestion(text: string): Promise<boolean> {
  const original = slug && (await questionTexts()).get(slug);
  return !!original && askedOf(original, chosenIn(text)) === text;
}

function chosenIn(text: string): Record<string, string[]> {
  return Object.fromEntries(choices(text).map((each) => [each.name, each.ids]));
}

/** Put a query into the editor, with a message. */
function put(text: string, question: string | undefined, words: string): void {
  slug = question;
  mark(question);
  editor.set(text);
  changed(text);
  say(words);
}

function say(words: string): void {
  one("said").textContent = words;
}

/** Return the link to the query in the editor; a question keeps its own link while only its choices change. */
async function link(): Promise<string> {
  const text = editor.text();
  const shown = answer || show.view !== "table" ? written(show) : "";
  const as = shown === "table" ? "" : shown;
  if (!slug || !(await isQuestion(text))) return queryLink(text, as);
  const before = chosenIn((await questionTexts()).get(slug) ?? "");
  const other = Object.entries(chosenIn(text)).filter(([name, ids]) => before[name]?.join(" ") !== ids.join(" "));
  return questionLink(slug, Object.fromEntries(other), as);
}

/** Put the link to what was run into the address bar, to be bookmarked or sent. */
async function note(): Promise<void> {
  history.replaceState(null, "", await link());
}

/** Read the query from the address; nothing runs by itself. */
async function follow(): Promise<boolean> {
  try {
    const linked = await readLink(location.hash);
    if (!linked) return false;
    show = read(linked.show);
    if (linked.text !== undefined) {
      put(linked.text, undefined, "The link contains this query. Press Run to run it.");
      return true;
    }
    const text = (await questionTexts()).get(linked.slug!);
    if (text === undefined) {
      say(`There is no question “${linked.slug}”.`);
      return false;
    }
    put(askedOf(text, linked.chosen), linked.slug, "Press Run, or edit the query first. Undo (Ctrl+Z) brings back the previous query.");
    return true;
  } catch {
    say("The link is damaged: its query cannot be read.");
    return false;
  }
}

async function run(): Promise<void> {
  const text = editor.text();
  if (!text.trim()) return say("Write a query first, or choose a question.");
  running?.abort();
  const mine = (running = new AbortController());
  const began = performance.now();
  const tell = (words: string) => (one("outcome").textContent = words);
  busy(true);
  say("");
  clear();
  one("answer").hidden = false;
  tell("Running …");
  void load();
  const clock = window.setInterval(() => one("run").setAttribute("data-time", `${((performance.now() - began) / 1000).toFixed(0)} s`), 1000);
  let last = began;
  try {
    const found = await ask(text, mine.signal, (part) => {
      if (performance.now() - last < 500) return;
      last = performance.now();
      tell(`Running: ${counted(part).toLowerCase()} so far …`);
    });
    if (running !== mine) return; // another query has taken its place
    await load();
    await present(found);
    remember(text, await title(text), counted(found).toLowerCase());
  } catch (error) {
    if (running !== mine) return;
    if (error instanceof ProblemError) {
      one("outcome").replaceChildren(trouble(error.problem));
      if (error.problem.line) editor.point(error.problem.line, error.problem.column ?? 1);
      remember(text, await title(text), "error");
    } else if (mine.signal.aborted) {
      tell("Query cancelled.");
    } else {
      throw error;
    }
  } finally {
    window.clearInterval(clock);
    if (running === mine) {
      running = undefined;
      busy(false);
    }
    showHistory(recall);
  }
  await note();
}

function busy(now: boolean): void {
  one("stop").hidden = !now;
  one("run").removeAttribute("data-time");
  one("answer").setAttribute("aria-busy", String(now));
}

function clear(): void {
  drawn?.end?.();
  drawn = answer = undefined;
  stale();
  one("views").hidden = true;
  for (const id of ["view", "options", "views"]) one(id).replaceChildren();
}

async function present(found: Answer): Promise<void> {
  answer = found;
  held = columns(found);
  one("outcome").replaceChildren(outcome(found));
  if (found.kind === "truth" && show.view !== "raw") show.view = "table";
  views();
  draw();
  stale(); // the query may have been changed while it ran
  const { top, height } = one("answer").getBoundingClientRect();
  if (top < 0 || top + Math.min(height, window.innerHeight / 2) > window.innerHeight) one("answer").scrollIntoView();
}

/** Show the views that fit the results: yes or no has only the raw one. */
function views(): void {
  const all: View[] = answer!.kind === "truth" || !answer!.rows.length ? ["table", "raw"] : ["table", "chart", "graph", "raw"];
  if (!all.includes(show.view)) show.view = "table";
  const bar = one("views");
  bar.hidden = false;
  bar.replaceChildren(
    ...all.map((view) =>
      button(NAMES[view], () => {
        show.view = view;
        for (const each of bar.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.dataset.view === view));
        draw();
        void note();
      }, { data: { view }, aria: { pressed: String(view === show.view) } }),
    ),
    files(),
  );
}

/** Return the choice of formats to save the results in. */
function files(): HTMLElement {
  const formats = FORMATS[answer!.kind].map(([words, , extension]) => [extension, words] as const);
  const pick = choice("Save as", [["", "…"], ["html", "HTML page"], ...formats], "", (extension) => void keep(extension));
  return make("span", { className: "files" }, pick);
}

async function keep(extension: string): Promise<void> {
  const [found, shown] = [answer!, held];
  if (!extension) return;
  try {
    if (extension === "html") {
      const iris = new Set<string>();
      for (let row = 0; row < Math.min(found.rows.length, LEARNED); row++)
        shown.forEach((_, at) => {
          const value = found.term(row, at);
          if (value?.kind === "iri") iris.add(value.value);
        });
      await learn([...iris].slice(0, LEARNED));
      save(page(found, shown, show, await title(found.query)), "text/html", "calcikg-results.html");
      say("Saved as one HTML page with the query, the rows and their provenance.");
    } else {
      say("Loading this format …");
      await download(found, extension);
      say("Saved: the complete results.");
    }
  } catch (error) {
    say(error instanceof ProblemError ? `${error.problem.title}: ${error.problem.detail}` : "The results were interrupted; nothing was saved.");
  }
  const select = one("views").querySelector<HTMLSelectElement>(".files select");
  if (select) select.value = "";
}

function draw(): void {
  drawn?.end?.();
  const [view, options, found] = [one("view"), one("options"), answer!];
  view.replaceChildren();
  options.replaceChildren();
  const again = () => void note();
  if (show.view === "raw") {
    drawn = new Raw(found, show, again);
  } else if (found.kind !== "truth" && found.rows.length) {
    const made = { table: Table, chart: Chart, graph: Graph }[show.view];
    drawn = new made(found, held, show, again);
  } else {
    drawn = undefined;
  }
  drawn?.draw(view, options);
}

function recall(text: string): void {
  put(text, undefined, "The query is in the editor again. Press Run to run it.");
  one("ask").scrollIntoView();
  editor.focus();
}

async function copy(text: string, words: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(words);
  } catch {
    // Without a clipboard (a page not over HTTPS) the text is shown and selected, to be copied by hand.
    const area = make("textarea", { value: text, readOnly: true, rows: 6 });
    area.setAttribute("aria-label", "Text to copy");
    one("said").replaceChildren("Copy this text: ", area);
    area.select();
  }
}

async function snippet(language: string): Promise<void> {
  const body = new URLSearchParams({ query: editor.text() });
  const response = await fetch(settings.snippets, { method: "POST", body }).catch(() => undefined);
  if (!response?.ok) return say("The service cannot be reached, or the query is too long.");
  const texts = (await response.json()) as Record<string, string>;
  await copy(texts[language] ?? "", "Copied.");
}

async function begin(): Promise<void> {
  for (const element of document.querySelectorAll<HTMLElement>(".plain")) element.hidden = true;
  for (const element of document.querySelectorAll<HTMLElement>(".tools, #keys")) element.hidden = false;
  one<HTMLSelectElement>("format").disabled = true;
  one("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  one("stop").addEventListener("click", () => running?.abort());
  one("link").addEventListener("click", async () => {
    const address = new URL(await link(), location.href).href;
    await copy(address, `Copied: a link to this query and view (${address.length} characters).`);
  });
  for (const element of document.querySelectorAll<HTMLElement>("[data-snippet]"))
    element.addEventListener("click", () => void snippet(element.dataset.snippet!));
  one("forget").addEventListener("click", () => {
    forget();
    showHistory(recall);
  });
  openLibrary((chosen) => {
    if (location.hash === `#question/${chosen}`) void follow();
    else location.hash = `question/${chosen}`;
    one("ask").scrollIntoView({ block: "nearest" });
  });
  window.addEventListener("hashchange", () => void follow());
  showHistory(recall);
  if (!(await follow())) {
    const draft = sessionStorage.getItem(DRAFT);
    if (draft) editor.set(draft);
    changed(editor.text());
  }
  document.querySelector<HTMLAnchorElement>(".skip")?.addEventListener("click", (event) => {
    event.preventDefault(); // the field of the form, where the link leads without scripts, has given way to the editor
    editor.focus();
  });
  document.body.dataset.ready = "true";
}

void begin();
