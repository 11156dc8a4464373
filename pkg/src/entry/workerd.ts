/** The package in Cloudflare Workers: the module is a static import, compiled at deployment. */

import wasm from "../../wasm/generated/eddyline_bg.wasm";
import { limits } from "../limits.ts";
import { providePlatform } from "../platform.ts";

providePlatform({
  wasm: () => wasm,
  maxResidentBytes: limits.maxResidentBytes,
  storages: new Map(),
});

export * from "../index.ts";
