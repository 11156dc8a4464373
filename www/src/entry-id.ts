/** Entry IDs, `ms-seq`: too large for a number, and not ordered as text. */

/** The ID before every other. */
export const FIRST_ID = "0-0";

/** Whether the entry ID `a` comes before `b`. */
export function isBefore(a: string, b: string): boolean {
  const [aMs = "0", aSeq = "0"] = a.split("-");
  const [bMs = "0", bSeq = "0"] = b.split("-");
  return aMs === bMs ? BigInt(aSeq) < BigInt(bSeq) : BigInt(aMs) < BigInt(bMs);
}
