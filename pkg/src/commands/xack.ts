/** XACK: takes entries off a group's pending entries list. */

import type { Argument, Arguments, Argv } from "../resp.ts";
import { pushArguments } from "./arguments.ts";

/** `XACK key group id …` */
export function xAckArgv(key: Argument, group: Argument, ids: Arguments): Argv {
  const argv: Argument[] = ["XACK", key, group];
  pushArguments(argv, ids);
  return argv;
}
