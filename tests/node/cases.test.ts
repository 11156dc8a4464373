/** The scenarios of `tests/cases` on the wasm build in Node, on a driven clock. */

import { testScenarios } from "./scenarios.ts";
import { wasmHost } from "./wasm-host.ts";

testScenarios(wasmHost);
