/** The Worker in the form that workerd loads: what wrangler makes of it at deployment. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** Where the core's glue and wasm come from. */
export interface BundleOptions {
  /** The module to start with, below the repository's root. */
  entry?: string;
  /** The build of the core, below `pkg/wasm/`. */
  core?: "generated-worker" | "generated-worker-test";
  /** `limits.httpWaitMs`, when a test cannot wait as long as that. */
  waitMs?: number;
}

/** Bundles into a folder; returns the names of the modules, the one to start with first. */
export async function bundle(folder: string, options: BundleOptions = {}): Promise<string[]> {
  const result = await build({
    entryPoints: { index: join(ROOT, options.entry ?? "pkg/src/worker/index.ts") },
    bundle: true,
    format: "esm",
    target: "es2024",
    outdir: folder,
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    external: ["cloudflare:workers"],
    conditions: ["workerd", "worker", "browser"],
    plugins: [
      generatedFrom(join(ROOT, "pkg/wasm", options.core ?? "generated-worker")),
      ...(options.waitMs === undefined ? [] : [waitingFor(options.waitMs)]),
    ],
    metafile: true,
    logLevel: "warning",
  });
  const names = Object.keys(result.metafile.outputs).map((path) => path.split("/").at(-1)!);
  return names.sort((a) => (a === "index.js" ? -1 : 1));
}

function generatedFrom(folder: string): Plugin {
  return {
    name: "generated",
    setup({ onResolve }) {
      onResolve({ filter: /\/wasm\/generated-worker\// }, ({ path }) => ({
        path: join(folder, path.split("/wasm/generated-worker/")[1]!),
      }));
    },
  };
}

function waitingFor(ms: number): Plugin {
  return {
    name: "waitMs",
    setup({ onLoad }) {
      onLoad({ filter: /\/pkg\/src\/limits\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        const contents = source.replace(/(httpWaitMs = )[\d_]+/, `$1${ms}`);
        if (contents === source) throw new Error("limits.ts has no httpWaitMs");
        return { contents, loader: "ts" };
      });
    },
  };
}
