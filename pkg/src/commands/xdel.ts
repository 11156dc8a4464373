/** XDEL: deletes entries by their IDs. */

import type { Argument, Arguments, Argv } from "../resp.ts";
import { pushArguments } from "./arguments.ts";

/** `XDEL key id …` */
export function xDelArgv(key: Argument, ids: Arguments): Argv {
  const argv: Argument[] = ["XDEL", key];
  pushArguments(argv, ids);
  return argv;
}
