/** What differs between platforms. The platform's entry provides it, once, before anything is opened. */

import type { OpenStorage } from "./storage/storage.ts";

/** Where the wasm module comes from: compiled, as bytes, or from an address. */
export type WasmSource = WebAssembly.Module | BufferSource | Response | URL | string;

/** What an entry knows of its platform. */
export interface Platform {
  /** Finds the wasm module. */
  wasm(): WasmSource | Promise<WasmSource>;
  /** Bytes of entries that an engine keeps in memory unless told otherwise. */
  maxResidentBytes: number;
  /** The schemes of {@link Eddyline.open} that this platform has a storage for, as `file:`. */
  storages: ReadonlyMap<string, OpenStorage>;
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
