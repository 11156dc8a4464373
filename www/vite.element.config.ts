/** How the element `eddyline/console` is built: a module of the npm package, beside its others. */

import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
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
