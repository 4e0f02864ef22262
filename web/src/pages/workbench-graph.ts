// Draws a graph in the look of the explorer; a separate script, because it is large and rarely needed.
import cytoscape from "cytoscape";
import { bundle } from "../explorer/bundles";
import { fit, shape } from "../explorer/frame";
import { label } from "../explorer/labels";
import { dress, open, theme } from "../explorer/picture";
import type { Point } from "../explorer/places";
import { ID } from "../workbench/names";
import { settings } from "../workbench/settings";
import type { Drawing, Painter } from "../workbench/graph";
import type { Network } from "../workbench/network";

const LOOK = {
  node: { "background-color": "data(color)", shape: "data(shape)", width: "data(size)", height: "data(size)", "text-wrap": "wrap" },
  edge: { "line-color": "data(color)", "target-arrow-color": "data(color)", "target-arrow-shape": "triangle", "curve-style": "bezier", width: "data(width)" },
};
const STYLE = Object.entries(LOOK).map(([selector, style]) => ({ selector, style })) as cytoscape.StylesheetJson;
const [OTHER, LINE] = [{ color: "#757c85", shape: "ellipse" }, "#0072b2"];

/** Return the colour and shape of a resource: those of its kind in the explorer. */
const looks = (iri: string | undefined) => (iri?.startsWith(ID) && settings.looks[iri.slice(ID.length).split("/")[0] ?? ""]) || OTHER;

const paint: Painter = (container: HTMLElement, network: Network, pick: (id: string) => void): Drawing => {
  const picture = open(container, false);
  const frame = () => ({ wide: container.clientWidth, high: container.clientHeight });
  const degrees = new Map<string, number>();
  for (const { from, to } of network.edges) for (const id of [from, to]) degrees.set(id, (degrees.get(id) ?? 0) + 1);
  const nodes = network.nodes.map((node) => ({
    data: { id: node.id, label: node.label, size: 20, degree: degrees.get(node.id) ?? 0, ...looks(node.iri) },
  }));
  const edges = network.edges.map((edge, at) => ({
    data: { id: `edge ${at}`, source: edge.from, target: edge.to, label: edge.label, standing: "stated", line: "solid", color: LINE, width: 1.5, weight: 1 },
  }));
  dress(picture, { elements: { nodes, edges }, style: STYLE }, theme(), false);
  picture.add({ nodes, edges: bundle(edges) });
  const layout = { name: "cose", animate: false, idealEdgeLength: () => 110, nodeRepulsion: () => 9000, fit: false };
  picture.layout(layout as cytoscape.LayoutOptions).run();
  const arrange = () => {
    const before = new Map<string, Point>(picture.nodes().map((node) => [node.id(), { ...node.position() }]));
    const places = shape(picture, before, frame());
    picture.nodes().positions(((node: cytoscape.NodeSingular) => places.get(node.id())) as never);
    fit(picture, frame());
    label(picture);
  };
  let timer = 0;
  const relabel = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => label(picture), 90);
  };
  picture.on("viewport dragfree", relabel);
  picture.on("mouseover", "edge", (event) => {
    event.target.addClass("met");
    relabel();
  });
  picture.on("mouseout", "edge", (event) => {
    event.target.removeClass("met");
    relabel();
  });
  picture.on("select unselect", "node, edge", (event) => {
    picture.edges().removeClass("near");
    if (event.type === "select" && event.target.isNode()) event.target.connectedEdges().addClass("near");
    relabel();
  });
  picture.on("select", "node", (event) => pick(event.target.id()));
  const watch = new ResizeObserver(() => {
    picture.resize();
    arrange();
  });
  watch.observe(container);
  return {
    choose: (id) => {
      picture.nodes().unselect();
      const node = picture.getElementById(id);
      node.select();
      picture.center(node);
    },
    zoom: (factor) => picture.zoom({ level: picture.zoom() * factor, renderedPosition: { x: container.clientWidth / 2, y: container.clientHeight / 2 } }),
    fit: () => fit(picture, frame()),
    png: () => picture.png({ output: "blob", scale: 2, full: true, bg: theme().ground }) as unknown as Blob,
    end: () => {
      window.clearTimeout(timer);
      watch.disconnect();
      picture.destroy();
    },
  };
};

window.calcikgPaint = paint;
