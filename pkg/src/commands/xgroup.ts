/** XGROUP: consumer groups and their consumers. */

import type { Argument, Argv } from "../resp.ts";
import { pushOption } from "./arguments.ts";

/** Options of {@link xGroupSetIdArgv | XGROUP SETID}. */
export interface XGroupSetIdOptions {
  /** How many entries count as read by the group, for its lag; -1: not known. */
  ENTRIESREAD?: number;
}

/** Options of {@link xGroupCreateArgv | XGROUP CREATE}. */
export interface XGroupCreateOptions extends XGroupSetIdOptions {
  /** Creates the stream, empty, when there is none. */
  MKSTREAM?: boolean;
}

/** `XGROUP CREATE key group id [MKSTREAM] [ENTRIESREAD n]` */
export function xGroupCreateArgv(
  key: Argument,
  group: Argument,
  id: Argument,
  options?: XGroupCreateOptions,
): Argv {
  const argv: Argument[] = ["XGROUP", "CREATE", key, group, id];
  if (options?.MKSTREAM === true) argv.push("MKSTREAM");
  pushOption(argv, "ENTRIESREAD", options?.ENTRIESREAD);
  return argv;
}

/** `XGROUP SETID key group id [ENTRIESREAD n]` */
export function xGroupSetIdArgv(
  key: Argument,
  group: Argument,
  id: Argument,
  options?: XGroupSetIdOptions,
): Argv {
  const argv: Argument[] = ["XGROUP", "SETID", key, group, id];
  pushOption(argv, "ENTRIESREAD", options?.ENTRIESREAD);
  return argv;
}

/** `XGROUP DESTROY key group` */
export function xGroupDestroyArgv(key: Argument, group: Argument): Argv {
  return ["XGROUP", "DESTROY", key, group];
}

/** `XGROUP CREATECONSUMER | DELCONSUMER key group consumer` */
export function xGroupConsumerArgv(
  subcommand: "CREATECONSUMER" | "DELCONSUMER",
  key: Argument,
  group: Argument,
  consumer: Argument,
): Argv {
  return ["XGROUP", subcommand, key, group, consumer];
}
