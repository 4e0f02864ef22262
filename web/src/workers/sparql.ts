// The worker that loads the dataset and answers queries, one after the other.
import { initSync, Store } from "oxigraph/web.js";
import { evaluate } from "../offline/evaluate";

interface Data {
  engine: Uint8Array<ArrayBuffer>;
  dataset: Uint8Array<ArrayBuffer>;
}

interface Asked {
  query: string;
  accept: string;
  base: string;
}

let store: Store;

self.onmessage = async ({ data }: MessageEvent<Data | Asked>) => {
  if ("engine" in data) {
    initSync({ module: data.engine });
    store = new Store();
    const unpacked = new Blob([data.dataset]).stream().pipeThrough(new DecompressionStream("gzip"));
    const quads = new Uint8Array(await new Response(unpacked).arrayBuffer());
    store.load(quads, { format: "application/n-quads", no_transaction: true, lenient: true });
    // The default graph has every triple once, like that of the service: a union at query time would return a triple of
    // two graphs twice, and count it twice.
    store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }");
    postMessage("ready");
  } else {
    postMessage(evaluate(store, data.query, data.accept, data.base));
  }
};
