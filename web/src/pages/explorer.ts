// The explorer: shows the export with the filters of the address as a picture that can be explored.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";
import { type Bundled, bundle } from "../explorer/bundles";
import { type Frame, fit, shape } from "../explorer/frame";
import { label, sideOf } from "../explorer/labels";
import { fetchJson, fetchPage, fill, take } from "../explorer/page";
import { type Network, DARK, LIGHT, MANY, dress, onTheme, open, theme } from "../explorer/picture";
import { type Layout, type Point, near, positions } from "../explorer/places";
import { save } from "../dom";
import { png, svg } from "../explorer/save";
import { type State, adding, dropping, read, shown, tidy, values, write } from "../explorer/state";
import { arrangeTables, markRows } from "../explorer/tables";
import { suggest } from "../suggest";

cytoscape.use(fcose);

const root = document.getElementById("explorer") as HTMLElement;
const form = document.getElementById("filters") as HTMLFormElement;
const canvas = document.getElementById("picture") as HTMLElement;
const tables = document.getElementById("tables") as HTMLElement;
const panel = document.getElementById("panel") as HTMLElement;
const layouts = document.getElementById("layout") as HTMLSelectElement;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

let state: State = read(window.location.search);
let network: Network | null = null;
let cy: cytoscape.Core | null = null;
let many = false;
let asked = new AbortController();
let panelAsked = new AbortController();
let opener: HTMLElement | null = null;
const lineOf = new Map<string, string>(); // of each relation
let described: { kind: "node" | "edge"; id: string } | null = null; // what the panel shows

const address = (base: string | undefined, of: State = state, more: [string, string][] = []): string =>
  `${base}?${write([...more, ...of] as State)}`;
const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const tell = (words: string): void => void (byId("status").textContent = words);

// --- From one picture to the next

async function go(next: State, how: "push" | "none" = "push"): Promise<void> {
  const before = state;
  state = next;
  if (how === "push" && write(next) !== write(before)) window.history.pushState(null, "", address(root.dataset.page));
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  canvas.setAttribute("aria-busy", "true");
  fill(form, (name) => values(state, name));
  try {
    const [page, found] = await Promise.all([
      fetchPage(address(root.dataset.page), signal),
      fetchJson<Network>(address(root.dataset.cyjs, shown(state)), signal),
    ]);
    if (signal.aborted) return;
    take(page);
    show(found, before);
  } catch (error) {
    if (!signal.aborted) tell(`Cannot show this: ${(error as Error).message}`);
  } finally {
    if (!signal.aborted) canvas.removeAttribute("aria-busy");
  }
}

function show(found: Network, before: State | null): void {
  const old = new Map<string, Point>();
  cy?.nodes().forEach((node) => void old.set(node.id(), { ...node.position() }));
  const chosen = cy?.$(":selected").map((one) => one.id()) ?? [];
  const at = cy?.$("node.at").id();
  const ids = found.elements.nodes.map((node) => String(node.data.id));
  const kept = ids.filter((id) => old.has(id));
  // Expanding keeps every node in its place; a new start gets a new layout.
  const walks = before !== null && !values(before, "center").length === !values(state, "center").length;
  const stay = walks && kept.length > 0 && kept.length >= Math.min(old.size, ids.length) * 0.4;
  const fresh = ids.length - kept.length;
  network = found;
  const lines = bundle(found.elements.edges);
  lineOf.clear();
  for (const { data } of lines) for (const id of data.relations as string[]) lineOf.set(id, String(data.id));
  const nowMany = ids.length + lines.length / 3 > MANY;
  if (cy && nowMany !== many) {
    cy.destroy();
    cy = null;
  }
  many = nowMany;
  const picture = (cy ??= start());
  const places = stay ? near(ids, ties(found), only(old, kept)) : null;
  picture.elements().remove();
  dress(picture, found, theme(), many); // before elements are added: the style is computed once for each
  picture.batch(() => {
    picture.add({
      nodes: found.elements.nodes.map((node) => ({
        ...node,
        position: places?.get(String(node.data.id)) ?? { ...(node.position as Point) },
      })),
      edges: lines,
    });
    for (const id of values(state, "center")) picture.getElementById(id).addClass("middle");
    for (const id of chosen) picture.getElementById(id).select();
    if (at) picture.getElementById(at).addClass("at");
  });
  if (!stay) arrange(false);
  else if (fresh) {
    arranged = 0;
    const seen = picture.extent();
    const outside = (node: cytoscape.NodeSingular) => {
      const { x, y } = node.position();
      return x < seen.x1 || x > seen.x2 || y < seen.y1 || y > seen.y2;
    };
    if (picture.nodes().some(outside as never)) see();
  }
  label(picture);
  canvas.setAttribute("aria-label", `Network of ${ids.length} entities and ${found.elements.edges.length} relations; arrow keys move between entities. The tables below have the same content`);
  if (before) tell(byId("summary").textContent?.trim() ?? "");
  root.classList.toggle("mixed", lines.some(({ data }) => data.standing === "mixed"));
  if (described && drawn(described.id)?.nonempty()) void about(described.kind, described.id);
  else if (described) closePanel();
  root.dataset.shown = write(state);
}

const ties = (found: Network): [string, string][] =>
  found.elements.edges.map((edge) => [String(edge.data.source), String(edge.data.target)]);
const only = (places: Map<string, Point>, ids: string[]): Map<string, Point> =>
  new Map(ids.map((id) => [id, places.get(id) as Point]));

// --- The picture in its frame

let touched = false; // panned or zoomed by hand
let arranged = 0; // the shape of the frame for which the nodes were arranged; 0 when they were moved since

const frame = (): Frame => ({ wide: canvas.clientWidth, high: canvas.clientHeight });

function see(): void {
  if (!cy) return;
  touched = false;
  if (calm.matches || many) return fit(cy, frame());
  const from = { zoom: cy.zoom(), pan: { ...cy.pan() } };
  fit(cy, frame());
  const to = { zoom: cy.zoom(), pan: { ...cy.pan() } };
  cy.viewport(from).animate(to, { duration: 300 });
}

function arrange(animate: boolean): void {
  const picture = cy;
  if (!picture || !network) return;
  const placed = new Map(network.elements.nodes.map((node) => [String(node.data.id), node.position as Point]));
  const places = shape(picture, positions(picture, layouts.value as Layout, values(state, "center"), placed), frame());
  arranged = canvas.clientWidth / canvas.clientHeight;
  touched = false;
  const moves = animate && !calm.matches && !many;
  const layout = picture.layout({
    name: "preset",
    positions: ((node: cytoscape.NodeSingular) => places.get(node.id())) as never,
    animate: moves,
    animationDuration: 350,
    fit: false,
  });
  layout.one("layoutstop", () => (moves ? see() : fit(picture, frame())));
  layout.run();
}

// The picture keeps filling its frame, also beside the panel. What was moved by hand or walked to stays where it is.
let wide = 0;
new ResizeObserver(() => {
  if (!cy) return;
  cy.resize();
  const shape = canvas.clientWidth / canvas.clientHeight;
  if (touched) cy.panBy({ x: (canvas.clientWidth - wide) / 2, y: 0 });
  else if (arranged && Math.abs(Math.log(shape / arranged)) > 0.15) arrange(false);
  else fit(cy, frame());
  wide = canvas.clientWidth;
  label(cy);
}).observe(canvas);

// --- The picture and its events

function start(): cytoscape.Core {
  canvas.hidden = false;
  const picture = open(canvas, many);
  let timer = 0;
  const relabel = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => label(picture), 90);
  };
  picture.on("viewport layoutstop", relabel);
  picture.on("dragpan scrollzoom pinchzoom", () => void (touched = true));
  picture.on("dragfree", "node", () => {
    arranged = 0;
    relabel();
  });
  picture.on("select", (event) => {
    light(event.target as cytoscape.SingularElementArgument);
    markRows(tables, [event.target.id(), ...((event.target.data("relations") as string[] | undefined) ?? [])]);
    relabel();
  });
  picture.on("unselect", () => {
    picture.elements().removeClass("faded near");
    markRows(tables, []);
    relabel();
  });
  picture.on("onetap", "node", (event) => void about("node", event.target.id()));
  picture.on("onetap", "edge", (event) => void about("edge", event.target.id()));
  picture.on("tap", (event) => {
    if (event.target === picture) closePanel();
  });
  picture.on("dbltap", "node", (event) => expand(event.target.id()));
  picture.on("mouseover", "node", (event) => {
    event.target.addClass("met");
    canvas.classList.add("over");
    if (!sideOf(event.target)) canvas.title = event.target.data("label");
  });
  picture.on("mouseover", "edge", (event) => {
    canvas.classList.add("over");
    const edge = event.target.addClass("met");
    relabel();
    canvas.title = `${edge.source().data("label")} – ${edge.data("label")} – ${edge.target().data("label")}`;
  });
  picture.on("mouseout", "node, edge", (event) => {
    event.target.removeClass("met");
    canvas.classList.remove("over");
    canvas.title = "";
    relabel();
  });
  (canvas as HTMLElement & { picture?: cytoscape.Core }).picture = picture; // for a console, and for tests
  return picture;
}

/** Highlight the selection and its neighbours. */
function light(one: cytoscape.SingularElementArgument): void {
  if (!cy) return;
  const around = one.isNode() ? one.closedNeighborhood() : one.union((one as cytoscape.EdgeSingular).connectedNodes());
  cy.batch(() => {
    cy?.elements().addClass("faded").removeClass("near");
    around.removeClass("faded");
    if (around.edges().length < 25) around.edges().addClass("near");
  });
}

function expand(id: string): void {
  const middles = values(state, "center");
  if (!middles.includes(id)) void go(adding(state, "center", id));
  else if (middles.length > 1) void go(dropping(state, "center", id));
  else tell("This is the only starting point. Add another one before you remove it.");
}

// --- The selection

/** Return the node of an entity, or the line of a relation. */
function drawn(id: string): cytoscape.CollectionReturnValue | undefined {
  return cy?.getElementById(lineOf.get(id) ?? id);
}

async function about(kind: "node" | "edge", id: string, focus = false): Promise<void> {
  panelAsked.abort();
  panelAsked = new AbortController();
  const { signal } = panelAsked;
  const element = drawn(id);
  if (element?.nonempty() && !element.selected()) {
    cy?.$(":selected").unselect();
    element.select();
  }
  try {
    const { source, target, relations } = (element?.data() ?? {}) as Partial<Bundled>;
    const several = kind === "edge" && element?.id() === id && (relations?.length ?? 0) > 1;
    const asked: [string, string][] = several ? [["start", source ?? ""], ["end", target ?? ""]] : [["id", id]];
    const page = await fetchPage(address(root.dataset[kind], state, asked), signal);
    const chosen = page.getElementById("chosen");
    if (signal.aborted || !chosen) return;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.textContent = "✕";
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", closePanel);
    const heading = chosen.querySelector("h1");
    if (heading) heading.replaceWith(renamed(heading, "h2"));
    for (const below of chosen.querySelectorAll("h2:not(.title)")) below.replaceWith(renamed(below, "h3"));
    const again = described?.id === id;
    const inside = panel.contains(document.activeElement);
    described = { kind, id };
    panel.replaceChildren(close, document.importNode(chosen, true));
    panel.hidden = false;
    root.classList.add("chosen");
    if (!again) panel.scrollTop = 0;
    if (focus || inside) panel.focus({ preventScroll: again });
    else if (!again && window.matchMedia("(max-width: 60rem)").matches) panel.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (!signal.aborted) tell(`Cannot show this: ${(error as Error).message}`);
  }
}

function renamed(heading: Element, name: string): Element {
  const other = document.createElement(name);
  if (name === "h2") other.className = "title";
  other.append(...heading.childNodes);
  return other;
}

function closePanel(): void {
  panelAsked.abort();
  described = null;
  cy?.$(":selected").unselect();
  const inside = panel.contains(document.activeElement);
  panel.hidden = true;
  panel.replaceChildren();
  root.classList.remove("chosen");
  if (inside) (opener && document.contains(opener) ? opener : canvas).focus();
  opener = null;
}

function center(id: string): void {
  const node = cy?.getElementById(id);
  if (!cy || !node?.nonempty()) return;
  const zoom = Math.max(cy.zoom(), 0.8);
  const { x, y } = node.position();
  const pan = { x: canvas.clientWidth / 2 - zoom * x, y: canvas.clientHeight / 2 - zoom * y };
  if (calm.matches || many) cy.viewport({ zoom, pan });
  else cy.animate({ zoom, pan }, { duration: 250 });
}

// --- The page around

root.addEventListener("click", (event) => {
  const link = (event.target as Element).closest("a");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const url = new URL(link.href, document.baseURI);
  const at = (base: string | undefined) => url.pathname === new URL(base ?? "", document.baseURI).pathname;
  const byKeys = event.detail === 0;
  if (at(root.dataset.page)) {
    if (!url.search || url.searchParams.has("find")) return;
    event.preventDefault();
    void go(read(url.search));
  } else if (at(root.dataset.node) || at(root.dataset.edge)) {
    event.preventDefault();
    const id = url.searchParams.get("id") ?? "";
    if (!panel.contains(link)) opener = link;
    const kind = at(root.dataset.node) ? "node" : "edge";
    if (kind === "node") center(id);
    void about(kind, id, byKeys || panel.contains(link));
    if (!byKeys && !panel.contains(link)) canvas.scrollIntoView({ block: "nearest" });
  }
});

// The arrow keys move through the rows of a table, as in a list.
root.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden && !(event.target as Element).closest("#filters")) return closePanel();
  const link = (event.target as Element).closest<HTMLElement>("#tables a");
  if (!link || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const all = [...(link.closest("table")?.querySelectorAll<HTMLElement>("[data-entity], [data-relation]") ?? [])];
  const own = link.closest("tr")?.querySelector<HTMLElement>("[data-entity], [data-relation]");
  const next = all[all.indexOf(own ?? link) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

/** Return the nearest node in a direction, as on a map; from nowhere the most important one. */
function towards(from: cytoscape.NodeSingular | undefined, way: Point): cytoscape.NodeSingular | undefined {
  const nodes = cy?.nodes().toArray() as cytoscape.NodeSingular[];
  if (!from) return nodes.find((node) => node.hasClass("middle")) ?? nodes.sort((one, other) => other.degree(false) - one.degree(false))[0];
  const { x, y } = from.position();
  let [best, least] = [undefined as cytoscape.NodeSingular | undefined, Infinity];
  for (const node of nodes) {
    const [across, down] = [node.position().x - x, node.position().y - y];
    const ahead = across * way.x + down * way.y;
    const aside = Math.abs(across * way.y - down * way.x);
    if (ahead > 0 && ahead >= aside / 2 && ahead + 2 * aside < least) [best, least] = [node, ahead + 2 * aside];
  }
  return best;
}

/** Move the keyboard's mark to a node, and say what it is. */
function visit(node: cytoscape.NodeSingular): void {
  cy?.$(".at").removeClass("at");
  node.addClass("at");
  const { x, y } = node.renderedPosition();
  if (x < 0 || y < 0 || x > canvas.clientWidth || y > canvas.clientHeight) center(node.id());
  if (cy) label(cy);
  const [findings, relations] = [Number(node.data("finding_count") ?? 0), Number(node.data("degree") ?? 0)];
  tell(`${node.data("label")}: ${findings} finding${findings === 1 ? "" : "s"}, ${relations} relation${relations === 1 ? "" : "s"}. Enter for details, Space to expand, Delete to hide.`);
}

const STEP = 60;
canvas.addEventListener("keydown", (event) => {
  if (!cy || event.ctrlKey || event.metaKey || event.altKey) return;
  const ways: Record<string, Point> = {
    ArrowLeft: { x: -1, y: 0 },
    ArrowRight: { x: 1, y: 0 },
    ArrowUp: { x: 0, y: -1 },
    ArrowDown: { x: 0, y: 1 },
  };
  const way = ways[event.key];
  const at = cy.nodes(".at, :selected").toArray().sort((one, other) => Number(other.hasClass("at")) - Number(one.hasClass("at")))[0] as cytoscape.NodeSingular | undefined;
  const id = at?.id();
  if (way && event.shiftKey) {
    touched = true;
    cy.panBy({ x: -way.x * STEP, y: -way.y * STEP });
  } else if (way) {
    const next = towards(at, way);
    if (next) visit(next);
  } else if (event.key === "+" || event.key === "=") zoom(1.25);
  else if (event.key === "-") zoom(0.8);
  else if (event.key === "0") see();
  else if (event.key === "Enter" && id) {
    opener = canvas;
    void about("node", id, true);
  } else if (event.key === " " && id) expand(id);
  else if (event.key === "Delete" && id) void go(adding(state, "without", id));
  else return;
  event.preventDefault();
});

canvas.addEventListener("focus", () => {
  if (cy && !cy.$(".at").length && canvas.matches(":focus-visible")) {
    const start = (cy.$("node:selected")[0] as cytoscape.NodeSingular | undefined) ?? towards(undefined, { x: 0, y: 0 });
    if (start) visit(start);
  }
});
canvas.addEventListener("blur", () => void cy?.$(".at").removeClass("at"));

function zoom(by: number): void {
  touched = true;
  cy?.zoom({ level: cy.zoom() * by, renderedPosition: { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 } });
}

form.addEventListener("change", (event) => {
  if ((event.target as HTMLElement).id === "find") return;
  const places = ["center", "without", "graph"]; // the form has them for browsers without scripts
  const given = ([...new FormData(form)] as [string, string][]).filter(([name]) => ![...places, "find"].includes(name));
  void go(tidy([...given, ...state.filter(([name]) => places.includes(name))]));
});

suggest(byId<HTMLInputElement>("find"), {
  address: root.dataset.names ?? "",
  fits: (hit) => Boolean(form.dataset.groups?.split(" ").includes(hit.id.split("/")[0] ?? "")),
  choose: (hit) => {
    byId<HTMLInputElement>("find").value = "";
    void go(adding(state, "center", hit.id)).then(() => void about("node", hit.id));
  },
});

layouts.addEventListener("change", () => arrange(true));
byId("closer").addEventListener("click", () => zoom(1.25));
byId("farther").addEventListener("click", () => zoom(0.8));
byId("fit").addEventListener("click", see);

byId("pictures").addEventListener("click", async (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-save]");
  if (!button || !cy || !network) return;
  const look = button.dataset.ground === "dark" ? DARK : button.dataset.ground === "light" ? LIGHT : theme();
  cy.elements().removeClass("faded near met at");
  dress(cy, network, look, many);
  label(cy, true);
  try {
    if (button.dataset.save === "png") save(await png(cy, look), "image/png", "calcikg.png");
    else save(svg(cy, look, document.title), "image/svg+xml", "calcikg.svg");
  } catch (error) {
    tell(`Cannot save the picture: ${(error as Error).message}`);
  } finally {
    dress(cy, network, theme(), many);
    label(cy);
  }
});

onTheme(() => {
  if (cy && network) dress(cy, network, theme(), many);
});

window.addEventListener("popstate", () => void go(read(window.location.search), "none"));

// --- Start: the page is complete, the picture is loading.

byId("status").querySelector("span")?.removeAttribute("hidden");
byId("tools").hidden = false;
arrangeTables(tables);
byId("pictures").hidden = false;
canvas.tabIndex = 0;
canvas.setAttribute("role", "application");
canvas.hidden = false;
form.classList.add("lively");
if (window.matchMedia("(max-width: 60rem)").matches) form.querySelector("details")?.removeAttribute("open");
fetchJson<Network>(address(root.dataset.cyjs, shown(state)), asked.signal)
  .then((found) => show(found, null))
  .catch((error: Error) => {
    if (error.name !== "AbortError") tell(`Cannot show the picture: ${error.message}`);
  });
