/** What differs between platforms. The platform's entry provides it, once, before anything is opened. */

import { UnsupportedError } from "./errors.ts";
import type { OpenStorage, Storage, StorageOptions } from "./storage/storage.ts";

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
  /** All schemes that this platform has and others may not have. */
  schemes: readonly string[];
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

/**
 * Opens the storage at an address such as `file:./dir`.
 *
 * @throws UnsupportedError when this platform has none of the kind, or nobody has
 */
export async function openStorage(address: string, options: StorageOptions): Promise<Storage> {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(address)?.[0].toLowerCase() ?? "";
  const open = provided?.storages?.get(scheme);
  if (open === undefined) throw new UnsupportedError(unknownAddress(scheme, address));
  return await open(address, options);
}

function unknownAddress(scheme: string, address: string): string {
  if (scheme === "file:" || scheme === "idb:") {
    const others = ["memory:", ...(provided?.schemes ?? []), "https:"].join(", ");
    return `this platform has no ${scheme} storage: it has ${others}`;
  }
  if (/^rediss?:$/.test(scheme)) {
    return `${scheme} is for Redis clients: streams of a Redis server are copied by \`npx eddyline pull\``;
  }
  return `"${address}" is no address of a keyspace: memory://, file:./dir, idb://name or http(s)://… is expected`;
}
