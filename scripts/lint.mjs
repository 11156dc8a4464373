// `npm run lint`: the suites that read the code and do not run it.

import { run as test } from "./test.mjs";

/** @param {string[]} _args none */
export function run(_args) {
  return test(["lint", "types"]);
}
