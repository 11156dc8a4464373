/** Jest and Vitest with the clients mocked by ours, as the README shows. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const BIN = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
const PATIENCE_MS = 60_000;

const RUNNERS = {
  jest: { args: ["--rootDir"], folder: "jest", passed: /Tests: +4 passed, 4 total/ },
  vitest: { args: ["run", "--root"], folder: "vitest", passed: /Tests +2 passed \(2\)/ },
};

for (const [runner, { args, folder, passed }] of Object.entries(RUNNERS)) {
  it(`${runner}.mock`, async () => {
    const root = fileURLToPath(new URL(`./${folder}/`, import.meta.url));
    const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", NODE_TEST_CONTEXT: undefined };
    const run = promisify(execFile)(process.execPath, [BIN + runner, ...args, root], {
      env,
      timeout: PATIENCE_MS,
    });
    const { stdout, stderr } = await run.catch(
      (failed: { stdout: string; stderr: string }) => failed,
    );
    assert.match(stdout + stderr, passed);
  });
}
