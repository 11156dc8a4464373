/**
 * The module that browsers have as a host of scenarios: each begins with the core of it alone, and
 * loads other parts when its commands want them. None wants the part for storages.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { instantiate, type Wasm } from "../../pkg/src/wasm.ts";
import type { CaseHost } from "../cases/runner.ts";
import { newEngine, WasmTarget, wasmHost } from "./wasm-host.ts";

/** An engine of its own for each scenario, with nothing but the core loaded at first. */
export const coreHost: CaseHost = {
  ...wasmHost,
  open: async () => new WasmTarget(newEngine(await newCore())),
};

const CUT = [cut("core"), cut("rest"), cut("inspection")] as const;

function cut(part: string): WebAssembly.Module {
  const file = `../../pkg/wasm/generated/eddyline_${part}_bg.wasm`;
  return new WebAssembly.Module(readFileSync(new URL(file, import.meta.url)));
}

let present: Wasm | undefined;

async function newCore(): Promise<Wasm> {
  const [core, rest, inspection] = CUT;
  const storage = () => assert.fail("an engine without storage asked for what only those need");
  const parts = { rest: () => rest, inspection: () => inspection, storage };
  // The glue keeps its view of the memory before until that is detached.
  present?.memory.grow(0);
  present = await instantiate(core, parts);
  return present;
}
