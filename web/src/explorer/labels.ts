// Chooses the labels: those of the most important entities and relations that have room, as on a map.
import type { Core, EdgeSingular, NodeSingular } from "cytoscape";
import { Boxes, type Box } from "./boxes";

const LETTER = 6.4; // approximate width of a 12-pixel letter; all of these are pixels on the screen
const LINE = 15;
const WRAP = 185;
const MOST = 250; // labels at once
const FIRST = 25;
const CROWD = 60; // above this many nodes, the first labels may cover less important nodes
const FEW = 15; // so many lines have their labels at rest, where there is room
const NEAR = 25; // so many lines around the selection have labels

/** Where a label may be beside its node, the best first. */
const SIDES = {
  below: { "text-valign": "bottom", "text-halign": "center", "text-margin-x": 0, "text-margin-y": 3 },
  right: { "text-valign": "center", "text-halign": "right", "text-margin-x": 4, "text-margin-y": 0 },
  left: { "text-valign": "center", "text-halign": "left", "text-margin-x": -4, "text-margin-y": 0 },
  above: { "text-valign": "top", "text-halign": "center", "text-margin-x": 0, "text-margin-y": -3 },
} as const;
export type Side = keyof typeof SIDES;

/** Label the visible nodes and lines without overlaps, the important ones first. */
export function label(cy: Core, whole = false): void {
  const zoom = whole ? 1 : cy.zoom();
  const scale = Math.max(1, 1 / zoom); // letters have at least 12 pixels
  const letters = zoom * scale;
  const seen = cy.extent();
  const cut = (box: Box): boolean =>
    !whole && (box.left < seen.x1 * zoom || box.right > seen.x2 * zoom || box.bottom > seen.y2 * zoom || box.top < seen.y1 * zoom);
  const inside = (node: NodeSingular): boolean => {
    const { x, y } = node.position();
    return whole || (x > seen.x1 && x < seen.x2 && y > seen.y1 && y < seen.y2);
  };
  const nodes = cy.nodes().filter(inside).toArray() as NodeSingular[];
  nodes.sort((one, other) => weight(other) - weight(one));
  const taken = new Boxes();
  const named = new Map<string, Side>();
  const lined = new Set<string>();
  const line = (edge: EdgeSingular): void => {
    const box = across(edge, zoom, letters);
    if (box && !cut(box) && taken.claim(box)) lined.add(edge.id());
  };
  (cy.edges(".met, :selected").toArray() as EdgeSingular[]).forEach(line);
  const first = nodes.length > CROWD ? Math.ceil(Math.min(FIRST, nodes.length / 5)) : 0;
  for (const [at, node] of nodes.entries()) {
    if (!whole && named.size >= MOST) break;
    // The first few labels may cover less important nodes, or hubs in a crowd would have none.
    if (at < first) taken.take(mark(node, zoom));
    else if (at === first) for (const other of nodes.slice(at)) taken.take(mark(other, zoom));
    for (const side of Object.keys(SIDES) as Side[]) {
      const box = around(node, zoom, letters, side);
      if ((cut(box) && !node.selected()) || !taken.claim(box)) continue;
      named.set(node.id(), side);
      break;
    }
  }
  const lines = cy.edges().length <= FEW ? cy.edges() : cy.edges(".near");
  if (lines.length <= NEAR) (lines.not(".met, :selected").toArray() as EdgeSingular[]).forEach(line);
  const size = 12 * scale;
  cy.batch(() => {
    for (const node of cy.nodes().toArray() as NodeSingular[]) {
      const side = named.get(node.id());
      write(node, side && `${side} ${size}`, () => ({
        label: node.data("label"),
        "font-size": size,
        "text-max-width": `${WRAP * scale}px`,
        ...SIDES[side as Side],
      }));
    }
    for (const edge of cy.edges().toArray() as EdgeSingular[])
      write(edge, lined.has(edge.id()) ? `on ${size}` : undefined, () => ({ label: edge.data("label"), "font-size": size * 0.9 }));
  });
}

/** Return the side of a node on which its label is, if it has one. */
export function sideOf(node: NodeSingular): Side | undefined {
  return (node.scratch("_label") as string | undefined)?.split(" ")[0] as Side | undefined;
}

/** Return the space that a node takes with its label below, from its centre, in pixels at a zoom of 1. */
export function room(node: NodeSingular): { half: number; above: number; below: number } {
  const size = Number(node.data("size") ?? 20);
  const { wide, high } = words(String(node.data("label")));
  return { half: Math.max(wide, size) / 2 + 4, above: size / 2 + 4, below: size / 2 + high + 6 };
}

/** Write a label, or remove it; an unchanged one is left as it is, for the sake of speed. */
function write(element: NodeSingular | EdgeSingular, now: string | undefined, style: () => object): void {
  const before = element.scratch("_label") as string | undefined;
  if (now === before) return;
  if (now === undefined) {
    element.removeScratch("_label");
    element.removeStyle("label font-size text-max-width text-valign text-halign text-margin-x text-margin-y");
  } else {
    element.scratch("_label", now);
    element.style(style());
  }
}

function weight(node: NodeSingular): number {
  const important = node.selected() || node.hasClass("met") || node.hasClass("at") ? 2e9 : node.hasClass("middle") ? 1e9 : 0;
  return important + Number(node.data("finding_count") ?? 0) * 100 + Number(node.data("degree") ?? 0);
}

/** Return the size of a text of 12-pixel letters, wrapped. */
function words(text: string): { wide: number; high: number } {
  return { wide: Math.min(text.length * LETTER, WRAP), high: Math.ceil((text.length * LETTER) / WRAP) * LINE };
}

/** Return the box of a node's label, in pixels on the screen; `letters` scales its letters, 1 for 12 pixels. */
function around(node: NodeSingular, zoom: number, letters: number, side: Side): Box {
  const { wide, high } = words(String(node.data("label")));
  const half = (Number(node.data("size") ?? 20) / 2) * zoom;
  const { x, y } = { x: node.position().x * zoom, y: node.position().y * zoom };
  const [w, h] = [wide * letters, high * letters];
  const left = side === "right" ? x + half + 4 : side === "left" ? x - half - 4 - w : x - w / 2;
  const top = side === "below" ? y + half + 2 : side === "above" ? y - half - 2 - h : y - h / 2;
  return { left, right: left + w, top, bottom: top + h };
}

/** Return the box of the label of a line, in pixels on the screen; none where the line is too short to be drawn. */
function across(edge: EdgeSingular, zoom: number, letters: number): Box | undefined {
  const { x, y } = edge.midpoint();
  if (!Number.isFinite(x) || !Number.isFinite(y)) return undefined;
  const [w, h] = [String(edge.data("label")).length * LETTER * 0.9 * letters, LINE * letters];
  return { left: x * zoom - w / 2, right: x * zoom + w / 2, top: y * zoom - h / 2, bottom: y * zoom + h / 2 };
}

/** Return the box of a node, in pixels on the screen; its rim may be covered. */
function mark(node: NodeSingular, zoom: number): Box {
  const { x, y } = node.position();
  const half = (Number(node.data("size") ?? 20) / 2) * zoom * 0.8;
  return { left: x * zoom - half, right: x * zoom + half, top: y * zoom - half, bottom: y * zoom + half };
}
