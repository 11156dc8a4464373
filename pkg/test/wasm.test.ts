/** The two builds of the wasm: one for size, one for speed, which only Node loads. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

const read = (file: string) => readFileSync(new URL(`../wasm/${file}`, import.meta.url));

it("gives Node a module of its own that fits the one glue", () => {
  for (const file of ["eddyline.js", "eddyline_bg.wasm.d.ts"]) {
    assert.ok(read(`generated/${file}`).equals(read(`generated-node/${file}`)), file);
  }
  const [small, fast] = ["generated", "generated-node"].map((dir) =>
    read(`${dir}/eddyline_bg.wasm`),
  );
  assert.ok(small !== undefined && fast !== undefined && small.length < fast.length);
});
