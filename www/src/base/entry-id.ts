/** Entry IDs, `ms-seq`: too large for a number, and not ordered as text. */

/** The ID before every other. */
export const FIRST_ID = "0-0";

export { isBefore } from "../../../pkg/src/ids.ts";

/** The milliseconds of an entry ID. Beyond 2^53 they are not exact. */
export function msOf(id: string): number {
  return Number(id.split("-")[0]);
}

/** The first ID that a moment can have. */
export function idOfTime(ms: number): string {
  return `${Math.max(0, Math.floor(ms))}-0`;
}

/** An ID as it is typed, with its second part if that was left out. */
export function wholeId(text: string): string {
  return text.includes("-") ? text : `${text}-0`;
}

/** The IDs in the reply of an XRANGE or XREVRANGE. */
export function entryIdsOf(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(([id]) => id as string) : [];
}

/** The greatest sequence number of a millisecond. */
const LAST_SEQ = "18446744073709551615";

/** The ID before another, whether or not there is such an entry. */
export function idBefore(id: string): string {
  const [ms = "0", seq = "0"] = id.split("-");
  if (seq !== "0") return `${ms}-${BigInt(seq) - 1n}`;
  return ms === "0" ? FIRST_ID : `${BigInt(ms) - 1n}-${LAST_SEQ}`;
}
