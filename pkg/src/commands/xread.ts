/** XREAD: entries behind given IDs, of several streams, waiting for them if wished. */

import type { Argument, Argv } from "../resp.ts";
import { pushOption } from "./arguments.ts";

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

/** Options of {@link xReadArgv | XREAD}. */
export type XReadOptions = Blocking & {
  /** Entries at most, of each stream. */
  COUNT?: number;
};

/** `XREAD [COUNT n] [BLOCK ms] STREAMS key … id …` */
export function xReadArgv(streams: XReadStreams, options?: XReadOptions): Argv {
  const argv: Argument[] = ["XREAD"];
  pushOption(argv, "COUNT", options?.COUNT);
  pushOption(argv, "BLOCK", options?.BLOCK);
  pushStreams(argv, streams);
  return argv;
}

/** Appends `STREAMS`, the keys, then the IDs. */
export function pushStreams(argv: Argument[], streams: XReadStreams): void {
  const list = Array.isArray(streams)
    ? (streams as readonly XReadStream[])
    : [streams as XReadStream];
  argv.push("STREAMS");
  for (const stream of list) argv.push(stream.key);
  for (const stream of list) argv.push(stream.id);
}
