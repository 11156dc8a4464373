// Programs of the machine that some tests want and that npm and cargo cannot bring.

import { accessSync, constants } from "node:fs";
import process from "node:process";

/** @typedef {"chromium" | "chromedriver" | "redis-server"} Program */

/**
 * Where each may be: `own` is the variable by which a person says so, `tests` the one by which the
 * tests are told.
 * @type {Record<Program, { own: string, tests: string, names: string[], package: string }>}
 */
const wanted = {
  chromium: {
    own: "CHROMIUM",
    tests: "EDDYLINE_CHROMIUM",
    names: ["chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
  },
  chromedriver: {
    own: "CHROMEDRIVER",
    tests: "CHROMEDRIVER",
    names: ["chromedriver"],
    package: "chromium-driver",
  },
  "redis-server": {
    own: "REDIS_SERVER",
    tests: "EDDYLINE_REDIS_SERVER",
    names: ["redis-server"],
    package: "redis-server",
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
  for (const [key, { own, tests, names, package: debian }] of Object.entries(wanted)) {
    const program = /** @type {Program} */ (key);
    const path = process.env[own] ?? names.flatMap(inPath).at(0);
    if (path && isExecutable(path)) env[tests] = path;
    else missing.set(program, `install Debian's ${debian}, or name the program in ${own}`);
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
