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
