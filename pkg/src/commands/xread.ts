/** XREAD and XREADGROUP: entries behind given IDs, of several streams, waiting for them if wished. */

import type { Argument, Argv } from "../resp.ts";
import { pushOptions } from "./arguments.ts";

/** A stream and the ID behind which to read: an ID, `$` (only what is added from now on), `+` (the last entry). */
export interface XReadStream {
  key: Argument;
  id: Argument;
}

/** One stream or several. */
export type XReadStreams = XReadStream | readonly XReadStream[];

/** Whether a read waits. A signal can only end what waits. */
export type Blocking =
  | {
      /** Milliseconds to wait for entries when there are none; 0: without end. */
      BLOCK: number;
      /** Ends the wait: the call is rejected with the signal's reason. */
      signal?: AbortSignal | undefined;
    }
  | { BLOCK?: undefined; signal?: never };

/** Options of XREAD. */
export type XReadOptions = Blocking & {
  /** Entries at most, of each stream. */
  COUNT?: number;
  /** Entries at most, of all streams together; not less than `COUNT`. */
  MAXCOUNT?: number;
  /** Bytes of the reply after which no further entry is added; one there always is. */
  MAXSIZE?: number;
};

/** Options of XREADGROUP. */
export type XReadGroupOptions = XReadOptions & {
  /** Before what is new, pending entries of any consumer that were delivered at least so many milliseconds ago. */
  CLAIM?: number;
  /** New entries count as acknowledged when they are delivered. */
  NOACK?: boolean;
};

/** `XREAD [COUNT n] [MAXCOUNT n] [MAXSIZE bytes] [BLOCK ms] STREAMS key … id …` */
export function xReadArgv(streams: XReadStreams, options?: XReadOptions): Argv {
  return reading(["XREAD"], streams, options);
}

/**
 * `XREADGROUP GROUP group consumer [COUNT n] … [BLOCK ms] [CLAIM ms] [NOACK] STREAMS key … id …`
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
  return reading(["XREADGROUP", "GROUP", group, consumer], streams, options);
}

function reading(argv: Argument[], streams: XReadStreams, options?: XReadGroupOptions): Argv {
  pushOptions(argv, "COUNT MAXCOUNT MAXSIZE BLOCK CLAIM NOACK", options);
  const list = Array.isArray(streams)
    ? (streams as readonly XReadStream[])
    : [streams as XReadStream];
  argv.push("STREAMS");
  for (const stream of list) argv.push(stream.key);
  for (const stream of list) argv.push(stream.id);
  return argv;
}
