/**
 * A window on a stream of any length: pages of entries around the place that one looks at. Pages
 * are read when one comes near the window's ends, and let go when one has moved on, so that it
 * costs the same for a thousand entries and for a billion.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { problemOf } from "../base/format.ts";
import { type Entry, readBack, readRange } from "./entry.ts";

/** Entries per page. */
const PAGE = 200;
/** Entries in the window at most. */
const MOST = 2000;
/** When the view is so near to an end, the page behind it is read. */
const NEAR = 60;

/** What of the stream is at hand. */
export interface HistoryView {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** Entries put before the first since the last seek, less those let go there. */
  readonly before: number;
  /** Whether `entries` begins with the stream's first, or ends with its last. */
  readonly hasFirst: boolean;
  readonly hasLast: boolean;
  /** Where in `entries` the seek has led. */
  readonly start: number;
  /** Changes with each seek. */
  readonly seeks: number;
}

const NOTHING: HistoryView = {
  entries: [],
  before: 0,
  hasFirst: true,
  hasLast: true,
  start: 0,
  seeks: 0,
};

/** The window. */
export class History {
  readonly #db: Eddyline;
  readonly #key: string;
  readonly #stop: AbortSignal;
  readonly #view = signal<HistoryView>(NOTHING);
  readonly #problem = signal<string | null>(null);
  readonly #isReading = signal(false);
  readonly #topId = signal<string | null>(null);
  #seeks = 0;
  /** The rows that the view shows. */
  #looked: { readonly first: number; readonly last: number } | null = null;

  /** What is at hand. */
  readonly view: ReadonlySignal<HistoryView> = this.#view;
  /** Why the last read failed. */
  readonly problem: ReadonlySignal<string | null> = this.#problem;
  /** While a page is on its way. */
  readonly isReading: ReadonlySignal<boolean> = this.#isReading;

  /** The entry at the top of the view. */
  readonly topId: ReadonlySignal<string | null> = this.#topId;

  constructor(db: Eddyline, key: string, stop: AbortSignal) {
    this.#db = db;
    this.#key = key;
    this.#stop = stop;
  }

  /** Goes to the entry `id`, or the first behind it; `-` is the first of all, `+` the last. */
  async seek(id: string): Promise<void> {
    const seeks = ++this.#seeks;
    await this.#read(async () => {
      const behind = id === "+" ? [] : await this.#after(id, true);
      const wantsBefore = id === "+" || (id !== "-" && behind.length < PAGE);
      const before = wantsBefore ? await this.#beforeOf(id === "+" ? "+" : `(${id}`) : [];
      if (seeks !== this.#seeks || this.#stop.aborted) return;
      this.#looked = null;
      this.#view.value = {
        entries: [...before, ...behind],
        before: 0,
        // What is before was only asked for when there was room.
        hasFirst: id === "-" || (wantsBefore && before.length < PAGE),
        hasLast: behind.length < PAGE,
        start: before.length,
        seeks,
      };
    });
  }

  /** The view shows the entries from `first` to `last`: reads on where it nears an end. */
  lookedAt(first: number, last: number): void {
    this.#looked = { first, last };
    const { entries, hasFirst, hasLast } = this.#view.value;
    this.#topId.value = entries[first]?.id ?? null;
    // When the page on its way has come it is looked again.
    if (entries.length === 0 || this.#isReading.value) return;
    if (first < NEAR && !hasFirst) void this.#extendBack();
    else if (last >= entries.length - NEAR && !hasLast) void this.#extendOn();
  }

  /** Takes an entry out that was deleted. */
  drop(id: string): void {
    const view = this.#view.value;
    this.#view.value = { ...view, entries: view.entries.filter((entry) => entry.id !== id) };
  }

  async #extendBack(): Promise<void> {
    const { seeks, entries } = this.#view.value;
    await this.#read(async () => {
      const page = await this.#beforeOf(`(${entries[0]?.id}`);
      const view = this.#view.value;
      if (view.seeks !== seeks || this.#stop.aborted) return;
      const all = [...page, ...view.entries];
      this.#view.value = {
        ...view,
        entries: all.slice(0, MOST),
        before: view.before + page.length,
        hasFirst: page.length < PAGE,
        hasLast: view.hasLast && all.length <= MOST,
      };
      this.#shift(page.length);
    });
  }

  async #extendOn(): Promise<void> {
    const { seeks, entries } = this.#view.value;
    await this.#read(async () => {
      const page = await this.#after(entries.at(-1)?.id ?? "-", false);
      const view = this.#view.value;
      if (view.seeks !== seeks || this.#stop.aborted) return;
      const all = [...view.entries, ...page];
      const excess = Math.max(0, all.length - MOST);
      this.#view.value = {
        ...view,
        entries: all.slice(excess),
        before: view.before - excess,
        hasFirst: view.hasFirst && excess === 0,
        hasLast: page.length < PAGE,
      };
      this.#shift(-excess);
    });
  }

  /** What the view shows has moved by so many rows. */
  #shift(by: number): void {
    if (this.#looked === null) return;
    const { first, last } = this.#looked;
    this.#looked = { first: first + by, last: last + by };
  }

  #after(id: string, isIncluded: boolean): Promise<Entry[]> {
    return readRange(this.#db, this.#key, isIncluded ? id : `(${id}`, "+", PAGE);
  }

  async #beforeOf(end: string): Promise<Entry[]> {
    return (await readBack(this.#db, this.#key, end, "-", PAGE)).reverse();
  }

  async #read(read: () => Promise<void>): Promise<void> {
    this.#isReading.value = true;
    try {
      await read();
      this.#problem.value = null;
    } catch (error) {
      if (!this.#stop.aborted) this.#problem.value = problemOf(error);
      this.#isReading.value = false;
      return;
    }
    this.#isReading.value = false;
    if (this.#looked !== null) this.lookedAt(this.#looked.first, this.#looked.last);
  }
}
