// Chooses the labels: when zoomed out, those of the most important nodes that have room, as on a map.
import type { Core, NodeSingular } from "cytoscape";

const LETTER = 6.4; // approximate width of a 12-pixel letter; all of these are pixels on the screen
const LINE = 15;
const WRAP = 150;
const MOST = 250; // labels at once
const FIRST = 25;
const CELL = 60;

/** Label the visible nodes without overlaps, the important ones first; returns how many. */
export function label(cy: Core, whole = false): number {
  const zoom = whole ? 1 : cy.zoom();
  const scale = Math.max(1, 1 / zoom); // letters have at least 12 pixels
  const seen = cy.extent();
  const inside = (node: NodeSingular): boolean => {
    const { x, y } = node.position();
    return whole || (x > seen.x1 && x < seen.x2 && y > seen.y1 && y < seen.y2);
  };
  const nodes = cy.nodes().filter(inside).toArray() as NodeSingular[];
  nodes.sort((one, other) => weight(other) - weight(one));
  const taken = new Map<string, Box[]>();
  const named = new Set<string>();
  const first = Math.ceil(Math.min(FIRST, nodes.length / 5));
  for (const [at, node] of nodes.entries()) {
    if (!whole && named.size >= MOST) break;
    // The first few labels may cover less important nodes, or hubs in a crowd would have none.
    if (at < first) reserve(taken, mark(node, zoom));
    else if (at === first) for (const other of nodes.slice(at)) reserve(taken, mark(other, zoom));
    const box = around(node, zoom, zoom * scale);
    const cut = box.left < seen.x1 * zoom || box.right > seen.x2 * zoom;
    if ((whole || !cut || node.selected()) && claim(taken, box)) named.add(node.id());
  }
  const size = 12 * scale;
  cy.batch(() => {
    for (const node of cy.nodes().toArray() as NodeSingular[]) {
      const now = node.scratch("_size") as number | undefined;
      if (named.has(node.id())) {
        if (now === size) continue;
        node.scratch("_size", size);
        node.style({ label: node.data("label"), "font-size": size, "text-max-width": `${(WRAP + 35) * scale}px` });
      } else if (now !== undefined) {
        node.removeScratch("_size");
        node.removeStyle("label font-size text-max-width");
      }
    }
  });
  // Only the few edges of the selection have labels.
  cy.edges(".near, :selected").forEach((edge) => void edge.data("font", 11 * scale));
  return named.size;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function weight(node: NodeSingular): number {
  const important = node.selected() || node.hasClass("met") ? 2e9 : node.hasClass("middle") ? 1e9 : 0;
  return important + Number(node.data("findings") ?? 0) * 100 + Number(node.data("degree") ?? 0);
}

/** Return the box of a node's label, in pixels on the screen; `letters` scales its letters, 1 for 12 pixels. */
function around(node: NodeSingular, zoom: number, letters: number): Box {
  const text = String(node.data("label"));
  const wide = Math.min(text.length * LETTER, WRAP + 35);
  const lines = Math.ceil((text.length * LETTER) / (WRAP + 35));
  const { x, y } = node.position();
  const top = (y + Number(node.data("size") ?? 20) / 2) * zoom;
  return {
    left: x * zoom - (wide / 2) * letters,
    right: x * zoom + (wide / 2) * letters,
    top,
    bottom: top + lines * LINE * letters,
  };
}

/** Return the box of a node, in pixels on the screen; its rim may be covered. */
function mark(node: NodeSingular, zoom: number): Box {
  const { x, y } = node.position();
  const half = (Number(node.data("size") ?? 20) / 2) * zoom * 0.8;
  return { left: x * zoom - half, right: x * zoom + half, top: y * zoom - half, bottom: y * zoom + half };
}

/** Reserve a box, unless it is taken. */
function claim(taken: Map<string, Box[]>, box: Box): boolean {
  const free = cells(box).every((cell) =>
    (taken.get(cell) ?? []).every(
      (other) => other.right < box.left || other.left > box.right || other.bottom < box.top || other.top > box.bottom,
    ),
  );
  if (free) reserve(taken, box);
  return free;
}

/** Reserve a box, by the grid cells that it touches. */
function reserve(taken: Map<string, Box[]>, box: Box): void {
  for (const cell of cells(box)) {
    const there = taken.get(cell);
    if (there) there.push(box);
    else taken.set(cell, [box]);
  }
}

function cells(box: Box): string[] {
  const found: string[] = [];
  for (let across = Math.floor(box.left / CELL); across <= box.right / CELL; across++)
    for (let down = Math.floor(box.top / CELL); down <= box.bottom / CELL; down++) found.push(`${across} ${down}`);
  return found;
}
