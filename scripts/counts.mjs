// How many tests passed, failed and were skipped, read from what a runner printed.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Readonly<Counts>} */
export const NONE = Object.freeze({ passed: 0, failed: 0, skipped: 0 });

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function sum(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * Cargo's tests, natively and through the wasm runner: one `test result:` line per binary.
 * @param {string} output
 * @returns {Counts}
 */
export function countLibtest(output) {
  const line = /^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/gm;
  return [...output.matchAll(line)]
    .map(([, passed, failed, skipped]) => ({
      passed: Number(passed),
      failed: Number(failed),
      skipped: Number(skipped),
    }))
    .reduce(sum, NONE);
}

/**
 * `node --test` with the `spec` reporter: one `ℹ pass 12` line per kind, at the end.
 * @param {string} output
 * @returns {Counts}
 */
export function countNodeTest(output) {
  /** @type {(kind: string) => number} */
  const of = (kind) => Number(output.match(new RegExp(`^ℹ ${kind} (\\d+)$`, "m"))?.[1] ?? 0);
  return {
    passed: of("pass"),
    failed: of("fail") + of("cancelled"),
    skipped: of("skipped") + of("todo"),
  };
}

/**
 * The lines by which a runner names the tests it skipped.
 * @param {string} output
 */
export function skippedTests(output) {
  return output.split("\n").filter((line) => /^\s*﹣ |^test .* \.\.\. ignored/.test(line));
}

/** Lines of failures that are repeated at the end of a run, a command. */
const FAILURE_LINES = 60;

/**
 * What a runner says about the tests that failed: the end of a long log has to tell it again.
 * @param {string} output
 */
export function failures(output) {
  const sections = [
    ...output.matchAll(/^failures:\n\n---- [\s\S]*?^failures:$/gm),
    ...output.matchAll(/^✖ failing tests:$[\s\S]*/gm),
  ];
  const text = sections.map(([section]) => section).join("\n") || output.trimEnd();
  const lines = text.split("\n");
  return sections.length > 0 ? lines.slice(0, FAILURE_LINES) : lines.slice(-FAILURE_LINES);
}
