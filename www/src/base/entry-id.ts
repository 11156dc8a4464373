/** Entry IDs, `ms-seq`: too large for a number, and not ordered as text. */

/** The ID before every other. */
export const FIRST_ID = "0-0";

/** Whether the entry ID `a` comes before `b`. */
export function isBefore(a: string, b: string): boolean {
  const [aMs = "0", aSeq = "0"] = a.split("-");
  const [bMs = "0", bSeq = "0"] = b.split("-");
  return aMs === bMs ? BigInt(aSeq) < BigInt(bSeq) : BigInt(aMs) < BigInt(bMs);
}

/** The milliseconds of an entry ID. Beyond 2^53 they are not exact. */
export function msOf(id: string): number {
  return Number(id.split("-")[0]);
}

/** The first ID that a moment can have. */
export function idOfTime(ms: number): string {
  return `${Math.max(0, Math.floor(ms))}-0`;
}
