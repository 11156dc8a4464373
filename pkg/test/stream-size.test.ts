/** Streams of values cost little where they are not used: their code is loaded on demand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGE = 'import { Eddyline } from "../src/entry/browser.ts"; void Eddyline.open("memory://");';
/** Bytes of minified code; gzip makes 0.7 KB of it. */
const MOST_BYTES = 3500;

test("a page that uses no streams of values loads only their faces", async () => {
  const { metafile } = await build({
    stdin: { contents: PAGE, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    outdir: "out",
    write: false,
    metafile: true,
  });
  const sizes = new Map<string, number>();
  const outputs = Object.entries(metafile.outputs);
  const visit = (path: string): void => {
    const output = metafile.outputs[path];
    for (const [file, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
      if (file.includes("src/stream/")) sizes.set(file, bytesInOutput);
    }
    for (const { path: next, kind } of output?.imports ?? []) {
      if (kind === "import-statement") visit(next);
    }
  };
  visit(outputs.find(([, { entryPoint }]) => entryPoint === "<stdin>")?.[0] ?? "");
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(bytes > 0 && bytes < MOST_BYTES, JSON.stringify([...sizes]));
});
