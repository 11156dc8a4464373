/** The package in Node: the module is read from disk. */

import { readFileSync } from "node:fs";
import { provideWasm } from "../wasm.ts";

provideWasm(() => {
  const file = new URL("../../wasm/generated/eddyline_bg.wasm", import.meta.url);
  return new WebAssembly.Module(readFileSync(file));
});

export * from "../index.ts";
