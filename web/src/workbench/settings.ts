// What the page tells its script of the service and of the dataset (api/workbench.py).

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
}

const told = JSON.parse(document.getElementById("settings")?.textContent ?? "{}") as Settings;
/** Addresses are those by which the browser came, whatever the service itself is called behind a proxy. */
const whole = (path: string) => new URL(path, document.baseURI).href;

export const settings: Settings = { ...told, endpoint: whole(told.endpoint), root: whole(told.root) };
