/** The package in browsers: the module streams from beside the script; bundlers see the URL. */

import { type OpenKeyspace, provideKeyspaces } from "../keyspaces.ts";
import { limits } from "../limits.ts";
import { providePlatform } from "../platform.ts";
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

provideKeyspaces("idb:", openTab);
providePlatform({
  wasm: () => new URL("../../wasm/generated/eddyline_bg.wasm", import.meta.url),
  maxResidentBytes: limits.maxResidentBytes,
  storages: new Map([["idb:", openIndexedDb]]),
});

export * from "../index.ts";
