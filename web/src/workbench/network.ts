// Results as nodes and edges.

import type { Answer } from "./answer";
import { said } from "./names";
import type { Column } from "./order";
import type { Show } from "./state";
import { term, type Term } from "./terms";

/** The most nodes that can be read. */
const MOST_NODES = 300;
const LABELS = new Set(["http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#prefLabel"]);

export interface Node {
  id: string;
  label: string;
  /** The IRI, if it has one. */
  iri?: string;
  /** Its texts and numbers: relation and value. */
  facts: [string, string][];
}

export interface Edge {
  from: string;
  to: string;
  label: string;
}

export interface Network {
  nodes: Node[];
  edges: Edge[];
  /** Rows that make no edge, and rows left out because there are too many nodes. */
  bare: number;
  left: number;
}

/** Choose the best columns where none, or an absent one, is chosen. */
export function fit(answer: Answer, columns: Column[], show: Show): void {
  const names = columns.map((column) => column.name);
  const graph = show.graph;
  if (answer.kind === "graph") Object.assign(graph, { from: "subject", by: "predicate", to: "object" });
  const resources = columns.filter((column) => column.holds === "resources").map((column) => column.name);
  const free = [...resources, ...names.filter((name) => !resources.includes(name))];
  if (!names.includes(graph.from)) graph.from = free[0] ?? "";
  if (!names.includes(graph.to) || graph.to === graph.from) graph.to = free.find((name) => name !== graph.from) ?? "";
  if (!names.includes(graph.by)) graph.by = "";
}

export function network(answer: Answer, columns: Column[], show: Show): Network {
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const [from, by, to] = [at(show.graph.from), at(show.graph.by), at(show.graph.to)];
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  const found: Network = { nodes: [], edges: [], bare: 0, left: 0 };
  const node = (written: string, value: Term): Node | undefined => {
    let known = nodes.get(written);
    if (!known && nodes.size < MOST_NODES) {
      known = { id: written, label: said(value), facts: [], ...(value.kind === "iri" ? { iri: value.value } : {}) };
      nodes.set(written, known);
    }
    return known;
  };
  for (let row = 0; row < answer.rows.length; row++) {
    const cells = answer.cells(row);
    const [source, target] = [term(cells[from] ?? ""), term(cells[to] ?? "")];
    if (!source || !target) {
      found.bare++;
      continue;
    }
    const relation = by < 0 ? undefined : term(cells[by] ?? "");
    const start = node(cells[from]!, source);
    if (answer.kind === "graph" && target.kind === "literal") {
      if (!start) found.left++;
      else if (relation && LABELS.has(relation.value)) start.label = target.value;
      else start.facts.push([said(relation), target.value]);
      continue;
    }
    const end = start && node(cells[to]!, target);
    if (!end) found.left++;
    else edges.set(`${cells[from]} ${cells[by] ?? ""} ${cells[to]}`, { from: start.id, to: end.id, label: said(relation) });
  }
  found.nodes = [...nodes.values()];
  found.edges = [...edges.values()];
  return found;
}
