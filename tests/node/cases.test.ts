/** The scenarios of `tests/cases` on the wasm build in Node, on a driven clock. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseScenarios } from "../cases/notation.ts";
import { lacking, nameOf, runScenario } from "../cases/runner.ts";
import { wasmHost } from "./wasm-host.ts";

const folder = new URL("../cases/", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  describe(file, () => {
    for (const scenario of parseScenarios(readFileSync(new URL(file, folder), "utf8"))) {
      const lacks = lacking(scenario, wasmHost);
      const skip = lacks.length > 0 && `needs ${lacks.join(", ")}`;
      for (const protocol of [2, 3] as const) {
        it(nameOf(scenario, protocol), { skip }, () => runScenario(scenario, wasmHost, protocol));
      }
    }
  });
}
