/** The scenarios of `tests/cases` on the Worker and its objects, on the real clock. */

import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { parseScenarios } from "../cases/notation.ts";
import { type CaseHost, lacking, nameOf, runScenario } from "../cases/runner.ts";
import { objectHost } from "./object-host.ts";
import { Workerd } from "./workerd.ts";

const folder = new URL("../cases/", import.meta.url);

describe("scenarios on Durable Objects", () => {
  let server: Workerd;
  let host: CaseHost;
  before(async () => {
    server = await Workerd.start({ entry: "tests/workerd/fixtures/apart.ts" });
    host = objectHost(server);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
    describe(file, { concurrency: 4 }, () => {
      for (const scenario of parseScenarios(readFileSync(new URL(file, folder), "utf8"))) {
        for (const protocol of [2, 3] as const) {
          it(nameOf(scenario, protocol), (context) => {
            const lacks = lacking(scenario, host);
            if (lacks.length > 0) return context.skip(`needs ${lacks.join(", ")}`);
            return runScenario(scenario, host, protocol);
          });
        }
      }
    });
  }
});
