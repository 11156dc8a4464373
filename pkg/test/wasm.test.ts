/** The builds of the wasm: one for size, also in parts for browsers, and one for speed for Node. */

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

/** What the whole is cut into beside the core. */
const PARTS = ["storage", "rest", "inspection"];

it("is cut into parts that fit each other", () => {
  const [core, whole, ...parts] = ["core_bg", "bg", ...PARTS.map((part) => `${part}_bg`)].map(
    (part) => new WebAssembly.Module(read(`generated/eddyline_${part}.wasm`)),
  ) as [WebAssembly.Module, WebAssembly.Module, ...WebAssembly.Module[]];
  const names = (all: readonly { name: string }[]) => new Set(all.map(({ name }) => name));
  const wanted = (of: WebAssembly.Module, from: string) =>
    names(WebAssembly.Module.imports(of).filter(({ module }) => module === from));
  const had = (by: WebAssembly.Module) => names(WebAssembly.Module.exports(by));
  const lacks = (has: Set<string>, wants: Set<string>) => [...wants].filter((one) => !has.has(one));
  assert.deepEqual(lacks(had(core), had(whole)), []);
  assert.ok(wanted(core, "parts").size > 0);
  assert.deepEqual(
    lacks(new Set(parts.flatMap((part) => [...had(part)])), wanted(core, "parts")),
    [],
  );
  assert.deepEqual(wanted(core, "./eddyline_bg.js"), wanted(whole, "./eddyline_bg.js"));
  for (const part of parts) {
    assert.deepEqual(lacks(had(core), wanted(part, "core")), []);
    const others = WebAssembly.Module.imports(part).filter(({ module }) => module !== "core");
    assert.deepEqual(others, []);
    // Named after the module that was cut: parts of two builds cannot be linked.
    const marks = [...wanted(part, "core")].filter((name) => /^v[0-9a-f]{16}$/.test(name));
    assert.equal(marks.length, 1);
  }
});

it("lets nobody but Node pay for what a repair needs", () => {
  const [small, fast] = [faces("generated"), faces("generated-node")];
  const repairs = (names: Set<string>) => [...names].filter((name) => /salvage|survey/.test(name));
  assert.deepEqual(repairs(small.has), []);
  assert.ok(repairs(fast.has).length > 0);
});
