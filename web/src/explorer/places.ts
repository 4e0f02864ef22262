// The positions of nodes: the layouts, and places for new nodes that leave the others where they are.
import type { Core, LayoutOptions, NodeSingular } from "cytoscape";

export interface Point {
  x: number;
  y: number;
}

export type Layout = "preset" | "fcose" | "rings" | "rows" | "type";

const ROOM = { x: 130, y: 62 }; // space of a node with its label, in pixels
const RING = 150; // first distance of a new node from its neighbour

/**
 * Return positions for new nodes: near a neighbour that has one, where there is room.
 *
 * Nodes with placed neighbours come first, so that each new node is near its neighbours.
 */
export function near(ids: string[], pairs: [string, string][], placed: ReadonlyMap<string, Point>): Map<string, Point> {
  const found = new Map(placed);
  const ties = new Map<string, string[]>();
  for (const [one, other] of pairs) {
    ties.set(one, [...(ties.get(one) ?? []), other]);
    ties.set(other, [...(ties.get(other) ?? []), one]);
  }
  const room = new Room(placed.values());
  const middle = mean([...placed.values()]);
  let waiting = ids.filter((id) => !found.has(id));
  while (waiting.length) {
    const joined = waiting.filter((id) => (ties.get(id) ?? []).some((other) => found.has(other)));
    const round = joined.length ? joined : waiting;
    const from = new Map(found); // the nodes of one round use the same anchors
    for (const id of round) {
      const anchors = (ties.get(id) ?? []).flatMap((other) => from.get(other) ?? []);
      const point = room.free(anchors.length ? mean(anchors) : middle, anchors.length === 1 ? middle : undefined);
      found.set(id, point);
      room.take(point);
    }
    waiting = waiting.filter((id) => !found.has(id));
  }
  return found;
}

/** Return the positions of a layout; `middles` are the centres, `placed` the positions from the server. */
export function positions(
  cy: Core,
  name: Layout,
  middles: string[],
  placed: ReadonlyMap<string, Point>,
): ReadonlyMap<string, Point> {
  if (name === "preset") return placed;
  if (name === "fcose") return byForce(cy);
  if (name === "type") return byType(cy);
  const levels = byStep(cy, middles.length ? middles : strongest(cy));
  return name === "rings" ? inRings(levels) : inRows(levels);
}

/** Return what forces between the nodes lead to; the nodes stay where they are. */
function byForce(cy: Core): Map<string, Point> {
  const before = new Map(cy.nodes().map((node) => [node.id(), { ...node.position() }]));
  const large = before.size > 1500;
  const options = {
    name: "fcose",
    quality: large ? "draft" : "default",
    randomize: large,
    idealEdgeLength: 140,
    nodeRepulsion: 60_000,
    nodeSeparation: 140,
    gravity: 0.15,
    numIter: large ? 500 : 2500,
    packComponents: false,
    tilingPaddingVertical: 60,
    tilingPaddingHorizontal: 110,
    animate: false,
    fit: false,
  };
  let places = new Map<string, Point>();
  cy.batch(() => {
    cy.layout(options as LayoutOptions).run();
    places = new Map(cy.nodes().map((node) => [node.id(), { ...node.position() }]));
    cy.nodes().positions(((node: NodeSingular) => before.get(node.id())) as never);
  });
  return places;
}

/** Return rings around the centre, as many for each step as its nodes need. */
function inRings(levels: NodeSingular[][]): Map<string, Point> {
  const places = new Map<string, Point>();
  let reach = 0;
  for (const [step, level] of levels.entries()) {
    let left = level;
    if (step === 0 && level.length === 1) {
      places.set((level[0] as NodeSingular).id(), { x: 0, y: 0 });
      continue;
    }
    while (left.length) {
      reach += step === 0 ? 90 : 130;
      const room = Math.max(3, Math.floor((2 * Math.PI * reach) / 125));
      // The few nodes of an almost empty last ring join this one.
      const ring = left.length <= room * 1.15 ? left : left.slice(0, room);
      left = left.slice(ring.length);
      ring.forEach((node, at) => {
        const angle = (2 * Math.PI * at) / ring.length - Math.PI / 2;
        places.set(node.id(), { x: reach * 1.2 * Math.cos(angle), y: reach * Math.sin(angle) });
      });
    }
  }
  return places;
}

/** Return rows from top to bottom, as many for each step as give the whole the shape of a page. */
function inRows(levels: NodeSingular[][]): Map<string, Point> {
  const places = new Map<string, Point>();
  const all = levels.reduce((sum, level) => sum + level.length, 0);
  const most = Math.max(6, Math.ceil(Math.sqrt(all) * 1.1));
  let down = 0;
  for (const level of levels) {
    for (let start = 0; start < level.length; start += most) {
      const row = level.slice(start, start + most);
      row.forEach((node, at) => {
        // Every other row is shifted by half a place, so that lines run between the nodes.
        const half = (start / most) % 2 ? 87 : 0;
        places.set(node.id(), { x: (at - (row.length - 1) / 2) * 175 + half, y: down });
      });
      down += 95;
    }
    down += 110;
  }
  return places;
}

/** Return a block for each type of entity, the most important entities first. */
function byType(cy: Core): Map<string, Point> {
  const groups = new Map<string, NodeSingular[]>();
  for (const node of byWeight(cy)) {
    const group = String(node.data("group"));
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  const places = new Map<string, Point>();
  const wide = Math.max(900, Math.sqrt(cy.nodes().length * 185 * 80) * 1.7);
  let [left, top, tall] = [0, 0, 0];
  for (const group of [...groups.values()].sort((one, other) => other.length - one.length)) {
    const columns = Math.ceil(Math.sqrt(group.length * 0.75));
    const rows = Math.ceil(group.length / columns);
    if (left && left + columns * 185 > wide) [left, top, tall] = [0, top + tall + 90, 0];
    group.forEach((node, at) =>
      places.set(node.id(), { x: left + (at % columns) * 185, y: top + Math.floor(at / columns) * 80 }),
    );
    left += columns * 185 + 90;
    tall = Math.max(tall, rows * 80);
  }
  return places;
}

/** Group the nodes by their distance from some, those of one type side by side. */
function byStep(cy: Core, roots: string[]): NodeSingular[][] {
  const steps = away(cy, roots);
  const levels: NodeSingular[][] = [];
  const last = Math.max(...steps.values()) + 1; // unconnected nodes
  for (const node of byWeight(cy)) (levels[steps.get(node.id()) ?? last] ??= []).push(node);
  for (const level of levels) level?.sort((one, other) => compare(one.data("group"), other.data("group")));
  return [...levels].map((level) => level ?? []);
}

function byWeight(cy: Core): NodeSingular[] {
  const nodes = cy.nodes().toArray() as NodeSingular[];
  return nodes.sort(
    (one, other) => Number(other.data("finding_count")) - Number(one.data("finding_count")) || compare(one.id(), other.id()),
  );
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Return the number of steps of each node from the nearest of some. */
function away(cy: Core, roots: string[]): Map<string, number> {
  const steps = new Map(roots.map((id) => [id, 0]));
  let edge = roots;
  for (let step = 1; edge.length; step++) {
    const next: string[] = [];
    for (const id of edge)
      cy.getElementById(id)
        .neighborhood("node")
        .forEach((node) => {
          if (steps.has(node.id())) return;
          steps.set(node.id(), step);
          next.push(node.id());
        });
    edge = next;
  }
  return steps;
}

function strongest(cy: Core): string[] {
  const best = cy.nodes().max((node) => node.degree(false));
  return best.ele ? [best.ele.id()] : [];
}

function mean(points: Point[]): Point {
  const count = points.length || 1;
  return {
    x: points.reduce((sum, point) => sum + point.x, 0) / count,
    y: points.reduce((sum, point) => sum + point.y, 0) / count,
  };
}

/** The taken places, by the cells of a grid. */
class Room {
  private readonly cells = new Map<string, Point[]>();

  constructor(points: Iterable<Point>) {
    for (const point of points) this.take(point);
  }

  take(point: Point): void {
    const cell = this.cell(point.x, point.y);
    this.cells.set(cell, [...(this.cells.get(cell) ?? []), point]);
  }

  /** Return the nearest free place on a spiral around a point, starting away from `behind`. */
  free(point: Point, behind?: Point): Point {
    const start = behind ? Math.atan2(point.y - behind.y, point.x - behind.x) : 0;
    for (let turn = 0; turn < 4000; turn++) {
      const reach = RING + 12 * Math.sqrt(turn) * (turn > 14 ? 1 : 0);
      const angle = start + (turn % 2 ? 1 : -1) * Math.ceil(turn / 2) * (turn > 14 ? 2.399963 : 0.45);
      const place = { x: point.x + reach * Math.cos(angle) * 1.15, y: point.y + reach * Math.sin(angle) };
      if (this.isFree(place)) return place;
    }
    return { x: point.x + RING, y: point.y };
  }

  private isFree(place: Point): boolean {
    for (const across of [-1, 0, 1])
      for (const down of [-1, 0, 1])
        for (const other of this.cells.get(this.cell(place.x + across * ROOM.x, place.y + down * ROOM.y)) ?? [])
          if (Math.abs(other.x - place.x) < ROOM.x && Math.abs(other.y - place.y) < ROOM.y) return false;
    return true;
  }

  private cell(x: number, y: number): string {
    return `${Math.floor(x / ROOM.x)} ${Math.floor(y / ROOM.y)}`;
  }
}
