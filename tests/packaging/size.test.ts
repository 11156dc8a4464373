/** What a page downloads for `import { Eddyline } from "eddyline"`, compressed as servers do. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { makeFolder, pack, writeProgram } from "./tarball.ts";

/** Bounds, a little above what it is: who makes it larger shall know. */
const MOST_SCRIPT_BYTES = 22_000;
const MOST_WASM_BYTES = 196_000;

const IMPORT = `import { Eddyline } from "eddyline";

globalThis.open = () => Eddyline.open("memory://");
`;

test("the download", async (t) => {
  using folder = makeFolder();
  writeProgram(folder.path, pack(folder.path), { "page.js": IMPORT });
  const { outputFiles, metafile } = await build({
    entryPoints: [join(folder.path, "page.js")],
    absWorkingDir: folder.path,
    outdir: "out",
    bundle: true,
    minify: true,
    format: "esm",
    splitting: true,
    write: false,
    metafile: true,
  });
  const loaded = loadedAtOnce(metafile, "out/page.js");
  const scripts = outputFiles.filter(({ path }) => loaded.has(path.slice(folder.path.length + 1)));
  assert.ok(scripts.length > 0);
  const scriptBytes = scripts.reduce((sum, { contents }) => sum + compressed(contents), 0);
  const wasm = join(folder.path, "node_modules/eddyline/wasm/generated/eddyline_bg.wasm");
  const wasmBytes = compressed(readFileSync(wasm));
  t.diagnostic(`${scriptBytes} bytes of scripts, ${wasmBytes} bytes of wasm`);
  assert.ok(scriptBytes <= MOST_SCRIPT_BYTES, `${scriptBytes} bytes of scripts`);
  assert.ok(wasmBytes <= MOST_WASM_BYTES, `${wasmBytes} bytes of wasm`);
});

/** The files that are loaded before the first call: not what is imported when it is wanted. */
function loadedAtOnce({ outputs }: Metafile, entry: string): Set<string> {
  const loaded = new Set([entry]);
  for (const path of loaded) {
    for (const { path: imported, kind } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement") loaded.add(imported);
    }
  }
  return loaded;
}

function compressed(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length;
}
