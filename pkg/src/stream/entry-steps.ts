/** Reading a stream from end to end, page by page, and going on as it grows. {@link Entries} is its face. */

import * as limits from "../limits.ts";
import type { Entry, Link, Row } from "./link.ts";
import { idOf, lowerBound, type Position, readBound, type StartOptions } from "./position.ts";

/** Options of reading what is there. */
export type EntriesOptions = StartOptions & {
  /** The last entry, if it is there. By default the stream's end. */
  readonly to?: Position | undefined;
  /** Newest first. `from` and `to` keep their meaning. */
  readonly reverse?: boolean | undefined;
  /** Entries at most. */
  readonly limit?: number | undefined;
  /** Ends the reading: the next step is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};

/** Options of reading what is there and what comes. `from: "$"`: only what comes. */
export type FollowOptions = StartOptions & {
  /** Ends the reading and its waits: the next step is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};

/** Asks for the page behind an ID, or for the first; null when there will be no more. */
type NextPage = (last: string | undefined, signal: AbortSignal) => Promise<Row[] | null>;

/**
 * Entries one by one. A page is asked for when the one before it is used up, and there is never
 * more than one in memory.
 */
export class EntrySteps<T> implements AsyncIterator<Entry<T>, undefined> {
  readonly #link: Link<never, T>;
  readonly #nextPage: NextPage;
  readonly #given: AbortSignal | undefined;
  /** Ends the wait for a page when nobody wants it any more. */
  readonly #end = new AbortController();
  readonly #steps: AsyncGenerator<Entry<T>, undefined>;

  private constructor(link: Link<never, T>, nextPage: NextPage, signal: AbortSignal | undefined) {
    this.#link = link;
    this.#nextPage = nextPage;
    this.#given = signal;
    this.#steps = this.#read();
  }

  /** What there is between two places. */
  static between<T>(link: Link<never, T>, options: EntriesOptions): EntrySteps<T> {
    const { to, reverse = false, limit = Number.POSITIVE_INFINITY } = options;
    const [low, high] = [lowerBound(options), to === undefined ? "+" : idOf(to)];
    let left = limit;
    const nextPage: NextPage = async (last) => {
      const count = Math.min(left, limits.pageEntries);
      if (!(count > 0)) return null;
      const behind = last === undefined ? undefined : `(${last}`;
      const argv = reverse
        ? ["XREVRANGE", link.key, behind ?? high, low, "COUNT", String(count)]
        : ["XRANGE", link.key, behind ?? low, high, "COUNT", String(count)];
      const page = await link.send(argv, link.readRows);
      // A page that is not full was the last.
      left = page.length < count ? 0 : left - page.length;
      return page;
    };
    return new EntrySteps(link, nextPage, options.signal);
  }

  /** What there is behind a place, and what comes. */
  static following<T>(link: Link<never, T>, options: FollowOptions): EntrySteps<T> {
    const bounds = ["COUNT", String(limits.pageEntries), "MAXSIZE", String(limits.pageBytes)];
    const nextPage: NextPage = (last, signal) => {
      const argv = ["XREAD", ...bounds, "BLOCK", "0", "STREAMS", link.key];
      argv.push(last ?? readBound(options));
      return link.send(argv, link.readRead, { signal });
    };
    return new EntrySteps(link, nextPage, options.signal);
  }

  next(): Promise<IteratorResult<Entry<T>, undefined>> {
    return this.#steps.next();
  }

  /** Ends the reading, also while a step waits. */
  return(): Promise<IteratorResult<Entry<T>, undefined>> {
    this.#end.abort();
    return this.#steps.return(undefined);
  }

  async *#read(): AsyncGenerator<Entry<T>, undefined> {
    const end = this.#end.signal;
    const signal = this.#given === undefined ? end : AbortSignal.any([this.#given, end]);
    let last: string | undefined;
    while (!end.aborted) {
      this.#given?.throwIfAborted();
      const page = await this.#pageBehind(last, signal);
      if (page === null) return;
      for (const row of page) {
        const value = this.#link.valueOf(row);
        yield { id: row.id, value: value instanceof Promise ? await value : value };
        this.#given?.throwIfAborted();
      }
      last = page.at(-1)?.id ?? last;
    }
  }

  async #pageBehind(last: string | undefined, signal: AbortSignal): Promise<Row[] | null> {
    try {
      return await this.#nextPage(last, signal);
    } catch (error) {
      if (this.#end.signal.aborted) return null;
      throw error;
    }
  }
}
