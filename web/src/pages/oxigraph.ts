// The query engine as a script: from disk a browser loads scripts, but no WebAssembly.
import engine from "oxigraph/web_bg.wasm";

self.calcikg ??= {};
self.calcikg.engine = engine as unknown as Uint8Array<ArrayBuffer>; // as the bundler reads it
