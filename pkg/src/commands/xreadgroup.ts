/** XREADGROUP: entries for a consumer of a group, new ones or those it has not acknowledged yet. */

import type { Argument, Argv } from "../resp.ts";
import { pushOption } from "./arguments.ts";
import { type Blocking, pushStreams, type XReadStreams } from "./xread.ts";

/** Options of {@link xReadGroupArgv | XREADGROUP}. */
export type XReadGroupOptions = Blocking & {
  /** Entries at most, of each stream. */
  COUNT?: number;
  /** Entries count as acknowledged when they are delivered. */
  NOACK?: boolean;
};

/**
 * `XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key … id …`
 *
 * The ID `>` reads what no consumer of the group was given yet, any other this consumer's pending
 * entries behind it.
 */
export function xReadGroupArgv(
  group: Argument,
  consumer: Argument,
  streams: XReadStreams,
  options?: XReadGroupOptions,
): Argv {
  const argv: Argument[] = ["XREADGROUP", "GROUP", group, consumer];
  pushOption(argv, "COUNT", options?.COUNT);
  pushOption(argv, "BLOCK", options?.BLOCK);
  if (options?.NOACK === true) argv.push("NOACK");
  pushStreams(argv, streams);
  return argv;
}
