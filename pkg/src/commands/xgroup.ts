/** XGROUP, XSETID, XCFGSET, XNACK, XDELEX, XACKDEL: what they take. */

import type { Argument, Arguments, Argv } from "../resp.ts";
import { argvOf, pushIds, pushOptions } from "./arguments.ts";
import type { DeletionPolicy } from "./trim.ts";

/** Options of XGROUP SETID. */
export interface XGroupSetIdOptions {
  /** How many entries count as read by the group, for its lag; -1: not known. */
  ENTRIESREAD?: number;
}

/** Options of XGROUP CREATE. */
export interface XGroupCreateOptions extends XGroupSetIdOptions {
  /** Creates the stream, empty, when there is none. */
  MKSTREAM?: boolean;
}

/** Options of XSETID. Redis takes both or none. */
export interface XSetIdOptions {
  /** How many entries count as added in all. */
  ENTRIESADDED?: number;
  /** The greatest ID that counts as deleted. */
  MAXDELETEDID?: Argument;
}

/** Options of XCFGSET: how long, and how many of a producer's, idempotent IDs are remembered. */
export interface XCfgSetOptions {
  /** Seconds. */
  IDMP_DURATION?: number;
  /** IDs of each producer. */
  IDMP_MAXSIZE?: number;
}

/**
 * Why an entry is given back: not tried (`SILENT`: the delivery does not count), tried in vain
 * (`FAIL`: it counts), or never to be tried again (`FATAL`: it counts as delivered beyond all measure).
 */
export type XNackMode = "SILENT" | "FAIL" | "FATAL";

/** Options of XNACK. */
export interface XNackOptions {
  /** How often the entries count as delivered, whatever the mode. */
  RETRYCOUNT?: number;
  /** Also entries that are pending with nobody. */
  FORCE?: boolean;
}

/** What became of an entry: -1 there is none, 1 deleted, 2 kept because it is still referred to. */
export type DeletionReply = -1 | 1 | 2;

/** `XNACK key group mode IDS n id … [RETRYCOUNT n] [FORCE]` */
export function xNackArgv(
  key: Argument,
  group: Argument,
  mode: XNackMode,
  id: Arguments,
  options?: XNackOptions,
): Argv {
  const argv: Argument[] = ["XNACK", key, group, mode];
  pushIds(argv, id);
  pushOptions(argv, "RETRYCOUNT FORCE", options);
  return argv;
}

/** `XDELEX key [policy] IDS n id …` */
export function xDelExArgv(key: Argument, id: Arguments, policy?: DeletionPolicy): Argv {
  return deletion(argvOf("XDELEX", key, policy), id);
}

/** `XACKDEL key group [policy] IDS n id …` */
export function xAckDelArgv(
  key: Argument,
  group: Argument,
  id: Arguments,
  policy?: DeletionPolicy,
): Argv {
  return deletion(argvOf("XACKDEL", key, group, policy), id);
}

function deletion(argv: Argument[], id: Arguments): Argv {
  pushIds(argv, id);
  return argv;
}
