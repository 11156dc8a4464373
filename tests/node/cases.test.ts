/**
 * The scenarios of `tests/cases` on the wasm build in Node, on a driven clock: once as it is, and
 * once as in browsers, where each engine has to ask for parts of the module when it needs them.
 */

import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseScenarios } from "../cases/notation.ts";
import { lacking, nameOf, runScenario } from "../cases/runner.ts";
import { latePartsHost, wasmHost } from "./wasm-host.ts";

const folder = new URL("../cases/", import.meta.url);
const HOSTS = [
  { host: wasmHost, how: "" },
  { host: latePartsHost, how: ", parts of the module coming later" },
];

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  const scenarios = parseScenarios(readFileSync(new URL(file, folder), "utf8"));
  for (const { host, how } of HOSTS) {
    describe(file + how, () => {
      for (const scenario of scenarios) {
        const lacks = lacking(scenario, host);
        const skip = lacks.length > 0 && `needs ${lacks.join(", ")}`;
        for (const protocol of [2, 3] as const) {
          it(nameOf(scenario, protocol), { skip }, () => runScenario(scenario, host, protocol));
        }
      }
    });
  }
}
