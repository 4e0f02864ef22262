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

export const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "{}") as Settings;
