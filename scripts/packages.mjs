// The npm packages: installs them when node_modules differs from package-lock.json, and goes on
// under the Node that is one of them. Node's own modules only: this runs before any is installed.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { inRoot } from "./root.mjs";
import { step } from "./step.mjs";

const PINNED_NODE = inRoot("node_modules/node/bin/node");
/** Set in the process that runs under the pinned Node, so that it cannot start itself for ever. */
const PINNED_MARK = "EDDYLINE_PINNED_NODE";

/** Installs what package-lock.json names, when something of it is missing. */
export async function installPackages() {
  if (isInstalled()) return;
  // Not `npm ci`: it refuses a lock that was made where the registry lacks the builds of a package
  // for other systems. The versions are those of the lock all the same, and it stays as it is.
  await step("install the npm packages", "npm", ["install", "--no-save"], {
    hint: "check that npm reaches a registry (npm ping), then remove node_modules and try again",
  });
}

/** Whether node_modules holds each package of package-lock.json, by npm's own record of it. */
function isInstalled() {
  const record = inRoot("node_modules/.package-lock.json");
  if (!existsSync(record) || !existsSync(PINNED_NODE)) return false;
  const wanted = JSON.parse(readFileSync(inRoot("package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(([path, { bin = {}, optional, version }]) => {
    const inNodeModules = path.startsWith("node_modules/") || path.includes("/node_modules/");
    // A workspace is here anyway, but its programs have to be linked.
    if (!inNodeModules)
      return Object.keys(bin).every((name) => existsSync(inRoot(`node_modules/.bin/${name}`)));
    const found = present[path];
    // Optional packages are for other systems.
    return found ? found.version === version : optional === true;
  });
}

/** Whether this process already runs under the Node of the npm packages. */
export function onPinnedNode() {
  return process.env[PINNED_MARK] !== undefined;
}

/**
 * Runs this program again, under the Node of the npm packages and with their programs first in PATH.
 * @returns {Promise<number>} its exit code
 */
export function continueUnderPinnedNode() {
  const path = `${inRoot("node_modules/.bin")}:${process.env.PATH}`;
  const child = spawn(PINNED_NODE, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, PATH: path, [PINNED_MARK]: "1" },
  });
  // The child decides when it ends: it may have servers to stop first.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
