/** Everything of a stream or of a keyspace, a page at a time: for `for await`. */

import * as limits from "../limits.ts";
import type { Argument } from "../resp.ts";
import type { StreamMessage, Value } from "./message.ts";
import type { ScanOptions, ScanReply } from "./plain.ts";

/** Options of an iterator over the entries of a stream. */
export interface XRangeIteratorOptions {
  /** Entries of a page at most; by default 100. */
  COUNT?: number;
  /** Ends it, also while a page is on its way: the loop throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of `scanIterator`. */
export interface ScanIteratorOptions extends ScanOptions {
  /** Where to go on; by default at the beginning. */
  cursor?: Argument;
  /** Ends it, also while a page is on its way: the loop throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Pages of a stream, none of them empty. `ask` gives at most `count` entries from an ID on. */
export async function* rangePages<V extends Value>(
  ask: (from: Argument, count: number) => Promise<StreamMessage<V>[] | null>,
  start: Argument,
  count: number = limits.pageEntries,
): AsyncGenerator<StreamMessage<V>[], void, undefined> {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`COUNT of a page is 1 at least, not ${count}`);
  for (let from = start; ; ) {
    const page = (await ask(from, count)) ?? [];
    const last = page.at(-1);
    if (last === undefined) return;
    // Taken before the page is handed out: whoever has it may change it.
    from = `(${last.id}`;
    const isLast = page.length < count;
    yield page;
    if (isLast) return;
  }
}

/** Pages of a keyspace, which may be empty, as SCAN's are. */
export async function* scanPages(
  ask: (cursor: Argument) => Promise<ScanReply>,
  start: Argument = "0",
): AsyncGenerator<string[], void, undefined> {
  for (let cursor = start; ; ) {
    const reply = await ask(cursor);
    yield reply.keys;
    if (reply.cursor === "0") return;
    cursor = reply.cursor;
  }
}
