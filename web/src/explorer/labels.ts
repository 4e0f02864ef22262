// Which labels are shown: on a small scale those of the most important nodes for which there is room, as on a map.
import type { Core, NodeSingular } from "cytoscape";

const LETTER = 6.4; // width of a letter of 12 pixels, about; in pixels on the screen, as all of these
const LINE = 15;
const WRAP = 150;
const MOST = 250; // labels at once
const CELL = 60;

/** Give labels to the nodes that are seen, the important ones first, none over another; returns how many. */
export function label(cy: Core, whole = false): number {
  const zoom = whole ? 1 : cy.zoom();
  const scale = Math.max(1, 1 / zoom); // letters are not smaller than 12 pixels
  const seen = cy.extent();
  const inside = (node: NodeSingular): boolean => {
    const { x, y } = node.position();
    return whole || (x > seen.x1 && x < seen.x2 && y > seen.y1 && y < seen.y2);
  };
  const nodes = cy.nodes().filter(inside).toArray() as NodeSingular[];
  nodes.sort((one, other) => weight(other) - weight(one));
  const taken = new Map<string, Box[]>();
  const named = new Set<string>();
  for (const node of nodes) {
    if (!whole && named.size >= MOST) break;
    const box = around(node, zoom, zoom * scale);
    if (claim(taken, box)) named.add(node.id());
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

/** Return where the label of a node is, in pixels on the screen; `letters` is how large its letters are, 1 for 12 pixels. */
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

/** Take a place, unless something stands there; places are kept by the cells of a grid that they touch. */
function claim(taken: Map<string, Box[]>, box: Box): boolean {
  const cells: string[] = [];
  for (let across = Math.floor(box.left / CELL); across <= box.right / CELL; across++)
    for (let down = Math.floor(box.top / CELL); down <= box.bottom / CELL; down++) cells.push(`${across} ${down}`);
  const free = cells.every((cell) =>
    (taken.get(cell) ?? []).every(
      (other) => other.right < box.left || other.left > box.right || other.bottom < box.top || other.top > box.bottom,
    ),
  );
  if (free)
    for (const cell of cells) {
      const there = taken.get(cell);
      if (there) there.push(box);
      else taken.set(cell, [box]);
    }
  return free;
}
