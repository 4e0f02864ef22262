// Results as a graph, with the facts on a selected node beside it, for mouse and keyboard alike.

import type { Answer } from "./answer";
import { button, choice, make, save } from "../dom";
import { address, learn } from "./names";
import { fit, network, type Network } from "./network";
import type { Column } from "./order";
import { settings } from "./settings";
import type { Show } from "./state";
import { number } from "./table";

/** A drawn graph. */
export interface Drawing {
  choose(id: string): void;
  zoom(factor: number): void;
  fit(): void;
  png(): Blob;
  end(): void;
}
export type Painter = (container: HTMLElement, network: Network, pick: (id: string) => void) => Drawing;

declare global {
  interface Window {
    calcikgPaint?: Painter;
  }
}

export class Graph {
  private drawing: Drawing | undefined;
  private readonly note = make("p", { className: "note" });
  private readonly picture = make("div", { className: "graph __________cytoscape_container" });
  private readonly facts = make("div", { className: "card facts-of", hidden: true });
  private readonly nodes = make("select", { id: "find-node" });

  constructor(
    private readonly answer: Answer,
    private readonly columns: Column[],
    private readonly show: Show,
    private readonly changed: () => void,
  ) {
    fit(answer, columns, show);
    this.picture.setAttribute("role", "img");
  }

  draw(view: HTMLElement, options: HTMLElement): void {
    const names = this.columns.map((column) => column.name);
    const graph = this.show.graph;
    if (this.answer.kind === "table") {
      const pick = (label: string, key: "from" | "by" | "to", offered: string[]) =>
        choice(label, offered.map((name) => [name, name || "none"] as const), graph[key], (name) => {
          graph[key] = name;
          this.changed();
          void this.paint();
        });
      options.append(pick("Source", "from", names), pick("Relation", "by", ["", ...names]), pick("Target", "to", names));
    }
    this.nodes.addEventListener("change", () => this.drawing?.choose(this.nodes.value));
    options.append(
      make("span", { className: "choice" }, make("label", { htmlFor: this.nodes.id }, "Go to"), this.nodes),
      button("Zoom in", () => this.drawing?.zoom(1.3)),
      button("Zoom out", () => this.drawing?.zoom(1 / 1.3)),
      button("Fit", () => this.drawing?.fit()),
      button("Save picture", () => this.drawing && save(this.drawing.png(), "image/png", "calcikg-graph.png")),
    );
    view.append(this.note, make("div", { className: "beside" }, this.picture, this.facts));
    void this.paint();
  }

  end(): void {
    this.drawing?.end();
    this.drawing = undefined;
  }

  private async paint(): Promise<void> {
    this.note.textContent = "Drawing …";
    const first = network(this.answer, this.columns, this.show);
    await Promise.all([script(), learn(first.nodes.flatMap((node) => node.iri ?? []))]).catch(() => undefined);
    if (!this.picture.isConnected) return;
    const found = network(this.answer, this.columns, this.show);
    const notes = [`${number(found.nodes.length)} nodes and ${number(found.edges.length)} edges; the table has the same data`];
    if (found.left) notes.push(`${number(found.left)} rows beyond the first ${number(found.nodes.length)} nodes are not shown`);
    if (found.bare) notes.push(`${number(found.bare)} rows name only one node`);
    this.note.textContent = `${notes.join("; ")}.`;
    this.picture.setAttribute("aria-label", notes[0]!);
    this.nodes.replaceChildren(new Option("a node …", ""), ...found.nodes.map((node) => new Option(node.label, node.id)));
    this.facts.hidden = true;
    this.end();
    if (!window.calcikgPaint) {
      this.note.textContent = "The graph script did not load; the table has the same data.";
      return;
    }
    this.drawing = window.calcikgPaint(this.picture, found, (id) => this.tell(found, id));
  }

  private tell(found: Network, id: string): void {
    const node = found.nodes.find((one) => one.id === id);
    if (!node) return;
    this.nodes.value = id;
    const named = new Map(found.nodes.map((one) => [one.id, one.label]));
    const href = node.iri && address(node.iri);
    const lines = [
      ...node.facts.map(([relation, value]) => `${relation}: ${value}`),
      ...found.edges.filter((edge) => edge.from === id).map((edge) => `${edge.label} → ${named.get(edge.to)}`.trim()),
      ...found.edges.filter((edge) => edge.to === id).map((edge) => `${named.get(edge.from)} → ${edge.label}`.trim()),
    ];
    this.facts.hidden = false;
    this.facts.replaceChildren(
      make("h3", {}, href ? make("a", { href }, node.label) : node.label),
      make("ul", {}, ...lines.map((line) => make("li", {}, line))),
    );
  }
}

let loading: Promise<void> | undefined;

/** Load the script that draws, when it is first needed. */
function script(): Promise<void> {
  // Cytoscape would write a style sheet into the page, which the page's policy forbids; where one of this id stands
  // it does not. Its rules are in workbench.css.
  if (!document.getElementById("__________cytoscape_stylesheet"))
    document.head.append(make("meta", { id: "__________cytoscape_stylesheet" }));
  loading ??= new Promise((done, failed) => {
    const element = make("script", { src: settings.graphScript });
    element.addEventListener("load", () => done());
    element.addEventListener("error", () => {
      loading = undefined;
      failed(new Error("the script did not load"));
    });
    document.head.append(element);
  });
  return loading;
}
