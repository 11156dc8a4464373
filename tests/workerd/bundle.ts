/** The Worker in the form that workerd loads: what wrangler makes of it at deployment. */

import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** Where the core's glue and wasm come from. */
export interface BundleOptions {
  /** The module to start with, below the repository's root. */
  entry?: string;
  /** The build of the core, below `worker/`. */
  core?: "generated" | "generated-test";
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
    plugins: [generatedFrom(join(ROOT, "worker", options.core ?? "generated"))],
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
      onResolve({ filter: /\/worker\/generated\// }, ({ path }) => ({
        path: join(folder, path.split("/worker/generated/")[1]!),
      }));
    },
  };
}
