/** The wasm module: one per process, instantiated at the first `open`. */

import init, { initSync } from "../wasm/generated/eddyline.js";
import { platform, type WasmSource } from "./platform.ts";

let instantiated: Promise<WebAssembly.Memory> | undefined;

/** The memory of the instantiated module. `source` counts at the first call only. */
export async function wasmMemory(source?: WasmSource): Promise<WebAssembly.Memory> {
  instantiated ??= instantiate(source);
  try {
    return await instantiated;
  } catch (error) {
    instantiated = undefined;
    throw error;
  }
}

async function instantiate(given: WasmSource | undefined): Promise<WebAssembly.Memory> {
  const source = given ?? (await platform()?.wasm());
  if (source === undefined)
    throw new TypeError(
      "this platform needs the option `wasm`: a module, its bytes or its address",
    );
  // Compiled modules need no further wait; workerd has no asynchronous instantiation for them.
  const exports =
    source instanceof WebAssembly.Module
      ? initSync({ module: source })
      : await init({ module_or_path: source });
  return exports.memory;
}
