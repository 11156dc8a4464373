/** The pending entries of a group, read page by page and read again while they are looked at. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { problemOf } from "../base/format.ts";
import { rest, untilSeen } from "../base/wait.ts";
import { type PendingSample, pendingOf } from "../observe/sample.ts";

/** Pending entries that are looked at, the oldest IDs first. */
export const MOST_PENDING = 10_000;

const PAGE = 1000;
/** How often a short list is read again. */
const OFTEN_MS = 2000;
/** How often a longer one is. */
const SELDOM_MS = 10_000;

/** What was read. */
export interface PendingView {
  readonly entries: readonly PendingSample[];
  /** Whether there are none beyond {@link MOST_PENDING}. */
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
  #hurry = new AbortController();

  /** What is pending; `null` until it is known. */
  readonly view: ReadonlySignal<PendingView | null> = this.#view;
  /** What hinders reading; it is tried again. */
  readonly problem: ReadonlySignal<string | null> = this.#problem;

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

  async #run(): Promise<void> {
    while (!this.#stop.aborted) {
      await untilSeen(this.#stop);
      this.#hurry = new AbortController();
      const until = AbortSignal.any([this.#stop, this.#hurry.signal]);
      try {
        this.#view.value = await this.#read();
        this.#problem.value = null;
      } catch (error) {
        this.#problem.value = problemOf(error);
      }
      const length = this.#view.value?.entries.length ?? 0;
      await rest(length > PAGE ? SELDOM_MS : OFTEN_MS, until);
    }
  }

  async #read(): Promise<PendingView> {
    const entries: PendingSample[] = [];
    let start = "-";
    while (entries.length < MOST_PENDING && !this.#stop.aborted) {
      const page = await this.#db.xPendingRange(this.#key, this.#group, start, "+", PAGE);
      entries.push(...page.map(pendingOf));
      if (page.length < PAGE) return { entries, isAll: true };
      start = `(${page.at(-1)?.id}`;
    }
    return { entries, isAll: false };
  }
}
