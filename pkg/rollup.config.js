/**
 * How what browsers load is put together. In `dist` each module is a file of its own: a page would ask
 * for fifty of them, and a bundler that splits makes a file of each set of modules that the same later
 * parts share. So what is loaded first is one file here, `web/eddyline.js`, and each later part another.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

const DIST = join(import.meta.dirname, "dist");

/** What stays a file of its own: what is built for itself, and constants, which bundlers put where they are used. */
const APART = ["../wasm/generated/eddyline.js", "../wasm/generated-base64/module.js"];
APART.push("limits.js", "resp-types.js");
const PATHS = Object.fromEntries(APART.map((path) => [join(DIST, path), path]));

/**
 * Gives each module with the map that leads to its source.
 * @type {import("rollup").Plugin}
 */
const withMaps = {
  name: "with-maps",
  load: (id) => ({ code: readFileSync(id, "utf8"), map: readFileSync(`${id}.map`, "utf8") }),
};

/** @type {import("rollup").RollupOptions} */
export default {
  input: ["entry/browser.js", "entry/base64.js"].map((path) => join(DIST, path)),
  external: ["idb", ...Object.keys(PATHS)],
  plugins: [withMaps],
  preserveEntrySignatures: "strict",
  output: {
    dir: DIST,
    entryFileNames: "entry/[name].js",
    chunkFileNames: "web/[name].js",
    manualChunks: { eddyline: ["index.js", "entry/web.js"].map((path) => join(DIST, path)) },
    paths: PATHS,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    sourcemap: true,
  },
};
