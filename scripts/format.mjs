// `npm run format`: rustfmt, and Biome with its safe fixes, over everything.

import { step } from "./step.mjs";
import { installToolchain } from "./toolchain.mjs";

/** @param {string[]} _args none */
export async function run(_args) {
  await installToolchain();
  await step("format Rust", "cargo", ["fmt", "--all"]);
  console.log(await step("format the rest", "biome", ["check", "--write"]));
  return 0;
}
