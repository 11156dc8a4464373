/** The scenarios of `tests/cases` as tests of one host. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseScenarios } from "../cases/notation.ts";
import { type CaseHost, lacking, nameOf, runScenario } from "../cases/runner.ts";

const folder = new URL("../cases/", import.meta.url);

/** Makes a test of each scenario, in both versions of RESP. */
export function testScenarios(host: CaseHost): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
    describe(file, () => {
      for (const scenario of parseScenarios(readFileSync(new URL(file, folder), "utf8"))) {
        const lacks = lacking(scenario, host);
        const skip = lacks.length > 0 && `needs ${lacks.join(", ")}`;
        for (const protocol of [2, 3] as const) {
          it(nameOf(scenario, protocol), { skip }, () => runScenario(scenario, host, protocol));
        }
      }
    });
  }
}
