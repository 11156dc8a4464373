/**
 * The wasm module: one instance per process, made at the first `open`.
 *
 * In browsers the module is cut. The core is loaded at once; each other part, which few pages use,
 * when somebody first needs it, and is linked into the same instance: one memory, one table, one
 * stack. So nothing of an engine's state knows of the cut.
 */

import * as glue from "../wasm/generated/eddyline.js";
import * as limits from "./limits.ts";
import { type PartName, type Platform, platform, type WasmSource } from "./platform.ts";

/** The instance of this process. */
export interface Wasm {
  readonly memory: WebAssembly.Memory;
  /** What may not be there yet; nothing where the module came whole. */
  readonly parts: Readonly<Record<PartName, Later>> | undefined;
}

/** A part of the module that comes later. */
export interface Later {
  /** Whether it is linked: engines may use what is in it. */
  readonly isLinked: boolean;
  /**
   * Loads and links it, once for all who ask: whether that went well. When it did not, the reason is
   * on the console, and who asks later has it tried again.
   */
  load(): Promise<boolean>;
}

let instantiated: Promise<Wasm> | undefined;

/**
 * The instance, with a part of it that is wanted at once. `source` is a whole module, and counts at
 * the first call only.
 */
export async function loadWasm(source?: WasmSource, wanted?: PartName): Promise<Wasm> {
  instantiated ??= instantiateFound(source, wanted);
  let wasm: Wasm;
  try {
    wasm = await instantiated;
  } catch (error) {
    instantiated = undefined;
    throw error;
  }
  if (wanted !== undefined && (await wasm.parts?.[wanted].load()) === false)
    throw new TypeError(`the ${wanted} part of the wasm module could not be loaded`);
  return wasm;
}

async function instantiateFound(given?: WasmSource, wanted?: PartName): Promise<Wasm> {
  const provided = given === undefined ? platform() : undefined;
  const source = given ?? (await provided?.wasm());
  if (source === undefined)
    throw new TypeError(
      "this platform needs the option `wasm`: a module, its bytes or its address",
    );
  return await instantiate(source, provided?.parts, wanted);
}

/** Makes an instance of a module, or of the core of one that was cut and has its parts elsewhere. */
export async function instantiate(
  source: WasmSource,
  sources?: Platform["parts"],
  wanted?: PartName,
): Promise<Wasm> {
  const imports = importsFrom(glue);
  const linking = new Linking();
  imports["parts"] = linking.gates;
  const parts = sources && partsOf(sources, linking);
  // It comes while the core does.
  if (wanted !== undefined) void parts?.[wanted].load();
  // Compiled modules need no further wait; workerd has no asynchronous instantiation for them.
  const instance =
    source instanceof WebAssembly.Module
      ? new WebAssembly.Instance(source, imports)
      : await WebAssembly.instantiate(await compile(source), imports);
  linking.found(instance.exports);
  return { memory: connect(glue, instance), parts };
}

function partsOf(sources: NonNullable<Platform["parts"]>, linking: Linking): Wasm["parts"] {
  const parts = Object.entries(sources).map(([name, find]) => [
    name,
    new Part(name, find, linking),
  ]);
  return Object.fromEntries(parts) as Wasm["parts"];
}

/** A core and what has been linked to it. */
class Linking {
  /** Says what the core is. */
  found: (core: WebAssembly.Exports) => void = () => {};
  readonly #core = new Promise<WebAssembly.Exports>((resolve) => {
    this.found = resolve;
  });
  readonly #linked: WebAssembly.Exports[] = [];
  /** What the core imports of its parts: by name, a function that calls one that is linked by then. */
  readonly gates: WebAssembly.ModuleImports = new Proxy<WebAssembly.ModuleImports>(
    {},
    { get: (_, name) => this.#gate(String(name)) },
  );

  async link(module: WebAssembly.Module): Promise<void> {
    const core = await this.#core;
    this.#linked.push((await WebAssembly.instantiate(module, { core })).exports);
  }

  #gate(name: string): (...args: unknown[]) => unknown {
    let linked: WebAssembly.ExportValue | undefined;
    return (...args) => {
      linked ??= this.#linked.find((exports) => name in exports)?.[name];
      if (typeof linked === "function") return linked(...args);
      throw new WebAssembly.RuntimeError(`an engine used ${name} of a part before it was linked`);
    };
  }
}

/** A part of a module of which an instance has the core. */
class Part implements Later {
  readonly #name: string;
  readonly #find: () => WasmSource | Promise<WasmSource>;
  readonly #linking: Linking;
  #loading: Promise<boolean> | undefined;
  isLinked = false;

  constructor(name: string, find: () => WasmSource | Promise<WasmSource>, linking: Linking) {
    this.#name = name;
    this.#find = find;
    this.#linking = linking;
  }

  load(): Promise<boolean> {
    this.#loading ??= this.#link().then(
      () => (this.isLinked = true),
      (cause: unknown) => {
        this.#loading = undefined;
        console.warn(`the ${this.#name} part of eddyline's wasm could not be loaded:`, cause);
        return false;
      },
    );
    return this.#loading;
  }

  async #link(): Promise<void> {
    await this.#linking.link(await compile(await this.#find(), AbortSignal.timeout(limits.partMs)));
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
