/**
 * The package in browsers: the module streams from beside the script, in two parts, of which the
 * second comes when a command needs it. Bundlers see both URLs.
 */

import { provideWeb } from "./web.ts";

provideWeb({
  wasm: () => new URL("../../wasm/generated/eddyline_core_bg.wasm", import.meta.url),
  rest: () => new URL("../../wasm/generated/eddyline_rest_bg.wasm", import.meta.url),
});

export * from "../index.ts";
