// The entry of every npm script: `node scripts/main.mjs <verb>`.
//
// It runs on any Node from 20 on with nothing installed: it installs the npm packages and goes on
// under the Node 24 among them. What it imports at its top therefore uses Node's own modules only.

import process from "node:process";
import { continueUnderPinnedNode, installPackages, onPinnedNode } from "./packages.mjs";
import { StepFailed } from "./step.mjs";

/** @type {Record<string, () => Promise<{ run: (args: string[]) => Promise<number> }>>} */
const verbs = {
  start: () => import("./start.mjs"),
  test: () => import("./test.mjs"),
  build: () => import("./build.mjs"),
  bench: () => import("./bench.mjs"),
  docs: () => import("./docs.mjs"),
  lint: () => import("./lint.mjs"),
  format: () => import("./format.mjs"),
};

async function main() {
  const [verb = "", ...args] = process.argv.slice(2);
  const load = verbs[verb];
  if (!load) {
    console.error(`usage: npm start, npm test, npm run ${Object.keys(verbs).slice(2).join("|")}`);
    return 2;
  }
  await installPackages();
  if (!onPinnedNode()) return await continueUnderPinnedNode();
  return await (await load()).run(args);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
