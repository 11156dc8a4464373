/** The package in Cloudflare Workers: the module is a static import, compiled at deployment. */

import wasm from "../../wasm/generated/eddyline_bg.wasm";
import * as limits from "../limits.ts";
import { providePlatform } from "../platform.ts";

providePlatform({
  wasm: () => wasm,
  maxResidentBytes: limits.maxResidentBytes,
});

export * from "../index.ts";
