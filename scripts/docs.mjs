// `npm run docs`: the reference of the npm package, from its doc comments, to docs/api.

import { build } from "./build.mjs";
import { step } from "./step.mjs";
import { installToolchain } from "./toolchain.mjs";

/** What makes it; a warning, as of a link that leads nowhere, is a failure. */
export const REFERENCE = [
  "node",
  "docs/reference/node_modules/typedoc/bin/typedoc",
  ...["--options", "docs/reference/typedoc.json"],
];

export async function run() {
  await installToolchain();
  await build(["package"]);
  const [node = "", ...args] = REFERENCE;
  await step("write the reference to docs/api", node, args);
  return 0;
}
