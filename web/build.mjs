// Bundles each entry of src/ that a page loads into ../api/static/bundle/NAME.js and NAME.css, minified.
// Classic scripts, not modules: the static site is opened from disk too, where a browser loads no module.
import { build } from "esbuild";
import { readdirSync, readFileSync, rmSync } from "node:fs";

const out = new URL("../api/static/bundle/", import.meta.url).pathname;

// Yasqe brings a list of prefixes that anybody may have registered; the workbench has its own, and serves no other.
const ownPrefixes = {
  name: "own-prefixes",
  setup(build) {
    build.onLoad({ filter: /yasqe\.esm\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8");
      const without = contents.replace(/(?:, [\w$]+ = "[^"]*")+, prefixes_default = \{[^}]*\}/, ", prefixes_default = {}");
      if (without === contents) throw new Error("Yasqe no longer has its list of prefixes where it was");
      return { contents: without, loader: "js" };
    });
  },
};

// A worker is made from the text of its script: opened from disk a browser loads none from a file.
const workers = {
  name: "workers",
  setup(here) {
    here.onResolve({ filter: /^worker:/ }, ({ path }) => ({ path: path.slice("worker:".length), namespace: "worker" }));
    here.onLoad({ filter: /.*/, namespace: "worker" }, async ({ path }) => {
      const made = await build({
        entryPoints: [`src/workers/${path}.ts`],
        absWorkingDir: new URL(".", import.meta.url).pathname,
        bundle: true,
        minify: true,
        format: "iife",
        target: "es2022",
        define: { "import.meta.url": '""' }, // of a loader that is not used
        write: false,
        logLevel: "warning",
      });
      return { contents: made.outputFiles[0].text, loader: "text" };
    });
  },
};

rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: readdirSync(new URL("src/pages/", import.meta.url)).map((name) => `src/pages/${name}`),
  absWorkingDir: new URL(".", import.meta.url).pathname,
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "linked",
  loader: { ".svg": "dataurl", ".woff2": "dataurl", ".wasm": "binary" },
  logLevel: "warning",
  plugins: [workers, ownPrefixes],
});
