/** XRANGE and XREVRANGE: entries between two IDs. */

import type { Argument, Argv } from "../resp.ts";
import { pushOption } from "./arguments.ts";

/** Options of {@link xRangeArgv | XRANGE} and XREVRANGE. */
export interface XRangeOptions {
  /** Entries at most. */
  COUNT?: number;
}

/** `XRANGE key start end [COUNT n]`, or `XREVRANGE key end start [COUNT n]`. */
export function xRangeArgv(
  name: "XRANGE" | "XREVRANGE",
  key: Argument,
  from: Argument,
  to: Argument,
  options?: XRangeOptions,
): Argv {
  const argv: Argument[] = [name, key, from, to];
  pushOption(argv, "COUNT", options?.COUNT);
  return argv;
}
