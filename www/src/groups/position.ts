/** Where a group stands in its stream, and what changes when it is put elsewhere. */

import type { Eddyline } from "eddyline";
import { FIRST_ID, idBefore, idOfTime, isBefore, wholeId } from "../base/entry-id.ts";
import {
  countEntries,
  countPending,
  NONE,
  type Patience,
  type Range,
  type Tally,
} from "../observe/counting.ts";
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

/** The last ID that counts as delivered when a group is put at `position`. */
export function idOf(position: Position, stream: StreamSample): string {
  switch (position.at) {
    case "start":
      return FIRST_ID;
    case "end":
      return stream.lastGeneratedId;
    case "id":
      return wholeId(position.id);
    case "time":
      return idBefore(idOfTime(position.ms));
  }
}

/** Looks what a position would change, without changing anything. */
export async function previewPosition(
  db: Eddyline,
  stream: StreamSample,
  group: GroupSample,
  position: Position,
  patience: Patience,
): Promise<PositionPreview> {
  const { key, length, lastGeneratedId: end } = stream;
  const { name, lag, pending } = group;
  const id = idOf(position, stream);
  const now = group.lastDeliveredId;
  const isBack = isBefore(id, now);
  const [after, last] = isBack ? [id, now] : [now, id];
  // With the lag it is known how many there are on either side of where the group stands.
  const known = wholeOf(isBack, { length, lag, now, end });
  const moved = await countEntries(db, key, { after, last }, patience, known);
  const between = isBack && moved.count > 0 && pending > 0;
  const all: Range = { after: null, last: null };
  return {
    id,
    again: isBack ? moved : NONE,
    skipped: isBack ? NONE : moved,
    pending: between
      ? await countPending(db, { key, group: name }, { after, last }, patience, {
          range: all,
          count: pending,
        })
      : NONE,
    entriesRead: await readBy(db, stream, group, { id, isBack, moved }, patience),
  };
}

interface Known {
  readonly length: number;
  readonly lag: number | null;
  readonly now: string;
  readonly end: string;
}

/** What is before a group's place, or behind it, of which it is known how many entries it has. */
function wholeOf(isBack: boolean, { length, lag, now, end }: Known) {
  if (lag === null) return undefined;
  return isBack
    ? { range: { after: null, last: now }, count: length - lag }
    : { range: { after: now, last: end }, count: lag };
}

interface Move {
  readonly id: string;
  readonly isBack: boolean;
  readonly moved: Tally;
}

/** Entries that count as read with the group at `id`: those ever added, less those behind it. */
async function readBy(
  db: Eddyline,
  { key, added, length, lastGeneratedId: end }: StreamSample,
  { lag }: GroupSample,
  { id, isBack, moved }: Move,
  patience: Patience,
): Promise<number | null> {
  if (moved.isMore) return null;
  if (!isBefore(id, end)) return added;
  if (lag !== null) return added - (isBack ? lag + moved.count : lag - moved.count);
  const whole = { range: { after: null, last: end }, count: length };
  const ahead = await countEntries(db, key, { after: id, last: end }, patience, whole);
  return ahead.isMore ? null : added - ahead.count;
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
