// redis-py, the client of Python, beside the npm packages: never among those of the machine.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { inRoot } from "./root.mjs";
import { attempt } from "./step.mjs";

const FOLDER = inRoot("node_modules/.cache/eddyline/redis-py");
/** Starts the machine's Python with redis-py in its path, once that has been fetched. */
export const PYTHON_WITH_REDIS = `${FOLDER}/python3`;

const PINS = inRoot("examples/from-the-literature/requirements.txt");
const PACKAGES = `${FOLDER}/packages`;
const LAUNCHER = `#!/bin/sh
PYTHONPATH="$(dirname "$0")/packages" exec python3 "$@"
`;
/** The pins that the folder was filled from. */
const RECORD = `${FOLDER}/requirements.txt`;

/** Fetches redis-py if it is not there. Where that cannot be done it stays missing. */
export async function installRedisPy() {
  const pins = readFileSync(PINS, "utf8");
  const present = existsSync(RECORD) && readFileSync(RECORD, "utf8") === pins;
  if (present || process.env.PYTHON_WITH_REDIS) return;
  rmSync(FOLDER, { recursive: true, force: true });
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"];
  const args = [...pip, "--require-hashes", `--requirement=${PINS}`, `--target=${PACKAGES}`];
  const { code, output } = await attempt("fetch redis-py", "python3", args);
  if (code !== 0) {
    console.error(`redis-py cannot be fetched: ${output.trim().split("\n").at(-1)}`);
    return;
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(PYTHON_WITH_REDIS, LAUNCHER, { mode: 0o755 });
  writeFileSync(RECORD, pins);
}
