/**
 * Counts what no command counts: the entries between two IDs, or those of them that are pending. A
 * range is gone through page by page; where the whole is known the rest of it is gone through as
 * well, by turns, and whichever is through first says the number. So what is near either end of a
 * stream of millions is counted at once.
 */

import type { Eddyline } from "eddyline";
import { entryIdsOf } from "../base/entry-id.ts";

/** IDs behind `after`, up to and with `last`; `null` is the first of all, or the last. */
export interface Range {
  readonly after: string | null;
  readonly last: string | null;
}

/** A number; it was counted only so far when there are more. */
export interface Tally {
  readonly count: number;
  readonly isMore: boolean;
}

/** Somebody who waits for a number. */
export interface Patience {
  /** Ends the counting: what was counted by then is the answer. */
  readonly signal: AbortSignal;
  /** Hears how far it is. */
  readonly onCount?: (counted: number) => void;
}

/** There are none. */
export const NONE: Tally = { count: 0, isMore: false };

/** What is counted: a page of IDs from `start` to `end`, at most so many. */
type ReadPage = (start: string, end: string, count: number) => Promise<string[]>;

const ENTRIES_PAGE = 1000;
/** Pending entries have no fields, so more of them come at a time. */
const PENDING_PAGE = 5000;

/** Counts entries. @param whole the range is a part of this one, which has so many */
export function countEntries(
  db: Eddyline,
  key: string,
  range: Range,
  patience: Patience,
  whole?: Whole,
): Promise<Tally> {
  const read: ReadPage = async (start, end, count) =>
    entryIdsOf(await db.sendCommand(["XRANGE", key, start, end, "COUNT", String(count)]));
  return count(read, ENTRIES_PAGE, range, patience, whole);
}

/** Counts what a group has pending. @param whole as for {@link countEntries} */
export function countPending(
  db: Eddyline,
  { key, group }: { readonly key: string; readonly group: string },
  range: Range,
  patience: Patience,
  whole?: Whole,
): Promise<Tally> {
  const read: ReadPage = async (start, end, count) =>
    (await db.xPendingRange(key, group, start, end, count)).map(({ id }) => id);
  return count(read, PENDING_PAGE, range, patience, whole);
}

/** A range of which it is known how many there are, and that shares its beginning or end with another. */
export interface Whole {
  readonly range: Range;
  readonly count: number;
}

async function count(
  read: ReadPage,
  page: number,
  range: Range,
  { signal, onCount }: Patience,
  whole: Whole | undefined,
): Promise<Tally> {
  const rests = whole === undefined ? [] : restsOf(range, whole.range);
  if (whole !== undefined && rests.length === 0) return { count: whole.count, isMore: false };
  const walk = new Walk(read, page, range);
  const others = rests.map((rest) => new Walk(read, page, rest));
  while (!signal.aborted) {
    if (await walk.go()) return { count: walk.count, isMore: false };
    for (const other of others) await other.go();
    if (whole !== undefined && others.every(({ isThrough }) => isThrough)) {
      const rest = others.reduce((sum, other) => sum + other.count, 0);
      return { count: Math.max(0, whole.count - rest), isMore: false };
    }
    onCount?.(walk.count);
  }
  return { count: walk.count, isMore: true };
}

/** What of the whole is before the range, and behind it. */
function restsOf(range: Range, whole: Range): Range[] {
  const rests: Range[] = [];
  if (range.after !== whole.after) rests.push({ after: whole.after, last: range.after });
  if (range.last !== whole.last) rests.push({ after: range.last, last: whole.last });
  return rests;
}

/** A range that is gone through. */
class Walk {
  readonly #read: ReadPage;
  readonly #page: number;
  readonly #end: string;
  #start: string;
  count = 0;
  isThrough = false;

  constructor(read: ReadPage, page: number, { after, last }: Range) {
    this.#read = read;
    this.#page = page;
    this.#start = after === null ? "-" : `(${after}`;
    this.#end = last ?? "+";
  }

  /** Goes a page further. @returns whether it is through */
  async go(): Promise<boolean> {
    if (this.isThrough) return true;
    const ids = await this.#read(this.#start, this.#end, this.#page);
    this.count += ids.length;
    this.isThrough = ids.length < this.#page;
    this.#start = `(${ids.at(-1)}`;
    return this.isThrough;
  }
}
