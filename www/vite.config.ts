/** How the page is built: plain files in `dist`, fit for any static server. */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { offline } from "./offline/plugin.ts";

const feed = new URL("../data/earthquakes.json", import.meta.resolve("vega-datasets"));

export default defineConfig({
  // Relative addresses: the page may lie under any path.
  base: "./",
  plugins: [offline()],
  resolve: { alias: [{ find: /^earthquakes\.json(?=$|\?)/, replacement: fileURLToPath(feed) }] },
  build: {
    target: "es2023",
    // The Content-Security-Policy knows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
