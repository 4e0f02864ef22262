// The picture in its frame: positions stretched to the shape of the canvas, room for labels, and the zoom that fits.
import type { Core, NodeSingular } from "cytoscape";
import { room } from "./labels";
import type { Point } from "./places";

export interface Frame {
  wide: number;
  high: number;
}

const LARGEST = 1.35; // the largest zoom for few nodes
const ROOMY = 120; // up to so many nodes have labels without overlaps
const LOOSE = 2.2; // area of the frame for each area of nodes with their labels
const ROUNDS = 300;
const MARGIN = 10;
const STRETCH = 2.5; // the most by which a large network is stretched
const APART = { x: 280, y: 190 }; // the most space for each of few nodes

/** Return positions in the shape of a frame; up to some number of nodes, labels below the nodes do not overlap. */
export function shape(cy: Core, places: ReadonlyMap<string, Point>, frame: Frame): Map<string, Point> {
  const nodes = (cy.nodes().toArray() as NodeSingular[]).filter((node) => places.has(node.id()));
  if (!nodes.length || !frame.wide || !frame.high) return new Map(places);
  const points = nodes.map((node) => places.get(node.id()) as Point);
  const box = bounds(points);
  const spaces = nodes.map(room);
  const few = nodes.length <= ROOMY;
  let [across, down] = [1, 1];
  let whole: Frame = frame;
  if (few) {
    const needed = spaces.reduce((sum, { half, above, below }) => sum + 2 * half * (above + below), 0) * LOOSE;
    const size = Math.max(Math.sqrt(needed / (frame.wide * frame.high)), 1 / LARGEST);
    whole = {
      wide: Math.max(Math.min(frame.wide * size, nodes.length * APART.x), 2 * Math.max(...spaces.map(({ half }) => half))),
      high: Math.min(frame.high * size, nodes.length * APART.y),
    };
    const edge = { x: 60, y: 40 }; // what labels take at the rim; the exact space is kept below
    across = Math.max(whole.wide - 2 * edge.x, 1) / Math.max(box.wide, 1);
    down = Math.max(whole.high - 2 * edge.y, 1) / Math.max(box.high, 1);
  } else {
    const turn = Math.sqrt((frame.wide / frame.high) * (Math.max(box.high, 1) / Math.max(box.wide, 1)));
    across = Math.min(Math.max(turn, 1 / STRETCH), STRETCH);
    down = 1 / across;
  }
  const found = points.map(({ x, y }) => ({ x: (x - box.x) * across, y: (y - box.y) * down }));
  if (few) part(found, spaces, whole);
  return new Map(nodes.map((node, at) => [node.id(), found[at] as Point]));
}

/** Move nodes apart until they and their labels have room, within a frame around the origin. */
function part(points: Point[], spaces: ReturnType<typeof room>[], frame: Frame): void {
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const [at, one] of points.entries())
      for (let next = at + 1; next < points.length; next++) {
        const other = points[next] as Point;
        const [mine, its] = [spaces[at] as Space, spaces[next] as Space];
        const x = mine.half + its.half - Math.abs(one.x - other.x);
        const lower = one.y > other.y || (one.y === other.y && round % 2 === 0);
        const y = lower ? mine.above + its.below - (one.y - other.y) : its.above + mine.below - (other.y - one.y);
        if (x <= 0 || y <= 0) continue;
        moved = true;
        if (x < y) {
          const by = (one.x < other.x ? -1 : 1) * (x / 2 + 0.5);
          one.x += by;
          other.x -= by;
        } else {
          const by = (lower ? 1 : -1) * (y / 2 + 0.5);
          one.y += by;
          other.y -= by;
        }
      }
    if (!moved) return;
    for (const [at, point] of points.entries()) {
      const { half, above, below } = spaces[at] as Space;
      point.x = clamp(point.x, half - frame.wide / 2, frame.wide / 2 - half);
      point.y = clamp(point.y, above - frame.high / 2, frame.high / 2 - below);
    }
  }
}

type Space = ReturnType<typeof room>;

/**
 * Fit the picture into its frame, by the positions of its nodes and the space of their labels.
 *
 * Cytoscape's own fit measures every label and every line, which takes seconds for thousands of them.
 */
export function fit(cy: Core, frame: Frame): void {
  const nodes = cy.nodes().toArray() as NodeSingular[];
  if (!nodes.length || !frame.wide || !frame.high) return;
  const spaces = nodes.map((node) => ({ ...node.position(), ...room(node) }));
  const [wide, high] = [frame.wide - 2 * MARGIN, frame.high - 2 * MARGIN];
  const around = (zoom: number) => {
    const letters = nodes.length > ROOMY ? 0.5 : Math.max(zoom, 1); // of many nodes, few at the rim have labels
    return {
      left: Math.min(...spaces.map(({ x, half }) => x * zoom - half * letters)),
      right: Math.max(...spaces.map(({ x, half }) => x * zoom + half * letters)),
      top: Math.min(...spaces.map(({ y, above }) => y * zoom - above * zoom)),
      bottom: Math.max(...spaces.map(({ y, below }) => y * zoom + below * letters)),
    };
  };
  let zoom = LARGEST;
  for (let round = 0; round < 20; round++) {
    const { left, right, top, bottom } = around(zoom);
    const by = Math.min(wide / (right - left), high / (bottom - top));
    if (by >= 1) break;
    zoom *= Math.min(by, 0.995);
  }
  const { left, right, top, bottom } = around(zoom);
  cy.viewport({ zoom, pan: { x: (frame.wide - left - right) / 2, y: (frame.high - top - bottom) / 2 } });
}

/** Return the middle and the size of what points cover. */
function bounds(points: Point[]): Point & Frame {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + bottom) / 2, wide: right - left, high: bottom - top };
}

const clamp = (number: number, least: number, most: number): number => Math.min(Math.max(number, least), most);
