/** Answers without what differs from one run to the next, or between Redis 8.2 and 8.8. */

/** Names in XINFO whose numbers are times, or details of a tree that is not ours (compat.md). */
const UNSTEADY = new Set(["idle", "inactive", "seen-time", "active-time", "radix-tree-nodes"]);
/** Names in XINFO that 8.6 and 8.8 added. */
const NEWER = new Set([
  ...["idmp-duration", "idmp-maxsize", "pids-tracked", "iids-tracked", "iids-added"],
  ...["iids-duplicates", "nacked-count"],
]);
/** No count in these tests is as large as a time since 1970 in milliseconds. */
const A_TIME_MS = 1e12;

/** An answer as data that can be compared: errors are their texts, times are gone. */
export function steady(value: unknown): unknown {
  if (value instanceof Error) return { error: value.message };
  if (typeof value === "number" && value > A_TIME_MS) return "a time";
  if (Array.isArray(value)) return steadyArray(value);
  if (value instanceof Map) return new Map(steadyPairs([...value]));
  if (isPlain(value)) return Object.fromEntries(steadyPairs(Object.entries(value)));
  return value;
}

/** An array, in which names and values may take turns. */
function steadyArray(items: readonly unknown[]): unknown[] {
  const result: unknown[] = [];
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (NEWER.has(String(item))) at++;
    else if (UNSTEADY.has(String(item))) result.push(item, masked(items[++at]));
    else result.push(steady(item));
  }
  return result;
}

function steadyPairs(pairs: readonly [unknown, unknown][]): [string, unknown][] {
  return pairs
    .filter(([name]) => !NEWER.has(String(name)))
    .map(([name, value]) => {
      return [String(name), UNSTEADY.has(String(name)) ? masked(value) : steady(value)];
    });
}

/** -1, for what never was, stays. */
function masked(value: unknown): unknown {
  return Number(value) >= 0 ? "masked" : value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
