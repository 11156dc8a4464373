/** A stream's newest entries, kept up to date by a blocking read. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { FIRST_ID, isBefore } from "./entry-id.ts";
import { problemOf } from "./format.ts";
import { rest, untilSeen } from "./wait.ts";

/** An entry as it was read. */
export interface Entry {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

/** What is known of a stream while it is looked at. */
export interface Tail {
  /** The newest entries, newest first, at most {@link SHOWN}. */
  readonly entries: ReadonlySignal<readonly Entry[]>;
  /** Number of entries in the stream. */
  readonly length: ReadonlySignal<number>;
  /** Entries that arrived per second, of late. */
  readonly perSecond: ReadonlySignal<number>;
  /** What hinders reading; it is tried again. */
  readonly problem: ReadonlySignal<string | null>;
}

/** How many entries the page holds. */
export const SHOWN = 200;

/** Entries per read. */
const READ_COUNT = 500;
/** How long one blocking read waits before it asks again. */
const BLOCK_MS = 20_000;
/** How often length and rate are brought up to date. */
const LOOK_MS = 1000;
/** The first pause after a failure; each further one is twice as long, up to the last. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;
/** The span over which the rate is taken. */
const RATE_MS = 5000;

/** Follows the stream `key` until `stop` aborts. */
export function followStream(db: Eddyline, key: string, stop: AbortSignal): Tail {
  const tail = new LiveTail(db, key, stop);
  document.addEventListener("visibilitychange", () => tail.leaveUnseen(), { signal: stop });
  void tail.run();
  void tail.look();
  return tail;
}

class LiveTail implements Tail {
  readonly entries = signal<readonly Entry[]>([]);
  readonly length = signal(0);
  readonly perSecond = signal(0);
  readonly problem = computed(() => this.#readProblem.value ?? this.#lookProblem.value);
  readonly #readProblem = signal<string | null>(null);
  readonly #lookProblem = signal<string | null>(null);
  readonly #db: Eddyline;
  readonly #key: string;
  readonly #stop: AbortSignal;
  /** Ends the present read, to begin again at the stream's new end. */
  #restart = new AbortController();
  #lastId = FIRST_ID;
  #arrivals: { atMs: number; count: number }[] = [];

  constructor(db: Eddyline, key: string, stop: AbortSignal) {
    this.#db = db;
    this.#key = key;
    this.#stop = stop;
  }

  /**
   * Ends the present read while nobody looks: a browser has few connections to a server, and they
   * are shared by all its tabs.
   */
  leaveUnseen(): void {
    if (document.hidden) this.#restart.abort();
  }

  /** Reads until the end, whatever happens on the way. */
  async run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stop.aborted) {
      await untilSeen(this.#stop);
      this.#restart = new AbortController();
      const until = AbortSignal.any([this.#stop, this.#restart.signal]);
      try {
        await this.#readNewest();
        this.#readProblem.value = null;
        retryMs = FIRST_RETRY_MS;
        while (!until.aborted) await this.#readNext(until);
      } catch (error) {
        if (until.aborted) continue;
        this.#readProblem.value = problemOf(error);
        await rest(retryMs, this.#stop);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  /** Keeps length and rate true, and notices when the stream was emptied and begun again. */
  async look(): Promise<void> {
    while (!this.#stop.aborted) {
      await rest(LOOK_MS, this.#stop);
      await untilSeen(this.#stop);
      try {
        const [length, newest] = await Promise.all([
          this.#db.xLen(this.#key),
          this.#db.xRevRange(this.#key, "+", "-", { COUNT: 1 }),
        ]);
        if (this.#stop.aborted) return;
        this.length.value = length;
        this.#lookProblem.value = null;
        if (isBefore(newest?.[0]?.id ?? FIRST_ID, this.#lastId)) this.#restart.abort();
      } catch (error) {
        if (!this.#stop.aborted) this.#lookProblem.value = problemOf(error);
      }
      this.perSecond.value = this.#rate(Date.now());
    }
  }

  async #readNewest(): Promise<void> {
    const newest = (await this.#db.xRevRange(this.#key, "+", "-", { COUNT: SHOWN })) ?? [];
    const length = await this.#db.xLen(this.#key);
    this.#lastId = newest[0]?.id ?? FIRST_ID;
    this.#arrivals = [];
    batch(() => {
      this.entries.value = newest;
      this.length.value = length;
    });
  }

  async #readNext(until: AbortSignal): Promise<void> {
    const source = { key: this.#key, id: this.#lastId };
    const reply = await this.#db.xRead(source, {
      COUNT: READ_COUNT,
      BLOCK: BLOCK_MS,
      signal: until,
    });
    const arrived = reply?.[0]?.messages ?? [];
    const last = arrived.at(-1);
    if (last === undefined || until.aborted) return;
    this.#lastId = last.id;
    this.#arrivals.push({ atMs: Date.now(), count: arrived.length });
    batch(() => {
      this.entries.value = [...arrived.toReversed(), ...this.entries.value].slice(0, SHOWN);
      this.length.value += arrived.length;
    });
    // A frame between reads: what arrives meanwhile comes with the next one, in one go.
    await nextFrame();
  }

  #rate(nowMs: number): number {
    this.#arrivals = this.#arrivals.filter(({ atMs }) => nowMs - atMs < RATE_MS);
    const arrived = this.#arrivals.reduce((sum, { count }) => sum + count, 0);
    return (arrived * 1000) / RATE_MS;
  }
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => resolve());
  });
}
