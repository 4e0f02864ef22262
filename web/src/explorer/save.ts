// The picture as a file: PNG at twice its size, or SVG, in the current layout.
import type { Core, EdgeSingular, NodeSingular } from "cytoscape";
import { sideOf } from "./labels";
import type { Theme } from "./picture";

const LARGEST = 8192; // the largest canvas of all browsers, in pixels

export async function png(cy: Core, look: Theme): Promise<Blob> {
  return await cy.png({
    output: "blob-promise",
    full: true,
    scale: 2,
    bg: look.ground,
    maxWidth: LARGEST,
    maxHeight: LARGEST,
  });
}

/** Write the picture as SVG. */
export function svg(cy: Core, look: Theme, title: string): string {
  const box = cy.elements().boundingBox();
  const [left, top, wide, high] = [box.x1 - 20, box.y1 - 20, box.w + 40, box.h + 40].map(Math.round);
  const root = make("svg", { xmlns: SPACE, viewBox: `${left} ${top} ${wide} ${high}`, width: wide, height: high });
  root.append(
    words("title", {}, title),
    make("rect", { x: left, y: top, width: wide, height: high, fill: look.ground }),
    ...(cy.edges().toArray() as EdgeSingular[]).map(edge),
    ...(cy.nodes().toArray() as NodeSingular[]).map((one) => node(one, look)),
  );
  const text = new XMLSerializer().serializeToString(root);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
}

const SPACE = "http://www.w3.org/2000/svg";
const DASHES: Record<string, string> = { dashed: "7 5", dotted: "2 4" };
// The corners of Cytoscape's shapes, from the centre, in halves of the diameter.
const CORNERS: Record<string, [number, number][]> = {
  triangle: [[0, -1], [1, 1], [-1, 1]],
  diamond: [[0, -1], [1, 0], [0, 1], [-1, 0]],
  hexagon: [[-0.5, -1], [0.5, -1], [1, 0], [0.5, 1], [-0.5, 1], [-1, 0]],
  octagon: [...Array(8).keys()].map((at) => [Math.cos(((at + 0.5) * Math.PI) / 4), Math.sin(((at + 0.5) * Math.PI) / 4)]),
  "round-rectangle": [[-1, -1], [1, -1], [1, 1], [-1, 1]],
};

function node(one: NodeSingular, look: Theme): Element {
  const { x, y } = one.position();
  const half = Number(one.data("size")) / 2;
  const color = String(one.data("color"));
  const corners = CORNERS[String(one.data("shape"))];
  const shape = corners
    ? make("polygon", { points: corners.map(([right, down]) => `${round(x + half * right)},${round(y + half * down)}`).join(" "), fill: color })
    : make("circle", { cx: round(x), cy: round(y), r: half, fill: color });
  const group = make("g", {});
  group.append(words("title", {}, clean(String(one.data("label")))), shape);
  const side = sideOf(one);
  if (!side) return group;
  const size = one.numericStyle("font-size");
  const text = make("text", {
    "font-family": "system-ui, Liberation Sans, sans-serif",
    "font-size": size,
    "text-anchor": side === "right" ? "start" : side === "left" ? "end" : "middle",
    fill: look.text,
    stroke: look.ground,
    "stroke-width": 3,
    "stroke-linejoin": "round",
    "paint-order": "stroke",
  });
  const lines = wrap(clean(String(one.data("label"))), 29);
  const left = side === "right" ? x + half + 4 : side === "left" ? x - half - 4 : x;
  const tall = size * 1.25 * lines.length;
  const top = side === "below" ? y + half : side === "above" ? y - half - tall - size * 0.3 : y - tall / 2 - size * 0.2;
  lines.forEach((line, at) => text.append(words("tspan", { x: round(left), y: round(top + size * (1.2 + 1.25 * at)) }, line)));
  group.append(text);
  return group;
}

function edge(one: EdgeSingular): Element {
  const color = String(one.data("color"));
  const width = Number(one.data("width"));
  const [from, to] = [one.sourceEndpoint(), one.targetEndpoint()];
  const bends = one.controlPoints() ?? [];
  const group = make("g", one.data("axiom") ? { opacity: 0.55 } : {});
  const title = `${one.source().data("label")}: ${one.data("label")}: ${one.target().data("label")}`;
  group.append(words("title", {}, clean(title)));
  if (![from.x, from.y, to.x, to.y].every(Number.isFinite)) return group; // one node covers the other: no line is visible
  const dashes = DASHES[String(one.data("line"))];
  const [first, second] = bends;
  const bend = first === undefined ? `L${at(to)}` : second === undefined ? `Q${at(first)} ${at(to)}` : `C${at(first)} ${at(second)} ${at(to)}`;
  group.append(
    make("path", {
      d: `M${at(from)}${bend}`,
      fill: "none",
      stroke: color,
      "stroke-width": width,
      ...(dashes ? { "stroke-dasharray": dashes } : {}),
    }),
  );
  const last = bends.at(-1) ?? from;
  const head = arrow(String(one.data("standing")), to, Math.atan2(to.y - last.y, to.x - last.x), 6 + width);
  if (head) group.append(make("polygon", { points: head, fill: color }));
  return group;
}

interface Point {
  x: number;
  y: number;
}

/** Return an arrowhead: a bar for a denied relation, nothing for the hierarchy. */
function arrow(standing: string, tip: Point, angle: number, size: number): string {
  if (standing === "axiom") return "";
  const sides: [number, number][] =
    standing === "denied" ? [[0, -0.6], [0, 0.6], [-0.25, 0.6], [-0.25, -0.6]] : [[0.2, 0], [-0.8, 0.45], [-0.8, -0.45]];
  const [cos, sin] = [Math.cos(angle) * size, Math.sin(angle) * size];
  return sides.map(([x, y]) => `${round(tip.x + x * cos - y * sin)},${round(tip.y + x * sin + y * cos)}`).join(" ");
}

function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Replace characters that XML forbids (XML 1.0, production 2). */
const clean = (text: string): string => text.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");

function make(name: string, attributes: Record<string, string | number>): Element {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) if (key !== "xmlns") element.setAttribute(key, String(value));
  return element;
}

function words(name: string, attributes: Record<string, string | number>, text: string): Element {
  const element = make(name, attributes);
  element.textContent = text;
  return element;
}

const round = (number: number): number => Math.round(number * 10) / 10;
const at = (point: Point): string => `${round(point.x)},${round(point.y)}`;
