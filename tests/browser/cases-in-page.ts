/** Runs in the browser: the scenarios of a file on the wasm build. Bundled by `cases.test.ts`. */

import { parseScenarios } from "../cases/notation.ts";
import { lacking, nameOf, runScenario } from "../cases/runner.ts";
import { wasmHost } from "../node/wasm-host.ts";

/** How a scenario went in one protocol. */
export interface CaseOutcome {
  readonly name: string;
  /** What it needs and the host lacks: it was not run. */
  readonly lacks: readonly string[];
  /** How it went wrong, if it did. */
  readonly problem: string | null;
}

/** Runs every scenario of a file's `text`, in both protocols. */
export async function runCases(text: string): Promise<CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  for (const scenario of parseScenarios(text)) {
    const lacks = lacking(scenario, wasmHost);
    for (const protocol of [2, 3] as const) {
      const name = nameOf(scenario, protocol);
      const run = lacks.length > 0 ? Promise.resolve() : runScenario(scenario, wasmHost, protocol);
      const problem = await run.then(() => null, String);
      outcomes.push({ name, lacks, problem });
    }
  }
  return outcomes;
}
