// Whether a build step's inputs are the ones it last ran with: by path, size and time of change.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { inRoot } from "./root.mjs";

const IGNORED = new Set(["node_modules", "target", ".git"]);

/**
 * Runs `build` unless it last ran with these inputs and its output still stands.
 * @param {{ name: string, inputs: string[], output: string }} what paths from the root; inputs may be folders
 * @param {() => Promise<unknown>} build
 */
export async function whenChanged({ name, inputs, output }, build) {
  const record = inRoot(`node_modules/.cache/eddyline/${name}`);
  const now = fingerprint(inputs);
  const last = existsSync(record) ? readFileSync(record, "utf8") : "";
  if (now === last && existsSync(inRoot(output))) return;
  await build();
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, now);
}

/** @param {string[]} inputs */
function fingerprint(inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const path of filesOf(inRoot(input))) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path}\0${size}\0${mtimeMs}\0`);
    }
  }
  return hash.digest("hex");
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesOf(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .filter((name) => !IGNORED.has(name))
    .sort()
    .flatMap((name) => filesOf(`${path}/${name}`));
}
