/** What differs between platforms. The platform's entry provides it, once, before anything is opened. */

import type { OpenStorage } from "./storage/storage.ts";

/** Where the wasm module comes from: compiled, as bytes, or from an address. */
export type WasmSource = WebAssembly.Module | BufferSource | Response | URL | string;

/** What a module may lack at first. */
export type PartName = "rest" | "inspection" | "storage";

/** What an entry knows of its platform. */
export interface Platform {
  /** Finds the wasm module, or its core where there are {@link parts}. */
  wasm(): WasmSource | Promise<WasmSource>;
  /** Finds a part of the module, when it is first needed: by a storage, or by a command. */
  parts?: Readonly<Record<PartName, () => WasmSource | Promise<WasmSource>>>;
  /** Bytes of entries that an engine keeps in memory unless told otherwise. */
  maxResidentBytes: number;
  /** The storages for a scheme of {@link Eddyline.open} that this process has for itself, as `file:`. */
  storages?: ReadonlyMap<string, OpenStorage>;
}

let provided: Platform | undefined;

/** Says what this platform is like. */
export function providePlatform(platform: Platform): void {
  provided = platform;
}

/** The platform, or `undefined` when the package was not entered through an entry of its own. */
export function platform(): Platform | undefined {
  return provided;
}
