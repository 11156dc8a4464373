/** The scenarios of `tests/cases` on the server, over TCP and on the real clock. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseScenarios } from "../cases/notation.ts";
import { lacking, nameOf, runScenario } from "../cases/runner.ts";
import { serverHost } from "./server-host.ts";

const folder = new URL("../cases/", import.meta.url);
/** Most of the time is spent waiting for what must not come. */
const AT_ONCE = 8;

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  describe(file, { concurrency: AT_ONCE }, () => {
    for (const scenario of parseScenarios(readFileSync(new URL(file, folder), "utf8"))) {
      const lacks = lacking(scenario, serverHost);
      const skip = lacks.length > 0 && `needs ${lacks.join(", ")}`;
      for (const protocol of [2, 3] as const) {
        it(nameOf(scenario, protocol), { skip }, () => runScenario(scenario, serverHost, protocol));
      }
    }
  });
}
