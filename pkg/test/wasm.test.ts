/** The two builds of the wasm: one for size, one for speed, which only Node loads. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

const read = (file: string) => readFileSync(new URL(`../wasm/${file}`, import.meta.url));

/** What the module wants of the glue, and what the glue may call of it. */
function faces(dir: string): { wants: string[]; has: Set<string> } {
  const module = new WebAssembly.Module(read(`${dir}/eddyline_bg.wasm`));
  return {
    wants: WebAssembly.Module.imports(module)
      .map(({ name }) => name)
      .sort(),
    has: new Set(WebAssembly.Module.exports(module).map(({ name }) => name)),
  };
}

it("gives Node a module of its own that fits the one glue", () => {
  const [small, fast] = [faces("generated"), faces("generated-node")];
  assert.deepEqual(fast.wants, small.wants);
  assert.deepEqual(
    [...small.has].filter((name) => !fast.has.has(name)),
    [],
  );
  const [smallBytes, fastBytes] = ["generated", "generated-node"].map(
    (dir) => read(`${dir}/eddyline_bg.wasm`).length,
  );
  assert.ok((smallBytes ?? 0) < (fastBytes ?? 0));
});

it("lets nobody but Node pay for what a repair needs", () => {
  const [small, fast] = [faces("generated"), faces("generated-node")];
  const repairs = (names: Set<string>) => [...names].filter((name) => /salvage|survey/.test(name));
  assert.deepEqual(repairs(small.has), []);
  assert.ok(repairs(fast.has).length > 0);
});
