/** What a page downloads for `import { Eddyline } from "eddyline"`, compressed as servers do. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { makeFolder, pack, writeProgram } from "./tarball.ts";

/** Bounds, a little above what it is: who makes it larger shall know. */
const MOST_BYTES = {
  /** The scripts that are loaded at once, and all that `memory://` needs. */
  "memory://": 13_400,
  /** With what is loaded at the first `open` of such an address. */
  "idb://": 25_500,
  "https://": 19_900,
  /** The wasm that is loaded at the first `open` of a keyspace in the page. */
  core: 82_500,
  /** The wasm that is loaded when a command needs it: those of streams do not. */
  rest: 80_000,
  /** Likewise, when streams are looked at. */
  inspection: 7_600,
  /** The wasm that is loaded for a keyspace that is kept. */
  storage: 32_000,
  /** What a page needs that has streams in memory. */
  "memory:// with its core": 96_500,
};

/** What `open` imports for an address, of the package's scripts. */
const LATER = { "idb://": "web/transport.js", "https://": "web/remote-opening.js" };

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
  const size = (paths: ReadonlySet<string>) => {
    const scripts = outputFiles.filter(({ path }) => paths.has(path.slice(folder.path.length + 1)));
    assert.equal(scripts.length, paths.size);
    return scripts.reduce((sum, { contents }) => sum + compressed(contents), 0);
  };
  const wasm = (part: string) => {
    const file = `node_modules/eddyline/wasm/generated/eddyline_${part}_bg.wasm`;
    return compressed(readFileSync(join(folder.path, file)));
  };
  const page = "out/page.js";
  const first = size(loadedWith(metafile, [page]));
  const sizes = {
    "memory://": first,
    "idb://": size(loadedWith(metafile, [page, chunkOf(metafile, LATER["idb://"])])),
    "https://": size(loadedWith(metafile, [page, chunkOf(metafile, LATER["https://"])])),
    core: wasm("core"),
    rest: wasm("rest"),
    inspection: wasm("inspection"),
    storage: wasm("storage"),
    "memory:// with its core": first + wasm("core"),
  };
  for (const [name, bytes] of Object.entries(sizes)) {
    t.diagnostic(`${name}: ${bytes} bytes`);
    const most = MOST_BYTES[name as keyof typeof sizes];
    assert.ok(bytes <= most, `${name}: ${bytes} bytes are more than ${most}`);
  }
});

/** The files that these import, and all that those import: not what is imported when it is wanted. */
function loadedWith({ outputs }: Metafile, entries: readonly string[]): Set<string> {
  const loaded = new Set(entries);
  for (const path of loaded) {
    for (const { path: imported, kind } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement") loaded.add(imported);
    }
  }
  return loaded;
}

/** The file that holds what is imported by this name when it is wanted. */
function chunkOf({ outputs }: Metafile, script: string): string {
  const found = Object.keys(outputs).find((path) => outputs[path]?.entryPoint?.endsWith(script));
  assert.ok(found !== undefined, `${script} is no file of its own`);
  return found;
}

function compressed(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length;
}
