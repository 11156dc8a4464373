/** What a trim would remove, and who still needs it. */

import type { Eddyline } from "eddyline";
import { entryIdsOf, FIRST_ID, idBefore, idOfTime, isBefore, wholeId } from "../base/entry-id.ts";
import {
  countEntries,
  countPending,
  NONE,
  type Patience,
  type Range,
  type Tally,
} from "../observe/counting.ts";
import type { GroupSample, StreamSample } from "../observe/sample.ts";

/** Where a stream is cut: how many of its newest entries stay, or which is the first to stay. */
export type Cut =
  | { readonly by: "MAXLEN"; readonly keep: number }
  | { readonly by: "MINID"; readonly id: string };

/** What becomes of entries that groups refer to: as XTRIM has it. */
export const POLICIES = ["KEEPREF", "DELREF", "ACKED"] as const;

/** One of them. */
export type Policy = (typeof POLICIES)[number];

/** What a group loses. */
export interface GroupLoss {
  readonly name: string;
  /** Entries that it was not given yet; `null` when nobody can tell how many. */
  readonly undelivered: Tally | null;
  /** Entries that are pending. */
  readonly pending: Tally | null;
}

/** What would be removed. */
export interface TrimPreview {
  readonly removed: Tally;
  readonly groups: readonly GroupLoss[];
}

const PAGE = 1000;
/** The greatest ID that there is. */
const BEHIND_ALL = "18446744073709551615-18446744073709551615";

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
  patience: Patience,
): Promise<TrimPreview> {
  const { key, length, lastGeneratedId, groups } = sample;
  if (cut.by === "MINID") {
    const id = wholeId(cut.id);
    const range: Range = { after: null, last: idBefore(id) };
    const all: Range = { after: null, last: lastGeneratedId };
    const removed = isBefore(lastGeneratedId, id)
      ? { count: length, isMore: false }
      : id === FIRST_ID
        ? NONE
        : await countEntries(db, key, range, patience, { range: all, count: length });
    return { removed, groups: await losses(db, sample, removed, id, patience) };
  }
  const removed = { count: Math.max(0, length - cut.keep), isMore: false };
  const needsPlace = removed.count > 0 && groups.length > 0;
  const firstKept = needsPlace ? await firstKeptOf(db, sample, cut.keep, patience) : null;
  return { removed, groups: await losses(db, sample, removed, firstKept, patience) };
}

/** @param firstKept the first ID that stays; `null` when it is not known */
async function losses(
  db: Eddyline,
  sample: StreamSample,
  removed: Tally,
  firstKept: string | null,
  patience: Patience,
): Promise<GroupLoss[]> {
  const found: GroupLoss[] = [];
  for (const group of sample.groups) {
    const undelivered = undeliveredOf(sample, group, removed, firstKept);
    const pending = await pendingOf(db, sample.key, group, removed, firstKept, patience);
    found.push({ name: group.name, undelivered, pending });
  }
  return found;
}

/** What a group was not given yet are the stream's last entries, as many as its lag. */
function undeliveredOf(
  { length }: StreamSample,
  { lag, lastDeliveredId }: GroupSample,
  removed: Tally,
  firstKept: string | null,
): Tally | null {
  const hasAll = firstKept !== null && !isBefore(lastDeliveredId, firstKept);
  if (removed.count === 0 || hasAll) return NONE;
  if (lag === null) return null;
  const kept = length - removed.count;
  return { count: Math.max(0, lag - kept), isMore: removed.isMore };
}

async function pendingOf(
  db: Eddyline,
  key: string,
  { name: group, pending }: GroupSample,
  removed: Tally,
  firstKept: string | null,
  patience: Patience,
): Promise<Tally | null> {
  if (pending === 0 || removed.count === 0) return NONE;
  if (firstKept === null) return null;
  const { firstId, lastId } = await db.xPending(key, group);
  if (firstId === null || lastId === null) return NONE;
  if (!isBefore(firstId, firstKept)) return NONE;
  if (isBefore(lastId, firstKept)) return { count: pending, isMore: false };
  const range = { after: null, last: idBefore(firstKept) };
  const whole = { range: { after: null, last: null }, count: pending };
  return await countPending(db, { key, group }, range, patience, whole);
}

function firstKeptOf(
  db: Eddyline,
  sample: StreamSample,
  keep: number,
  patience: Patience,
): Promise<string | null> | string {
  return keep === 0 ? BEHIND_ALL : entryAt(db, sample, sample.length - keep, patience);
}

/** The ID of the entry with so many before it, from whichever end is nearer; `null` when one has enough. */
async function entryAt(
  db: Eddyline,
  { key, length, lastGeneratedId }: StreamSample,
  place: number,
  { signal, onCount }: Patience,
): Promise<string | null> {
  const isBack = place > length / 2;
  const wanted = isBack ? length - 1 - place : place;
  let from = isBack ? lastGeneratedId : "-";
  for (let passed = 0; !signal.aborted; ) {
    const range = isBack ? ["XREVRANGE", key, from, "-"] : ["XRANGE", key, from, "+"];
    const ids = entryIdsOf(await db.sendCommand([...range, "COUNT", String(PAGE)]));
    const found = ids[wanted - passed];
    if (found !== undefined || ids.length < PAGE) return found ?? null;
    passed += ids.length;
    from = `(${ids.at(-1)}`;
    onCount?.(passed);
  }
  return null;
}
