/** The wasm module: one per process, instantiated at the first `open`. */

import * as glue from "../wasm/generated/eddyline.js";
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
  const imports = importsFrom(glue);
  // Compiled modules need no further wait; workerd has no asynchronous instantiation for them.
  const instance =
    source instanceof WebAssembly.Module
      ? new WebAssembly.Instance(source, imports)
      : await WebAssembly.instantiate(await compile(source), imports);
  return connect(glue, instance);
}

/** Compiles a module while it comes, or once its bytes are there. */
async function compile(
  source: BufferSource | Response | URL | string,
): Promise<WebAssembly.Module> {
  const found = typeof source === "string" || source instanceof URL ? await fetch(source) : source;
  if (!(found instanceof Response)) return await WebAssembly.compile(found);
  if (!found.ok) throw new TypeError(`the wasm module is not there: ${found.status} ${found.url}`);
  // Not every server knows what it sends; browsers insist on the type.
  return found.headers.get("content-type") === "application/wasm"
    ? await WebAssembly.compileStreaming(found)
    : await WebAssembly.compile(await found.arrayBuffer());
}

/** What a module imports, from the glue that was made for it. */
export function importsFrom(glue: object): WebAssembly.Imports {
  return { "./eddyline_bg.js": glue as WebAssembly.ModuleImports };
}

/** Gives glue its instance; the instance's memory. */
export function connect(
  glue: { __wbg_set_wasm(exports: WebAssembly.Exports): void },
  { exports }: WebAssembly.Instance,
): WebAssembly.Memory {
  glue.__wbg_set_wasm(exports);
  (exports["__wbindgen_start"] as () => void)();
  return exports["memory"] as WebAssembly.Memory;
}
