/** Pending entries by how long ago and how often they were delivered. */

import type { PendingSample } from "../observe/sample.ts";

/** A span of ages or of deliveries: from `from` up to the next one's. */
export interface Band {
  readonly label: string;
  readonly from: number;
}

/** A cell of the map. */
export interface HeatCell {
  /** The place in {@link AGES}. */
  readonly age: number;
  /** The place in {@link DELIVERIES}. */
  readonly deliveries: number;
}

const MINUTE_MS = 60_000;

/**
 * How long ago entries were last delivered. What was given back (XNACK) has no time of delivery: the
 * server says -1.
 */
export const AGES: readonly Band[] = [
  { label: "given back", from: -1 },
  { label: "under 10 s", from: 0 },
  { label: "10 s to 1 min", from: 10_000 },
  { label: "1 to 10 min", from: MINUTE_MS },
  { label: "10 min to 1 h", from: 10 * MINUTE_MS },
  { label: "1 h to 1 day", from: 60 * MINUTE_MS },
  { label: "over a day", from: 24 * 60 * MINUTE_MS },
];

/** How often entries were delivered. */
export const DELIVERIES: readonly Band[] = [
  { label: "0", from: 0 },
  { label: "1", from: 1 },
  { label: "2", from: 2 },
  { label: "3–4", from: 3 },
  { label: "5–9", from: 5 },
  { label: "10+", from: 10 },
];

/** The cell of an entry. */
export function cellOf({ idleMs, deliveries }: PendingSample): HeatCell {
  return { age: bandOf(AGES, idleMs), deliveries: bandOf(DELIVERIES, deliveries) };
}

/** How many entries there are in each cell: by age, then by deliveries. */
export type Heat = readonly (readonly number[])[];

/** Nothing is pending. */
export function noHeat(): Heat {
  return AGES.map(() => DELIVERIES.map(() => 0));
}

/** What there is with these entries. */
export function addHeat(before: Heat, entries: readonly PendingSample[]): Heat {
  const counts = before.map((row) => [...row]);
  for (const entry of entries) {
    const { age, deliveries } = cellOf(entry);
    const row = counts[age] as number[];
    row[deliveries] = (row[deliveries] ?? 0) + 1;
  }
  return counts;
}

/** How hot a cell is beside the hottest, 0 to 4. By orders of magnitude: few among many must be seen. */
export function warmth(count: number, most: number): number {
  if (count === 0) return 0;
  return most <= 1 ? 4 : 1 + Math.round((3 * Math.log(count)) / Math.log(most));
}

function bandOf(bands: readonly Band[], value: number): number {
  return Math.max(
    0,
    bands.findLastIndex(({ from }) => value >= from),
  );
}
