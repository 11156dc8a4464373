/** Where a group stands in its stream, and what changes when it is put elsewhere. */

import type { Eddyline } from "eddyline";
import { FIRST_ID, isBefore } from "../base/entry-id.ts";
import type { GroupSample, StreamSample } from "../observe/sample.ts";

/** Where a group is put. */
export type Position =
  | { readonly at: "start" }
  | { readonly at: "end" }
  /** The last ID that counts as delivered. */
  | { readonly at: "id"; readonly id: string }
  /** The first moment of which entries are delivered. */
  | { readonly at: "time"; readonly ms: number };

/** What a new position means for the group. */
export interface PositionPreview {
  /** The last ID that counts as delivered then. */
  readonly id: string;
  /** Entries that were delivered, and would be once more. */
  readonly again: Tally;
  /** Entries not delivered yet that never would be. */
  readonly skipped: Tally;
  /** Of those delivered again, the ones that are pending now. */
  readonly pending: Tally;
  /** Entries that count as read then; `null` when nobody can tell. */
  readonly entriesRead: number | null;
}

/** A number that is counted only so far. */
export interface Tally {
  readonly count: number;
  readonly isMore: boolean;
}

/** Nobody counts further. */
const MOST = 10_000;
const PAGE = 1000;
const NONE: Tally = { count: 0, isMore: false };
/** The greatest sequence number of a millisecond. */
const LAST_SEQ = "18446744073709551615";

/** The last ID that counts as delivered when a group is put at `position`. */
export function idOf(position: Position, stream: StreamSample): string {
  switch (position.at) {
    case "start":
      return FIRST_ID;
    case "end":
      return stream.lastGeneratedId;
    case "id":
      return position.id.includes("-") ? position.id : `${position.id}-0`;
    case "time":
      return position.ms <= 0 ? FIRST_ID : `${Math.floor(position.ms) - 1}-${LAST_SEQ}`;
  }
}

/** Looks what a position would change, without changing anything. */
export async function previewPosition(
  db: Eddyline,
  stream: StreamSample,
  group: GroupSample,
  position: Position,
): Promise<PositionPreview> {
  const { key } = stream;
  const id = idOf(position, stream);
  const now = group.lastDeliveredId;
  const isBack = isBefore(id, now);
  const [again, skipped, pending, ahead] = await Promise.all([
    isBack ? tally(db, key, id, now) : NONE,
    isBack ? NONE : tally(db, key, now, id),
    isBack ? tallyPending(db, key, group.name, id, now) : NONE,
    position.at === "end" ? NONE : tally(db, key, id, null),
  ]);
  return {
    id,
    again,
    skipped,
    pending,
    entriesRead: ahead.isMore ? null : stream.added - ahead.count,
  };
}

/** The command that puts the group there. With what it has read by then it knows its lag. */
export function positionCommand(
  key: string,
  group: string,
  position: Position,
  { id, entriesRead }: PositionPreview,
): string[] {
  const words = entriesRead === null ? [] : ["ENTRIESREAD", String(entriesRead)];
  const target = position.at === "end" ? "$" : position.at === "start" ? "0" : id;
  return ["XGROUP", "SETID", key, group, target, ...words];
}

/** How many entries there are behind `after`, up to `last`; to the end when that is `null`. */
async function tally(
  db: Eddyline,
  key: string,
  after: string,
  last: string | null,
): Promise<Tally> {
  let count = 0;
  const pages = db.xRangeIterator(key, `(${after}`, last ?? "+", { COUNT: PAGE });
  for await (const page of pages) {
    count += page.length;
    if (count > MOST) return { count: MOST, isMore: true };
  }
  return { count, isMore: false };
}

async function tallyPending(
  db: Eddyline,
  key: string,
  group: string,
  after: string,
  last: string,
): Promise<Tally> {
  const pending = await db.xPendingRange(key, group, `(${after}`, last, MOST + 1);
  return { count: Math.min(pending.length, MOST), isMore: pending.length > MOST };
}
