/** DEL, EXISTS, TYPE and PING: the few commands that are not of streams alone. */

import type { Argument, Arguments, Argv } from "../resp.ts";
import { pushArguments } from "./arguments.ts";

/** `DEL key …` or `EXISTS key …` */
export function keysArgv(name: "DEL" | "EXISTS", keys: Arguments): Argv {
  const argv: Argument[] = [name];
  pushArguments(argv, keys);
  return argv;
}

/** `TYPE key` */
export function typeArgv(key: Argument): Argv {
  return ["TYPE", key];
}

/** `PING [message]` */
export function pingArgv(message?: Argument): Argv {
  return message === undefined ? ["PING"] : ["PING", message];
}
