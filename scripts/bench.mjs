// `npm run bench`: builds what is measured, then hands over to benches/run.ts.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { build } from "./build.mjs";
import { programs } from "./programs.mjs";
import { installRedis8 } from "./redis-8.mjs";
import { inRoot } from "./root.mjs";
import { installToolchain } from "./toolchain.mjs";

/** @param {string[]} args for benches/run.ts */
export async function run(args) {
  await installToolchain();
  await build(["package", "worker"]);
  await installRedis8();
  const { status } = spawnSync(process.execPath, [inRoot("benches/run.ts"), ...args], {
    stdio: "inherit",
    cwd: inRoot(),
    env: { ...process.env, ...programs().env },
  });
  return status ?? 1;
}
