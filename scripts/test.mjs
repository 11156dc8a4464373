// `npm test`: builds what the suites need, runs them, and ends with the sum of all their tests.
// `npm test -- workerd lint` runs only suites with these words in their name.

import process from "node:process";
import { build } from "./build.mjs";
import { failures, NONE, skippedTests, sum } from "./counts.mjs";
import { programs } from "./programs.mjs";
import { installRedis8 } from "./redis-8.mjs";
import { installRedisPy } from "./redis-py.mjs";
import { attempt, StepFailed } from "./step.mjs";
import { suites } from "./suites.mjs";
import { installToolchain } from "./toolchain.mjs";

/**
 * @typedef {import("./counts.mjs").Counts} Counts
 * @typedef {import("./suites.mjs").Suite} Suite
 */

/** Far more than any suite takes: a test that hangs must not hang the run. */
const COMMAND_TIMEOUT_MS = 12 * 60_000;

/**
 * Suites at a time. Some wait for browsers and servers while others compile; a person sees one
 * line of progress, so there they go one after the other.
 */
const LANES = process.env.CI ? 2 : 1;

/** @param {string[]} words parts of suite names; none for every suite */
export async function run(words) {
  const selected = suites.filter(({ name }) => includesOneOf(name, words));
  if (selected.length === 0) {
    console.error(`no such suite; there are: ${suites.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  await installToolchain();
  await installRedis8();
  await installRedisPy();
  const machine = programs();
  let all = checkMachine(machine.missing);
  /** @type {string[]} */
  const failed = [];
  const left = [...selected];
  const lane = async () => {
    for (let suite = left.shift(); suite; suite = left.shift()) {
      const started = performance.now();
      const counts = await runSuite(suite, machine, failed);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${suite.name.padEnd(10)} ${inWords(counts)}  (${seconds} s)`);
      all = sum(all, counts);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const failure of failed) console.log(failure);
  console.log(inWords(all));
  return all.failed === 0 ? 0 : 1;
}

/**
 * A program that the tests want and the machine lacks is a skip for a person, a failure in CI.
 * @param {Map<string, string>} missing
 * @returns {Counts}
 */
function checkMachine(missing) {
  for (const [program, remedy] of missing) {
    console.log(`${process.env.CI ? "FAILED" : "skipped"}: ${program} is missing: ${remedy}`);
  }
  const { size } = missing;
  return process.env.CI ? { ...NONE, failed: size } : { ...NONE, skipped: size };
}

/**
 * @param {Suite} suite
 * @param {ReturnType<typeof programs>} machine
 * @param {string[]} failed gets what is to be said again at the end
 * @returns {Promise<Counts>}
 */
async function runSuite(suite, machine, failed) {
  // The missing program itself has been counted.
  if (suite.programs?.some((program) => machine.missing.has(program))) return NONE;
  try {
    await build(suite.products ?? []);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.log(error.message);
    failed.push(error.message);
    return { ...NONE, failed: 1 };
  }
  let counts = NONE;
  for (const command of suite.commands) {
    counts = sum(counts, await runCommand(suite, command, machine.env, failed));
  }
  return counts;
}

/**
 * @param {Suite} suite
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} machineEnv
 * @param {string[]} failed
 * @returns {Promise<Counts>}
 */
async function runCommand(suite, [program = "", ...args], machineEnv, failed) {
  const { code, output } = await attempt(
    `${suite.name}: ${program} ${args.join(" ")}`,
    program,
    args,
    {
      env: { ...machineEnv, ...suite.env },
      timeoutMs: COMMAND_TIMEOUT_MS,
    },
  );
  const counts = suite.count?.(output) ?? { ...NONE, passed: code === 0 ? 1 : 0 };
  for (const line of skippedTests(output)) console.log(`  ${line.trim()}`);
  if (code === 0 && counts.passed + counts.skipped > 0) return counts;
  const why = code === 0 ? "it ran no test" : `exit code ${code}`;
  const failure = `FAILED: ${[program, ...args].join(" ")}: ${why}`;
  console.log(`${output}\n${failure}`);
  failed.push([`\n${failure}`, ...failures(output)].join("\n"));
  // What fails outside a test, like a compiler, counts as one.
  return { ...counts, failed: Math.max(counts.failed, 1) };
}

/**
 * @param {string} name
 * @param {string[]} words
 */
function includesOneOf(name, words) {
  return words.length === 0 || words.some((word) => name.includes(word));
}

/** @param {Counts} counts */
function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
