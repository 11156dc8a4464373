/** The package in Cloudflare Workers: the module is a static import, compiled at deployment. */

import wasm from "../../wasm/generated/eddyline_bg.wasm";
import { provideWasm } from "../wasm.ts";

provideWasm(() => wasm);

export * from "../index.ts";
