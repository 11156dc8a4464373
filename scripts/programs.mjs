// Programs of the machine that some tests want and that npm and cargo cannot bring.

import { accessSync, constants } from "node:fs";
import process from "node:process";
import { REDIS_8 } from "./redis-8.mjs";
import { PYTHON_WITH_REDIS } from "./redis-py.mjs";

/**
 * @typedef {"chromium" | "chromedriver" | "redis-server" | "redis-server 8" | "redis-cli"
 *   | "redis-py"} Program
 */

/**
 * Where each may be: `own` is the variable by which a person says so, `tests` the one by which the
 * tests are told; `names` are looked for in PATH, `path` is where the set-up puts it.
 * @type {Record<Program, { own: string, tests: string, names: string[], path?: string,
 *   remedy: string }>}
 */
const wanted = {
  chromium: {
    own: "CHROMIUM",
    tests: "EDDYLINE_CHROMIUM",
    names: ["chromium", "chromium-browser", "google-chrome"],
    remedy: "install Debian's chromium",
  },
  chromedriver: {
    own: "CHROMEDRIVER",
    tests: "CHROMEDRIVER",
    names: ["chromedriver"],
    remedy: "install Debian's chromium-driver",
  },
  "redis-server": {
    own: "REDIS_SERVER",
    tests: "EDDYLINE_REDIS_SERVER",
    names: ["redis-server"],
    remedy: "install Debian's redis-server",
  },
  "redis-server 8": {
    own: "REDIS_8_SERVER",
    tests: "EDDYLINE_REDIS_8_SERVER",
    names: [],
    path: REDIS_8,
    remedy: "install Python's pip, by which the set-up fetches it",
  },
  "redis-cli": {
    own: "REDIS_CLI",
    tests: "EDDYLINE_REDIS_CLI",
    names: ["redis-cli"],
    remedy: "install Debian's redis-tools",
  },
  "redis-py": {
    own: "PYTHON_WITH_REDIS",
    tests: "EDDYLINE_PYTHON",
    names: [],
    path: PYTHON_WITH_REDIS,
    remedy: "install Python's pip, by which the set-up fetches it",
  },
};

/**
 * Looks for the programs.
 * @returns {{ env: NodeJS.ProcessEnv, missing: Map<Program, string> }} variables for the tests, and
 *   for each missing program what a person can do
 */
export function programs() {
  /** @type {NodeJS.ProcessEnv} */
  const env = {};
  /** @type {Map<Program, string>} */
  const missing = new Map();
  for (const [key, { own, tests, names, path, remedy }] of Object.entries(wanted)) {
    const program = /** @type {Program} */ (key);
    const found = process.env[own] ?? path ?? names.flatMap(inPath).at(0);
    if (found && isExecutable(found)) env[tests] = found;
    else missing.set(program, `${remedy}, or name the program in ${own}`);
  }
  return { env, missing };
}

/**
 * @param {string} name
 * @returns {string[]} the places in PATH that have it
 */
function inPath(name) {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.map((folder) => `${folder}/${name}`).filter(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
