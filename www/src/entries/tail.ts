/** A stream's newest entries, kept up to date by a read that waits. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { FIRST_ID } from "../base/entry-id.ts";
import { problemOf } from "../base/format.ts";
import { rest, untilSeen } from "../base/wait.ts";
import { type Entry, entriesRead, readBack } from "./entry.ts";
import { type Filter, readFilter } from "./filter.ts";

/** Entries that are kept. */
export const KEPT = 100_000;

/** Entries that are there from the beginning. */
const BACKLOG = 500;
/** Entries per read. */
const READ_COUNT = 1000;
/** How long one read waits before it asks again. */
const BLOCK_MS = 20_000;
/** What arrives within so long is shown together: nobody reads faster. */
const CALM_MS = 80;
/** The first pause after a failure; each further one is twice as long, up to the last. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/** The entries in view at a moment. */
export interface TailView {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** Entries that were in `entries` ever; grows with each that arrives. */
  readonly total: number;
}

const NOTHING: TailView = { entries: [], total: 0 };

/** Follows one stream until `stop` aborts. */
export class Tail {
  readonly #db: Eddyline;
  readonly #key: string;
  readonly #stop: AbortSignal;
  readonly #view = signal<TailView>(NOTHING);
  readonly #problem = signal<string | null>(null);
  readonly #arrivedHeld = signal(0);
  /** Ends the present read, to begin again at the stream's new end. */
  #restart = new AbortController();
  #lastId = FIRST_ID;
  #entries: Entry[] = [];
  /** Those that the filter lets through; the same array without one. */
  #shown: Entry[] = [];
  #total = 0;
  #filter: Filter | null = null;

  /** What is shown. */
  readonly view: ReadonlySignal<TailView> = this.#view;
  /** What hinders reading; it is tried again. */
  readonly problem: ReadonlySignal<string | null> = this.#problem;
  /** Whether the view stays as it is. */
  readonly isHeld = signal(false);
  /** Entries that have arrived since it was held. */
  readonly arrivedHeld: ReadonlySignal<number> = this.#arrivedHeld;
  /** The filter as it is written. */
  readonly filterText = signal("");

  constructor(db: Eddyline, key: string, stop: AbortSignal) {
    this.#db = db;
    this.#key = key;
    this.#stop = stop;
    const ends = [
      effect(() => this.#refilter(this.filterText.value)),
      effect(() => this.#hold(this.isHeld.value)),
    ];
    stop.addEventListener("abort", () => {
      for (const end of ends) end();
    });
    // A browser has few connections to a server, and its tabs share them.
    const leave = (): void => {
      if (document.hidden) this.#restart.abort();
    };
    document.addEventListener("visibilitychange", leave, { signal: stop });
    void this.#run();
  }

  /** Begins again at the stream's end, as when the stream was deleted or trimmed. */
  restart(): void {
    this.#restart.abort();
  }

  /** The latest ID that was seen. */
  get lastId(): string {
    return this.#lastId;
  }

  /** Reads until the end, whatever happens on the way. */
  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stop.aborted) {
      await untilSeen(this.#stop);
      this.#restart = new AbortController();
      const until = AbortSignal.any([this.#stop, this.#restart.signal]);
      try {
        await this.#readNewest();
        this.#problem.value = null;
        retryMs = FIRST_RETRY_MS;
        while (!until.aborted) await this.#readNext(until);
      } catch (error) {
        if (until.aborted) continue;
        this.#problem.value = problemOf(error);
        await rest(retryMs, this.#stop);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  async #readNewest(): Promise<void> {
    const newest = await readBack(this.#db, this.#key, "+", "-", BACKLOG);
    if (this.#stop.aborted) return;
    this.#lastId = newest[0]?.id ?? FIRST_ID;
    this.#entries = newest.reverse();
    this.#refilter(this.filterText.peek());
  }

  async #readNext(until: AbortSignal): Promise<void> {
    const waited = ["COUNT", String(READ_COUNT), "BLOCK", String(BLOCK_MS)];
    const argv = ["XREAD", ...waited, "STREAMS", this.#key, this.#lastId];
    const arrived = entriesRead(await this.#db.sendCommand(argv, { signal: until }));
    const last = arrived.at(-1);
    if (last === undefined || until.aborted) return;
    this.#lastId = last.id;
    this.#take(arrived);
    await rest(CALM_MS, until);
  }

  #take(arrived: readonly Entry[]): void {
    this.#entries = added(this.#entries, arrived);
    const passed = this.#filter === null ? arrived : arrived.filter(this.#filter);
    if (this.#filter === null) this.#shown = this.#entries;
    else this.#shown = added(this.#shown, passed);
    this.#total += passed.length;
    if (this.isHeld.peek()) this.#arrivedHeld.value += passed.length;
    else this.#show();
  }

  #refilter(text: string): void {
    this.#filter = readFilter(text);
    this.#shown = this.#filter === null ? this.#entries : this.#entries.filter(this.#filter);
    this.#total = this.#shown.length;
    this.#show();
  }

  #hold(isHeld: boolean): void {
    this.#arrivedHeld.value = 0;
    // What is held has to stay as it is while more is added.
    if (isHeld) this.#view.value = { ...this.#view.peek(), entries: [...this.#shown] };
    else this.#show();
  }

  #show(): void {
    this.#view.value = { entries: this.#shown, total: this.#total };
  }
}

/** Adds in place; cut in large pieces, as a cut for each entry would move everything each time. */
function added(entries: Entry[], arrived: readonly Entry[]): Entry[] {
  for (const entry of arrived) entries.push(entry);
  return entries.length > KEPT * 1.1 ? entries.slice(-KEPT) : entries;
}
