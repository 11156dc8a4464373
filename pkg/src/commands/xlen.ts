/** XLEN: how many entries a stream has. */

import type { Argument, Argv } from "../resp.ts";

/** `XLEN key` */
export function xLenArgv(key: Argument): Argv {
  return ["XLEN", key];
}
