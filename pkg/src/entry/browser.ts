/**
 * The package in browsers: the core of the module streams from beside the script, and the other parts
 * of it when a storage or a command needs them. Bundlers see all URLs.
 */

import { provideWeb } from "./web.ts";

provideWeb({
  wasm: () => new URL("../../wasm/generated/eddyline_core_bg.wasm", import.meta.url),
  parts: {
    storage: () => new URL("../../wasm/generated/eddyline_storage_bg.wasm", import.meta.url),
    rest: () => new URL("../../wasm/generated/eddyline_rest_bg.wasm", import.meta.url),
    inspection: () => new URL("../../wasm/generated/eddyline_inspection_bg.wasm", import.meta.url),
  },
});

export * from "../index.ts";
