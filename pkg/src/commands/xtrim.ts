/** XTRIM: removes the oldest entries. */

import type { Argument, Argv } from "../resp.ts";

/** Options of {@link xTrimArgv | XTRIM}. `LIMIT` exists only with `~`. */
export type XTrimOptions =
  | { strategyModifier?: "="; LIMIT?: never }
  | {
      strategyModifier: "~";
      /** Entries removed at most; 0: no bound; by default 100 nodes full. */
      LIMIT?: number;
    };

/** `XTRIM key MAXLEN | MINID [= | ~] threshold [LIMIT count]` */
export function xTrimArgv(
  key: Argument,
  strategy: "MAXLEN" | "MINID",
  threshold: number | string,
  options?: XTrimOptions,
): Argv {
  const argv: Argument[] = ["XTRIM", key, strategy];
  if (options?.strategyModifier !== undefined) argv.push(options.strategyModifier);
  argv.push(String(threshold));
  if (options?.LIMIT !== undefined) argv.push("LIMIT", String(options.LIMIT));
  return argv;
}
