// Draws a graph; a separate script, because it is large and rarely needed.
import cytoscape from "cytoscape";
import type { Drawing, Painter } from "../workbench/graph";
import type { Network } from "../workbench/network";

const paint: Painter = (container: HTMLElement, network: Network, pick: (id: string) => void): Drawing => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const picture = cytoscape({
    container,
    elements: {
      nodes: network.nodes.map((node) => ({ data: { id: node.id, label: node.label } })),
      edges: network.edges.map((edge) => ({ data: { source: edge.from, target: edge.to, label: edge.label } })),
    },
    style: [
      {
        selector: "node",
        style: {
          label: "data(label)",
          color: colour("--text"),
          "background-color": colour("--interval"),
          width: 20,
          height: 20,
          "font-size": 12,
          "text-wrap": "wrap",
          "text-max-width": "130px",
          "text-valign": "bottom",
          "text-margin-y": 4,
          "text-background-color": colour("--back"),
          "text-background-opacity": 0.8,
        },
      },
      { selector: "node:selected", style: { "background-color": colour("--focus"), width: 28, height: 28 } },
      {
        selector: "edge",
        style: {
          label: "data(label)",
          color: colour("--soft"),
          width: 1.5,
          "font-size": 10,
          "curve-style": "bezier",
          "line-color": colour("--strong"),
          "target-arrow-color": colour("--strong"),
          "target-arrow-shape": "triangle",
          "text-background-color": colour("--back"),
          "text-background-opacity": 0.8,
          "text-rotation": "autorotate",
        },
      },
    ],
    layout: { name: "cose", animate: false, nodeDimensionsIncludeLabels: true, idealEdgeLength: () => 110, nodeRepulsion: () => 9000 } as cytoscape.LayoutOptions,
    wheelSensitivity: 0.3,
    minZoom: 0.1,
    maxZoom: 4,
  });
  picture.on("select", "node", (event) => pick(event.target.id()));
  return {
    choose: (id) => {
      picture.nodes().unselect();
      const node = picture.getElementById(id);
      node.select();
      picture.center(node);
    },
    zoom: (factor) => picture.zoom({ level: picture.zoom() * factor, renderedPosition: { x: container.clientWidth / 2, y: container.clientHeight / 2 } }),
    fit: () => picture.fit(undefined, 30),
    png: () => picture.png({ output: "blob", scale: 2, full: true, bg: colour("--back") }) as unknown as Blob,
    end: () => picture.destroy(),
  };
};

window.calcikgPaint = paint;
