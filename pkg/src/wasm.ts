/**
 * The wasm module: one instance per process, made at the first `open`.
 *
 * In browsers the module is cut in two. The core is loaded at once; the rest, commands that few pages
 * use, when an engine first asks for it, and is linked into the same instance: one memory, one
 * table, one stack. So nothing of an engine's state knows of the cut.
 */

import * as glue from "../wasm/generated/eddyline.js";
import * as limits from "./limits.ts";
import { platform, type WasmSource } from "./platform.ts";

/** The instance of this process. */
export interface Wasm {
  readonly memory: WebAssembly.Memory;
  /** What may not be there yet; nothing where the module came whole. */
  readonly rest: Later | undefined;
}

/** A part of the module that comes later. */
export interface Later {
  /** Whether it is linked: engines may run everything. */
  readonly isLinked: boolean;
  /**
   * Loads and links it, once for all who ask: whether that went well. When it did not, the reason is
   * on the console, and who asks later has it tried again.
   */
  load(): Promise<boolean>;
}

let instantiated: Promise<Wasm> | undefined;

/** The instance. `source` is a whole module, and counts at the first call only. */
export async function loadWasm(source?: WasmSource): Promise<Wasm> {
  instantiated ??= instantiate(source);
  try {
    return await instantiated;
  } catch (error) {
    instantiated = undefined;
    throw error;
  }
}

async function instantiate(given: WasmSource | undefined): Promise<Wasm> {
  const provided = given === undefined ? platform() : undefined;
  const source = given ?? (await provided?.wasm());
  if (source === undefined)
    throw new TypeError(
      "this platform needs the option `wasm`: a module, its bytes or its address",
    );
  const rest = provided?.rest && new Rest(provided.rest);
  const imports = importsFrom(glue);
  if (rest !== undefined) imports["parts"] = rest.gates;
  // Compiled modules need no further wait; workerd has no asynchronous instantiation for them.
  const instance =
    source instanceof WebAssembly.Module
      ? new WebAssembly.Instance(source, imports)
      : await WebAssembly.instantiate(await compile(source), imports);
  rest?.belongTo(instance);
  return { memory: connect(glue, instance), rest };
}

/** The rest of a module of which an instance has the core. */
class Rest implements Later {
  readonly #find: () => WasmSource | Promise<WasmSource>;
  #core: WebAssembly.Exports = {};
  #linked: WebAssembly.Exports | undefined;
  #loading: Promise<boolean> | undefined;
  /** What the core imports of it: by name, a function that calls what is linked by then. */
  readonly gates: WebAssembly.ModuleImports;

  constructor(find: () => WasmSource | Promise<WasmSource>) {
    this.#find = find;
    const gateOf = (name: string) => {
      return (...args: unknown[]): unknown => this.#call(name, args);
    };
    this.gates = new Proxy<WebAssembly.ModuleImports>(
      {},
      { get: (_, name) => gateOf(String(name)) },
    );
  }

  get isLinked(): boolean {
    return this.#linked !== undefined;
  }

  /** Says which instance it is the rest of. */
  belongTo({ exports }: WebAssembly.Instance): void {
    this.#core = exports;
  }

  load(): Promise<boolean> {
    this.#loading ??= this.#link().then(
      () => true,
      (cause: unknown) => {
        this.#loading = undefined;
        console.warn("the rest of eddyline's wasm could not be loaded:", cause);
        return false;
      },
    );
    return this.#loading;
  }

  async #link(): Promise<void> {
    const module = await compile(await this.#find(), AbortSignal.timeout(limits.restMs));
    this.#linked = (await WebAssembly.instantiate(module, { core: this.#core })).exports;
  }

  #call(name: string, args: readonly unknown[]): unknown {
    const gate = this.#linked?.[name];
    if (typeof gate !== "function")
      throw new WebAssembly.RuntimeError(`an engine used ${name} of the rest before it was linked`);
    return gate(...args);
  }
}

/** Compiles a module while it comes, or once its bytes are there. */
async function compile(source: WasmSource, signal?: AbortSignal): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  const isAddress = typeof source === "string" || source instanceof URL;
  const found = isAddress ? await fetch(source, { signal: signal ?? null }) : source;
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
