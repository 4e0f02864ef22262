// Where nodes stand: the layouts to choose from, and how what is new finds a place without moving what is there.
import type { Core, LayoutOptions, NodeSingular } from "cytoscape";

export interface Point {
  x: number;
  y: number;
}

export type Layout = "preset" | "fcose" | "concentric" | "breadthfirst" | "type";

const ROOM = { x: 130, y: 62 }; // what a node and its label take, in pixels
const RING = 150; // how far from its neighbour a new node stands at first

/**
 * Return places for nodes that have none: near a neighbour that has one, where there is room.
 *
 * Those with the most placed neighbours come first, so that each new node stands near what it is joined to.
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
    const from = new Map(found); // those of one round stand around the same ones
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

/** Options of a layout; `middles` are the nodes that the others stand around. */
export function options(cy: Core, name: Layout, middles: string[], animate: boolean): LayoutOptions {
  const shared = { name, fit: true, padding: 30, animate, animationDuration: 350, nodeDimensionsIncludeLabels: false };
  const size = cy.nodes().length;
  const roots = middles.length ? middles : strongest(cy);
  switch (name) {
    case "fcose":
      return {
        ...shared,
        quality: size > 1500 ? "draft" : "default",
        randomize: size > 1500,
        nodeSeparation: 90,
        idealEdgeLength: 110,
        nodeRepulsion: 9000,
        packComponents: false,
        tile: true,
        tilingPaddingVertical: 40,
        tilingPaddingHorizontal: 60,
        animate: animate && size < 400,
      } as unknown as LayoutOptions;
    case "concentric": {
      const steps = away(cy, roots);
      return {
        ...shared,
        concentric: (node: NodeSingular) => 100 - (steps.get(node.id()) ?? 99),
        levelWidth: () => 1,
        minNodeSpacing: 55,
        spacingFactor: 1,
      } as unknown as LayoutOptions;
    }
    case "breadthfirst":
      return { ...shared, roots: roots as never, directed: false, spacingFactor: 1.3, grid: size > 120 } as LayoutOptions;
    case "type":
      return { ...shared, name: "preset", positions: byType(cy) } as unknown as LayoutOptions;
    default:
      return { ...shared, name: "preset" } as LayoutOptions;
  }
}

/** Return a block of columns for each kind of thing, the blocks beside each other. */
function byType(cy: Core): Record<string, Point> {
  const groups = new Map<string, NodeSingular[]>();
  for (const node of cy.nodes().toArray() as NodeSingular[]) {
    const group = String(node.data("group"));
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  const places: Record<string, Point> = {};
  const rows = Math.max(8, Math.ceil(Math.sqrt(cy.nodes().length / 1.2)));
  let left = 0;
  for (const group of [...groups.values()].sort((one, other) => other.length - one.length)) {
    group.sort((one, other) => Number(other.data("findings")) - Number(one.data("findings")) || (one.id() < other.id() ? -1 : 1));
    group.forEach((node, at) => {
      places[node.id()] = { x: left + Math.floor(at / rows) * 200, y: (at % rows) * 85 };
    });
    left += Math.ceil(group.length / rows) * 200 + 120;
  }
  return places;
}

/** Return how many steps each node is away from the nearest of some. */
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

/** Which places are taken, by the cells of a grid. */
class Room {
  private readonly cells = new Map<string, Point[]>();

  constructor(points: Iterable<Point>) {
    for (const point of points) this.take(point);
  }

  take(point: Point): void {
    const cell = this.cell(point.x, point.y);
    this.cells.set(cell, [...(this.cells.get(cell) ?? []), point]);
  }

  /** Return the free place nearest to a point, on a spiral around it that begins away from `behind`. */
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
