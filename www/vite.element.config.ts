/** How the element `eddyline/console` is built: a module of the npm package, beside its others. */

import { defineConfig, type Plugin } from "vite";

/** What the views import for the page is nothing here: the element has all styles in one sheet. */
const noStylesOfThePage: Plugin = {
  name: "no-styles-of-the-page",
  enforce: "pre",
  resolveId: (source) => (source.endsWith(".css") ? "\0no-styles" : null),
  load: (id) => (id === "\0no-styles" ? "" : null),
};

export default defineConfig({
  base: "./",
  plugins: [noStylesOfThePage],
  build: {
    target: "es2023",
    outDir: "../pkg/element",
    emptyOutDir: true,
    copyPublicDir: false,
    modulePreload: false,
    rollupOptions: {
      input: "src/element.tsx",
      preserveEntrySignatures: "strict",
      // The package's own client, so that a page that uses it has it once.
      external: ["eddyline"],
      output: {
        paths: { eddyline: "../dist/entry/browser.js" },
        entryFileNames: "console.js",
        chunkFileNames: "[name].js",
      },
    },
  },
});
