/** The trimming clause that XADD and XTRIM share, and what becomes of references. */

import type { Argument } from "../resp.ts";
import { argvOf } from "./arguments.ts";

/**
 * What becomes of references to an entry that is removed, in the pending entries lists of groups:
 * they stay (`KEEPREF`, as always), they go with it (`DELREF`), or the entry stays while there are
 * some, or while a group has yet to be given it (`ACKED`).
 */
export type DeletionPolicy = "KEEPREF" | "DELREF" | "ACKED";

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
export type Trim = TrimThreshold & TrimPrecision & { policy?: DeletionPolicy };

/** Appends `MAXLEN | MINID [= | ~] threshold [LIMIT n] [policy]`. */
export function pushTrim(
  argv: Argument[],
  strategy: string,
  threshold: number | string,
  modifier: string | undefined,
  limit: number | undefined,
  policy: DeletionPolicy | undefined,
): void {
  const limits = limit === undefined ? undefined : ["LIMIT", String(limit)];
  argv.push(...argvOf(strategy, modifier, threshold, limits, policy));
}
