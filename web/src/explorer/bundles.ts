// Relations of the same two entities in the same direction are one line of the picture; files keep each relation.
import type { EdgeDefinition } from "cytoscape";

/** Colour of a line whose relations do not look the same. */
const NEUTRAL = "#757c85";

/** What the data of a line has beside that of a relation. */
export interface Bundled {
  id: string;
  source: string;
  target: string;
  label: string;
  relations: string[];
  standing: string;
}

/** Return a line for each pair of entities and direction; a single relation is its own line. */
export function bundle(edges: EdgeDefinition[]): EdgeDefinition[] {
  const pairs = new Map<string, EdgeDefinition[]>();
  for (const edge of edges) {
    const pair = `${edge.data.source}→${edge.data.target}`;
    const there = pairs.get(pair);
    if (there) there.push(edge);
    else pairs.set(pair, [edge]);
  }
  return [...pairs].map(([id, all]) => {
    const [first] = all as [EdgeDefinition];
    if (all.length === 1) return { ...first, data: { ...first.data, relations: [first.data.id] } };
    const alike = <T>(name: string, otherwise: T): T =>
      all.every((edge) => edge.data[name] === first.data[name]) ? (first.data[name] as T) : otherwise;
    const weight = all.reduce((sum, edge) => sum + Number(edge.data.weight ?? 0), 0);
    const data = {
      id,
      source: first.data.source,
      target: first.data.target,
      label: named(all),
      relations: all.map((edge) => String(edge.data.id)),
      weight,
      standing: alike("standing", "mixed"),
      axiom: alike("axiom", false),
      color: alike("color", NEUTRAL),
      line: alike("line", "solid"),
      width: Math.min(1.5 + Math.log2(Math.max(weight, 1)), 8), // as the network has it for a single relation
    };
    return { ...first, data };
  });
}

/** Name a line: by the relation, if it is always the same, and by how many there are. */
function named(all: EdgeDefinition[]): string {
  const labels = new Set(all.map((edge) => String(edge.data.label).replace(/ \([^)]*\)$/, ""))); // without their marks
  const [label] = labels;
  return labels.size === 1 ? `${label} (${all.length} relations)` : `${all.length} relations`;
}
