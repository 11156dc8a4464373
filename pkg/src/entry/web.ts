/** What browsers have, wherever their wasm comes from. */

import { type OpenKeyspace, provideKeyspaces } from "../keyspaces.ts";
import { limits } from "../limits.ts";
import { type Platform, providePlatform } from "../platform.ts";
import type { OpenStorage } from "../storage/storage.ts";

/** Loaded when it is wanted: without a bundler `idb` needs an import map, and only this needs `idb`. */
const openIndexedDb: OpenStorage = async (address, options) => {
  const { IndexedDbStorage } = await import("../storage/indexeddb.ts");
  return IndexedDbStorage.open(address, options);
};

/** The same for a database that all tabs share. */
const openTab: OpenKeyspace = async (address, options) => {
  const tabs = await import("../tabs/transport.ts");
  return await tabs.openTab(address, options);
};

/** Says what the platform is like. A runtime that is no browser may be here too, without `idb:`. */
export function provideWeb(wasm: Platform["wasm"]): void {
  const has = "indexedDB" in globalThis;
  if (has) provideKeyspaces("idb:", openTab);
  providePlatform({
    wasm,
    maxResidentBytes: limits.maxResidentBytes,
    storages: new Map(has ? [["idb:", openIndexedDb]] : []),
  });
}
