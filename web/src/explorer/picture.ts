// The picture: Cytoscape on a canvas, with the style of the network and additions for the screen.
import cytoscape from "cytoscape";

export interface Network {
  elements: { nodes: cytoscape.NodeDefinition[]; edges: cytoscape.EdgeDefinition[] };
  style: cytoscape.StylesheetJson;
}

export interface Theme {
  ground: string;
  text: string;
  chosen: string;
}

export const LIGHT: Theme = { ground: "#ffffff", text: "#1a2329", chosen: "#b4530a" };
export const DARK: Theme = { ground: "#12181c", text: "#e4eaed", chosen: "#f0a35c" };

/** Above this size lines are straight, and moving the picture moves a bitmap: the canvas would be too slow. */
export const MANY = 1000;

const dark = window.matchMedia("(prefers-color-scheme: dark)");

export const theme = (): Theme => (dark.matches ? DARK : LIGHT);

export function onTheme(change: () => void): void {
  dark.addEventListener("change", change);
}

export function open(container: HTMLElement, many: boolean): cytoscape.Core {
  return cytoscape({
    container,
    minZoom: 0.02,
    maxZoom: 4,
    boxSelectionEnabled: false,
    selectionType: "single",
    pixelRatio: many ? 1 : "auto",
    textureOnViewport: many,
    hideEdgesOnViewport: false,
  });
}

/** Apply the style of the network, then additions for the screen. `labels.ts` chooses the labels. */
export function dress(cy: cytoscape.Core, network: Network, look: Theme, many: boolean): void {
  const own: cytoscape.StylesheetJson = [
    {
      selector: "node",
      style: {
        label: "",
        color: look.text,
        "text-outline-color": look.ground,
        "text-outline-width": 2.5,
        "font-family": 'system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
        "overlay-opacity": 0,
      },
    },
    {
      selector: "edge",
      style: {
        color: look.text,
        "text-outline-color": look.ground,
        "text-outline-width": 2,
        "font-family": 'system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
        label: "",
        "text-rotation": "none",
        "arrow-scale": 0.9,
        "overlay-opacity": 0,
        ...(many ? { "curve-style": "straight" } : { "control-point-step-size": 36 }),
      },
    },
    // Denial must be visible without colour: its line is dashed and ends in a bar.
    { selector: 'edge[standing = "denied"]', style: { "target-arrow-shape": "tee" } },
    { selector: 'edge[standing = "mixed"]', style: { "line-style": "data(line)" as never } },
    { selector: 'edge[standing = "axiom"]', style: { opacity: 0.55 } },
    { selector: "node.middle", style: { "border-width": 3, "border-color": look.text } },
    { selector: "node:selected, node.met", style: { "border-width": 4, "border-color": look.chosen } },
    { selector: "node.at", style: { "outline-width": 4, "outline-color": look.chosen, "outline-offset": 4 } as never },
    { selector: "edge:selected", style: { "underlay-color": look.chosen, "underlay-opacity": 0.45, "underlay-padding": 4, opacity: 1 } },
    { selector: ".faded", style: { opacity: 0.28 } },
    { selector: "edge.near, edge.met, edge:selected", style: { "z-index": 9 } },
  ];
  cy.style([...network.style, ...own] as cytoscape.StylesheetJson);
}
