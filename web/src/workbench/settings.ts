// What the page passes to its script about the service and the dataset (api/pages/workbench.py).

export interface Settings {
  endpoint: string;
  root: string;
  search: string;
  vocabulary: string;
  questions: string;
  snippets: string;
  graphScript: string;
  limitsPage: string;
  seconds: number;
  mebibytes: number;
  snapshot: string;
  version: string;
  title: string;
  license: string;
  /** Colour and shape of each kind of entity in a graph, by the first part of its ids. */
  looks: Record<string, { color: string; shape: string }>;
}

const given = JSON.parse(document.getElementById("settings")?.textContent ?? "{}") as Settings;
/** Addresses start with the one that the browser uses, whatever the service is called behind a proxy. */
const absolute = (path: string) => new URL(path, document.baseURI).href;

export const settings: Settings = { ...given, endpoint: absolute(given.endpoint), root: absolute(given.root) };
