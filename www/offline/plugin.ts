/** Writes `sw.js`: the service worker, with the names of the files that it keeps. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "vite";

const WORKER = new URL("./worker.js", import.meta.url);
const PUBLIC = new URL("../public/", import.meta.url);

/** The plugin. */
export function offline(): Plugin {
  return {
    name: "offline",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const built = Object.keys(bundle).filter((name) => name !== "index.html");
      // Names that begin with a line are not served.
      const others = readdirSync(PUBLIC).filter((name) => !name.startsWith("_"));
      const files = [...built, ...others].sort();
      const page = bundle["index.html"];
      const html = page?.type === "asset" ? page.source : "";
      const worker = readFileSync(WORKER, "utf8");
      const version = createHash("sha256")
        .update(JSON.stringify([files, worker]))
        .update(html)
        .digest("hex")
        .slice(0, 16);
      const known = `const FILES = ${JSON.stringify(files)};\nconst VERSION = "${version}";\n`;
      this.emitFile({ type: "asset", fileName: "sw.js", source: known + worker });
    },
  };
}
