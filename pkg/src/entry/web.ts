/** What browsers have, wherever their wasm comes from. */

import { type OpenKeyspace, provideKeyspaces } from "../keyspaces.ts";
import * as limits from "../limits.ts";
import { type Platform, providePlatform } from "../platform.ts";

/** Loaded when it is wanted: without a bundler `idb` needs an import map, and only this needs `idb`. */
const openTab: OpenKeyspace = async (address, options) => {
  const tabs = await import("../tabs/transport.ts");
  return await tabs.openTab(address, options);
};

/** Says what the platform is like. A runtime that is no browser may be here too, without `idb:`. */
export function provideWeb(module: Pick<Platform, "wasm" | "parts">): void {
  if ("indexedDB" in globalThis) provideKeyspaces("idb:", openTab);
  providePlatform({ ...module, maxResidentBytes: limits.maxResidentBytes });
}
