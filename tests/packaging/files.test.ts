/** What is in the package, to the file; that it is the same each time; what linters say of it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Folder, makeFolder, pack } from "./tarball.ts";

const PACKAGE = join(import.meta.dirname, "../../pkg");

/** What is not a module of `src/` in each of its forms. */
const OTHERS = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "bin/eddyline.js",
  "cjs/ioredis.d.cts",
  "cjs/redis.d.cts",
  "dist/entry/ioredis.cjs",
  "dist/entry/redis.cjs",
  ...[
    "bytes",
    "connection",
    "deliver",
    "eddyline",
    "framing",
    "local",
    "local-opening",
    "log",
    "moving-session",
    "pending",
    "remote-opening",
    "transport",
    "web-socket",
  ].flatMap((name) => [`dist/web/${name}.js`, `dist/web/${name}.js.map`]),
  "element/command-room.js",
  "element/console.d.ts",
  "element/console.js",
  "element/element.js",
  "element/groups-tab.js",
  "element/history-tab.js",
  "element/manage-tab.js",
  "element/previewed-action.js",
  "element/stream-room.js",
  "element/uPlot.esm.js",
  "package.json",
  "wasm/generated-base64/module.d.ts",
  "wasm/generated-base64/module.js",
  "wasm/generated-node/eddyline.d.ts",
  "wasm/generated-node/eddyline.js",
  "wasm/generated-node/eddyline_bg.wasm",
  "wasm/generated-node/eddyline_bg.wasm.d.ts",
  "wasm/generated-worker/eddyline_worker.d.ts",
  "wasm/generated-worker/eddyline_worker.js",
  "wasm/generated-worker/eddyline_worker_bg.wasm",
  "wasm/generated-worker/eddyline_worker_bg.wasm.d.ts",
  "wasm/generated-worker/instantiate.d.ts",
  "wasm/generated-worker/instantiate.js",
  "wasm/generated/eddyline.d.ts",
  "wasm/generated/eddyline.js",
  "wasm/generated/eddyline_bg.wasm",
  "wasm/generated/eddyline_bg.wasm.d.ts",
  "wasm/generated/eddyline_core_bg.wasm",
  "wasm/generated/eddyline_inspection_bg.wasm",
  "wasm/generated/eddyline_rest_bg.wasm",
  "wasm/generated/eddyline_storage_bg.wasm",
];
/** Written by wasm-bindgen under a name that has a checksum in it. */
const SNIPPET = /^wasm\/generated-worker\/snippets\/worker-[0-9a-f]+\/inline0\.js$/;
/** The page that `eddyline console` serves, under names that have checksums in them. */
const CONSOLE = /^console\//;

let folder: Folder;
let tarball: string;

before(() => {
  folder = makeFolder();
  tarball = pack(folder.path);
});
after(() => folder?.[Symbol.dispose]());

function filesOf(path: string): string[] {
  const lines = execFileSync("tar", ["-tzf", path], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => line.replace(/^package\//, ""));
}

test("the files are those that are meant to be in it", () => {
  const sources = globSync("**/*.ts", { cwd: join(PACKAGE, "src") });
  const modules = sources
    .filter((path) => !path.endsWith(".d.ts"))
    .map((path) => `dist/${path.slice(0, -".ts".length)}`);
  const compiled = modules.flatMap((path) => [`${path}.js`, `${path}.js.map`, `${path}.d.ts`]);
  const packed = filesOf(tarball);
  const [snippet, ...more] = packed.filter((path) => SNIPPET.test(path));
  assert.ok(snippet !== undefined && more.length === 0);
  const page = packed.filter((path) => CONSOLE.test(path));
  assert.deepEqual(packed.toSorted(), [...OTHERS, ...compiled, ...page, snippet].toSorted());
});

test("what the package's own manifest names is in it", () => {
  const packed = new Set(filesOf(tarball));
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const named = JSON.stringify([manifest.exports, manifest.bin]).match(/"\.\/[^"]+"/g) ?? [];
  const files = named.map((text) => text.slice(3, -1));
  assert.ok(files.length > 15);
  // A key of `exports` looks like a file, and is not one.
  const subpaths = new Set(Object.keys(manifest.exports).map((path) => path.slice(2)));
  assert.deepEqual(
    files.filter((path) => !packed.has(path) && !subpaths.has(path)),
    [],
  );
});

test("every condition of every export says its types first", () => {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(manifest.exports["."]), [
    ...["workerd", "deno", "bun", "node", "browser", "default"],
  ]);
  const typeless = (entry: unknown): boolean => {
    if (typeof entry !== "object" || entry === null) return true;
    const first = Object.entries(entry)[0];
    if (first === undefined || first[0] === "types") return first === undefined;
    return Object.values(entry).some((value) => typeof value === "object" && typeless(value));
  };
  const { "./package.json": _, "./eddyline.wasm": __, ...others } = manifest.exports;
  assert.deepEqual(
    Object.keys(others).filter((path) => typeless(others[path])),
    [],
  );
});

test("it needs nothing but idb, and Node 22", () => {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(manifest.dependencies), ["idb"]);
  assert.deepEqual(manifest.engines, { node: ">=22" });
});

test("packed twice, it has the same bytes", () => {
  using second = makeFolder();
  assert.ok(readFileSync(tarball).equals(readFileSync(pack(second.path))));
});

for (const [linter, ...options] of [
  ["publint", "--strict"],
  // Who requires gets the modules too, from Node 22.12 on; the types of 10 are not for anybody.
  ["attw", "--profile", "esm-only", "--exclude-entrypoints", "eddyline.wasm"],
] as const) {
  test(`${linter} finds nothing`, () => {
    const program = join(PACKAGE, "../node_modules/.bin", linter);
    assert.ok(existsSync(program));
    execFileSync(program, [tarball, ...options], { encoding: "utf8", stdio: "pipe" });
  });
}
