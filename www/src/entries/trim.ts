/** What a trim would remove, and who still needs it. */

import type { Eddyline } from "eddyline";
import { idOfTime, isBefore } from "../base/entry-id.ts";
import type { GroupSample, StreamSample } from "../observe/sample.ts";

/** Where a stream is cut: how many of its newest entries stay, or which is the first to stay. */
export type Cut =
  | { readonly by: "MAXLEN"; readonly keep: number }
  | { readonly by: "MINID"; readonly id: string };

/** What becomes of entries that groups refer to: as XTRIM has it. */
export const POLICIES = ["KEEPREF", "DELREF", "ACKED"] as const;

/** One of them. */
export type Policy = (typeof POLICIES)[number];

/** A number that was counted only so far. */
export interface Counted {
  readonly count: number;
  readonly isMore: boolean;
}

/** What a group loses. */
export interface GroupLoss {
  readonly name: string;
  /** Entries that it was not given yet; `null` when nobody can tell how many. */
  readonly undelivered: Counted | null;
  /** Entries that are pending. */
  readonly pending: Counted | null;
}

/** What would be removed. */
export interface TrimPreview {
  readonly removed: Counted;
  readonly groups: readonly GroupLoss[];
}

/** Nobody counts further. */
const MOST = 10_000;
const PAGE = 1000;

/** The command of a trim. */
export function trimCommand(key: string, cut: Cut, policy: Policy): string[] {
  const threshold = cut.by === "MAXLEN" ? String(cut.keep) : cut.id;
  // KEEPREF is what happens without a word.
  const words = policy === "KEEPREF" ? [] : [policy];
  return ["XTRIM", key, cut.by, "=", threshold, ...words];
}

/** A cut at a moment. */
export function cutAtTime(ms: number): Cut {
  return { by: "MINID", id: idOfTime(ms) };
}

/** Looks what a cut would remove, without changing anything. */
export async function previewTrim(
  db: Eddyline,
  sample: StreamSample,
  cut: Cut,
): Promise<TrimPreview> {
  const { key, length } = sample;
  if (cut.by === "MINID") {
    const removed = await countEntries(db, key, `(${cut.id}`);
    return { removed, groups: await losses(db, sample, removed, cut.id) };
  }
  const removed = { count: Math.max(0, length - cut.keep), isMore: false };
  const firstKept = removed.count === 0 ? null : await entryAt(db, key, removed.count);
  return { removed, groups: await losses(db, sample, removed, firstKept) };
}

/** @param firstKept the first ID that stays; `null` when it is not known */
function losses(
  db: Eddyline,
  sample: StreamSample,
  removed: Counted,
  firstKept: string | null,
): Promise<GroupLoss[]> {
  return Promise.all(
    sample.groups.map(async (group) => ({
      name: group.name,
      undelivered: undeliveredOf(sample, group, removed, firstKept),
      pending: await pendingOf(db, sample.key, group, removed, firstKept),
    })),
  );
}

/** What a group was not given yet are the stream's last entries, as many as its lag. */
function undeliveredOf(
  { length }: StreamSample,
  { lag, lastDeliveredId }: GroupSample,
  removed: Counted,
  firstKept: string | null,
): Counted | null {
  const hasAll = firstKept !== null && !isBefore(lastDeliveredId, firstKept);
  if (removed.count === 0 || hasAll) return { count: 0, isMore: false };
  if (lag === null) return null;
  const kept = length - removed.count;
  return { count: Math.max(0, lag - kept), isMore: removed.isMore };
}

async function pendingOf(
  db: Eddyline,
  key: string,
  group: GroupSample,
  removed: Counted,
  firstKept: string | null,
): Promise<Counted | null> {
  if (group.pending === 0 || removed.count === 0) return { count: 0, isMore: false };
  if (firstKept === null) return null;
  const pending = await db.xPendingRange(key, group.name, "-", `(${firstKept}`, MOST);
  return { count: pending.length, isMore: pending.length === MOST && group.pending > MOST };
}

/** How many entries there are up to `end`. */
async function countEntries(db: Eddyline, key: string, end: string): Promise<Counted> {
  let count = 0;
  for await (const page of db.xRangeIterator(key, "-", end, { COUNT: PAGE })) {
    count += page.length;
    if (count > MOST) return { count: MOST, isMore: true };
  }
  return { count, isMore: false };
}

/** The ID of the entry with so many before it; `null` when it is too far from the beginning. */
async function entryAt(db: Eddyline, key: string, place: number): Promise<string | null> {
  if (place > MOST) return null;
  let passed = 0;
  for await (const page of db.xRangeIterator(key, "-", "+", { COUNT: PAGE })) {
    const found = page[place - passed];
    if (found !== undefined) return found.id;
    passed += page.length;
  }
  return null;
}
