/** The trimming clause that XADD and XTRIM share. */

import type { Argument } from "../resp.ts";

/** How many of the newest entries stay, or the smallest ID that stays. */
export type TrimThreshold =
  | { strategy: "MAXLEN"; threshold: number }
  | { strategy: "MINID"; threshold: number | string };

/** Exactly the threshold, or (`~`) whole nodes down to it, which is cheaper; only that can be limited. */
export type TrimPrecision =
  | { strategyModifier?: "="; limit?: never }
  | {
      strategyModifier: "~";
      /** Entries removed at most; 0: no bound; by default 100 nodes full. */
      limit?: number;
    };

/**
 * A trimming clause.
 *
 * @example
 * ```ts
 * const exact: Trim = { strategy: "MAXLEN", threshold: 1000 };
 * const cheap: Trim = { strategy: "MINID", strategyModifier: "~", threshold: "1700000000000-0", limit: 500 };
 * ```
 */
export type Trim = TrimThreshold & TrimPrecision;

/** Appends the clause to a command. */
export function pushTrim(argv: Argument[], trim: Trim): void {
  argv.push(trim.strategy);
  if (trim.strategyModifier !== undefined) argv.push(trim.strategyModifier);
  argv.push(String(trim.threshold));
  if (trim.limit !== undefined) argv.push("LIMIT", String(trim.limit));
}
