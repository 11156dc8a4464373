/**
 * The pending entries of a group, all of them counted, and so many kept that one can list them. A
 * long list is read in the background, page by page, and one may say that it is enough.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { problemOf } from "../base/format.ts";
import { rest, untilSeen } from "../base/wait.ts";
import { type PendingSample, pendingOf } from "../observe/sample.ts";
import { addHeat, type Heat, noHeat } from "./heat.ts";

/** Pending entries that are kept to be listed, the smallest IDs. */
export const MOST_PENDING = 100_000;

const FIRST_PAGE = 1000;
const PAGE = 5000;
/** How often a list is read again that has at most so many entries. */
const REST_MS = [
  { upTo: FIRST_PAGE, ms: 2000 },
  { upTo: 10_000, ms: 10_000 },
  { upTo: Number.POSITIVE_INFINITY, ms: 60_000 },
] as const;

/** What was read. */
export interface PendingView {
  /** The first {@link MOST_PENDING} of them. */
  readonly entries: readonly PendingSample[];
  /** All that were counted. */
  readonly heat: Heat;
  readonly counted: number;
  /** Whether those are all there are. */
  readonly isAll: boolean;
}

/** Follows a group's pending entries until `stop` aborts. */
export class PendingList {
  readonly #db: Eddyline;
  readonly #key: string;
  readonly #group: string;
  readonly #stop: AbortSignal;
  readonly #view = signal<PendingView | null>(null);
  readonly #problem = signal<string | null>(null);
  readonly #reading = signal<number | null>(null);
  #hurry = new AbortController();
  #enough = new AbortController();

  /** What is pending; `null` until it is known. */
  readonly view: ReadonlySignal<PendingView | null> = this.#view;
  /** What hinders reading; it is tried again. */
  readonly problem: ReadonlySignal<string | null> = this.#problem;
  /** How many of a long list were read so far; `null` while none is being read. */
  readonly reading: ReadonlySignal<number | null> = this.#reading;

  constructor(db: Eddyline, key: string, group: string, stop: AbortSignal) {
    this.#db = db;
    this.#key = key;
    this.#group = group;
    this.#stop = stop;
    void this.#run();
  }

  /** Reads at once: something has changed. */
  readNow(): void {
    this.#hurry.abort();
  }

  /** Leaves it at what was read, until somebody calls {@link readNow}. */
  enough(): void {
    this.#enough.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stop.aborted) {
      await untilSeen(this.#stop);
      [this.#hurry, this.#enough] = [new AbortController(), new AbortController()];
      const until = AbortSignal.any([this.#stop, this.#hurry.signal]);
      try {
        await this.#read();
        this.#problem.value = null;
      } catch (error) {
        this.#problem.value = problemOf(error);
      }
      this.#reading.value = null;
      const counted = this.#view.value?.counted ?? 0;
      const { ms } = REST_MS.find(({ upTo }) => counted <= upTo) ?? REST_MS[2];
      await rest(this.#enough.signal.aborted ? 2 ** 31 - 1 : ms, until);
    }
  }

  async #read(): Promise<void> {
    const entries: PendingSample[] = [];
    let [heat, counted, start, isAll] = [noHeat(), 0, "-", false];
    const isFirst = this.#view.value === null;
    while (!isAll && !this.#stop.aborted && !this.#enough.signal.aborted) {
      const count = counted === 0 ? FIRST_PAGE : PAGE;
      const range = [start, "+", count] as const;
      const page = (await this.#db.xPendingRange(this.#key, this.#group, ...range)).map(pendingOf);
      entries.push(...page.slice(0, MOST_PENDING - entries.length));
      heat = addHeat(heat, page);
      counted += page.length;
      isAll = page.length < count;
      start = `(${page.at(-1)?.id}`;
      if (isAll) break;
      this.#reading.value = counted;
      // What was known before is better than a part of what is known now.
      if (isFirst) this.#view.value = { entries: [...entries], heat, counted, isAll };
    }
    if (!this.#stop.aborted && (isAll || isFirst))
      this.#view.value = { entries, heat, counted, isAll };
  }
}
