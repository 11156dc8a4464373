/** XCLAIM: makes pending entries a consumer's, whoever they were delivered to. */

import type { Argument, Arguments, Argv } from "../resp.ts";
import { pushArguments, pushOption } from "./arguments.ts";

/** When the entries count as delivered last: now, some time ago, or at a time. Not both of the latter. */
export type XClaimDelivery =
  | { IDLE?: never; TIME?: never }
  | {
      /** Milliseconds ago. */
      IDLE: number;
      TIME?: never;
    }
  | {
      IDLE?: never;
      /** Milliseconds since 1970, or a date. */
      TIME: number | Date;
    };

/** Options of {@link xClaimArgv | XCLAIM}. */
export type XClaimOptions = XClaimDelivery & {
  /** How often the entries count as delivered; by default once more than before. */
  RETRYCOUNT?: number;
  /** Also entries that are pending with nobody. */
  FORCE?: boolean;
  /** The group has been given everything up to this ID, if it was not before. */
  LASTID?: Argument;
};

/** `XCLAIM key group consumer min-idle-ms id … [IDLE | TIME ms] [RETRYCOUNT n] [FORCE] [LASTID id] [JUSTID]` */
export function xClaimArgv(
  key: Argument,
  group: Argument,
  consumer: Argument,
  minIdleTime: number,
  ids: Arguments,
  options?: XClaimOptions,
  flag?: "JUSTID",
): Argv {
  const argv: Argument[] = ["XCLAIM", key, group, consumer, String(minIdleTime)];
  pushArguments(argv, ids);
  pushOption(argv, "IDLE", options?.IDLE);
  pushOption(argv, "TIME", options?.TIME === undefined ? undefined : Number(options.TIME));
  pushOption(argv, "RETRYCOUNT", options?.RETRYCOUNT);
  if (options?.FORCE === true) argv.push("FORCE");
  pushOption(argv, "LASTID", options?.LASTID);
  if (flag !== undefined) argv.push(flag);
  return argv;
}
