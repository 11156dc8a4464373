/** XTRIM: removes the oldest entries. */

import type { Argument, Argv } from "../resp.ts";
import { type DeletionPolicy, pushTrim } from "./trim.ts";

/** Options of XTRIM. `LIMIT` exists only with `~`. */
export type XTrimOptions = (
  | { strategyModifier?: "="; LIMIT?: never }
  | {
      strategyModifier: "~";
      /** Entries removed at most; 0: no bound; by default 100 nodes full. */
      LIMIT?: number;
    }
) & { policy?: DeletionPolicy };

/** `XTRIM key MAXLEN | MINID [= | ~] threshold [LIMIT count] [policy]` */
export function xTrimArgv(
  key: Argument,
  strategy: "MAXLEN" | "MINID",
  threshold: number | string,
  options?: XTrimOptions,
): Argv {
  const argv: Argument[] = ["XTRIM", key];
  const { strategyModifier, LIMIT, policy } = options ?? {};
  pushTrim(argv, strategy, threshold, strategyModifier, LIMIT, policy);
  return argv;
}
