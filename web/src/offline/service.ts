// Answers the requests of the pages' scripts in place of the service.
import { below, load, path } from "./place";
import { search } from "./search";
import { answer } from "./sparql";

type Route = (url: URL, init: RequestInit) => Promise<Response>;

const ROUTES: Record<string, Route> = {
  sparql: async (url, init) =>
    answer(
      url.searchParams.get("query") ?? (await new Response(init.body ?? "").text()),
      new Headers(init.headers).get("Accept") ?? "*/*",
      init.signal,
    ),
  "api/v1/search": async (url) => {
    const hits = await search(url.searchParams.get("q") ?? "");
    return Response.json({ items: hits.slice(0, Number(url.searchParams.get("limit") ?? 50)), total: hits.length, facets: {} });
  },
};

async function prebuilt(url: URL): Promise<Response> {
  await load("offline/answers.js");
  return Response.json(calcikg.answers![path(url)]);
}

/** Replace `fetch` for requests to the service. */
export function serve(): void {
  const elsewhere = window.fetch.bind(window);
  window.fetch = (input, init = {}) => {
    const url = below(input instanceof Request ? input.url : input);
    if (!url) return elsewhere(input, init);
    const route = ROUTES[path(url)] ?? (/^workbench\/(vocabulary|questions)$/.test(path(url)) ? prebuilt : undefined);
    return route ? route(url, init) : elsewhere(input, init);
  };
}

/** Tell the workbench, before it starts, that queries have no limits here. */
export function unlimit(): void {
  const element = document.getElementById("settings");
  if (element) element.textContent = JSON.stringify({ ...JSON.parse(element.textContent ?? "{}"), seconds: 0, mebibytes: 0 });
}
