/** The package in browsers: the module streams from beside the script; bundlers see the URL. */

import { provideWeb } from "./web.ts";

provideWeb(() => new URL("../../wasm/generated/eddyline_bg.wasm", import.meta.url));

export * from "../index.ts";
