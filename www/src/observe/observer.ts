/**
 * Looks at the streams of the open back end again and again, all that are in view together, and
 * keeps what it saw. Views only read; none of them asks for figures itself.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { problemOf } from "../base/format.ts";
import { rest, untilSeen } from "../base/wait.ts";
import type { Connection } from "../connection/connection.ts";
import { type GroupSample, isRefusal, type StreamSample, sampleStreams } from "./sample.ts";
import { Series } from "./series.ts";

/** How often one may have it looked, milliseconds; 0: not at all. */
export const PERIODS_MS = [500, 1000, 2000, 5000, 15_000, 0] as const;

/** The span over which rates are taken. */
export const RATE_MS = 5000;
/** Keys that are listed. */
export const MOST_KEYS = 10_000;
/** Streams that are looked at in one go, beside those in view. */
const ROUND = 200;
const SCAN_COUNT = 1000;
/** The list of keys is asked for every so many looks. */
const LIST_EVERY = 4;
/** How long nothing is asked of a back end that does not answer. */
const SILENT_MS = 2000;

/** What is kept of a stream: counts, those of deliveries and of pending entries over all groups, and `in`, the rate. */
const STREAM_FIGURES = ["length", "added", "in", "out", "lag", "pending", "pendingAgeMs"] as const;

/** One of them. */
export type StreamFigure = (typeof STREAM_FIGURES)[number];

/** A stream as it was seen over time. */
export interface ObservedStream {
  readonly sample: StreamSample;
  readonly series: Series<StreamFigure>;
  /** Entries added a second; `null` until it is known. */
  readonly inPerSecond: number | null;
  /** Entries delivered a second, to all groups together. */
  readonly outPerSecond: number | null;
  /** The lag of the group that is furthest behind; `null` without groups, or when it is not known. */
  readonly worstLag: number | null;
  /** How long the entry that is pending the longest was not delivered again. */
  readonly oldestPendingMs: number | null;
  /** The series of a group. */
  group(name: string): GroupSeries;
  /** By how much a group's lag has grown over the last {@link RATE_MS}. */
  lagGrowth(name: string): number | null;
}

/** What is kept of a group. */
export type GroupSeries = Series<"lag" | "pending" | "pendingAgeMs" | "read">;

class Observed implements ObservedStream {
  sample: StreamSample;
  readonly series = new Series<StreamFigure>(STREAM_FIGURES);
  readonly #groups = new Map<string, GroupSeries>();
  inPerSecond: number | null = null;
  outPerSecond: number | null = null;
  worstLag: number | null = null;
  oldestPendingMs: number | null = null;

  constructor(sample: StreamSample) {
    this.sample = sample;
    this.take(sample);
  }

  group(name: string): GroupSeries {
    let series = this.#groups.get(name);
    if (series === undefined) {
      series = new Series(["lag", "pending", "pendingAgeMs", "read"]);
      this.#groups.set(name, series);
    }
    return series;
  }

  lagGrowth(name: string): number | null {
    const lags = this.group(name).values("lag");
    const times = this.group(name).times();
    const since = (times.at(-1) ?? 0) - RATE_MS;
    const before = times.findIndex((atMs) => atMs >= since);
    const [from, to] = [lags[before], lags.at(-1)];
    return typeof from === "number" && typeof to === "number" ? to - from : null;
  }

  take(sample: StreamSample): void {
    const perSecond = growth(this.sample, sample);
    this.sample = sample;
    const { groups, atMs, length, added } = sample;
    for (const group of groups) this.#takeGroup(group, atMs);
    this.worstLag = greatest(groups.map(({ lag }) => lag));
    this.oldestPendingMs = greatest(
      groups.map(({ oldestPending }) => oldestPending?.idleMs ?? null),
    );
    const out = groups.reduce((sum, { entriesRead }) => sum + (entriesRead ?? 0), 0);
    const pending = groups.reduce((sum, group) => sum + group.pending, 0);
    const { worstLag: lag, oldestPendingMs: pendingAgeMs } = this;
    this.series.push(atMs, { length, added, in: perSecond, out, lag, pending, pendingAgeMs });
    this.inPerSecond = this.series.rate("added", RATE_MS);
    this.outPerSecond = groups.length === 0 ? null : this.series.rate("out", RATE_MS);
  }

  #takeGroup({ name, lag, pending, oldestPending, entriesRead }: GroupSample, atMs: number): void {
    const pendingAgeMs = oldestPending?.idleMs ?? 0;
    this.group(name).push(atMs, { lag, pending, pendingAgeMs, read: entriesRead });
  }
}

/** The streams of the open back end. */
export class Observer {
  readonly #connection: Connection;
  readonly #keys = signal<readonly string[] | null>(null);
  readonly #listProblem = signal<string | null>(null);
  readonly #revision = signal(0);
  readonly #streams = new Map<string, Observed>();
  /** Keys in view, by the view that named them. */
  readonly #wanted = new Map<symbol, ReadonlySet<string>>();
  /** Keys looked at closely, by the view that named them. */
  readonly #close = new Map<symbol, ReadonlySet<string>>();
  #round = 0;
  #stop = new AbortController();
  #hurry = new AbortController();

  /** How often it is looked. */
  readonly periodMs = signal<number>(2000);
  /** The keys of all streams, sorted; `null` until they are known. */
  readonly keys: ReadonlySignal<readonly string[] | null> = this.#keys;
  /** Why the keys cannot be listed, as with a token for some of them only. */
  readonly listProblem: ReadonlySignal<string | null> = this.#listProblem;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.db.subscribe((db) => this.#begin(db));
    this.periodMs.subscribe(() => this.lookNow());
  }

  /** A stream as it was last seen. Whoever calls this in a view is drawn again after each look. */
  stream(key: string): ObservedStream | null {
    // Read, so that the caller depends on it.
    this.#revision.value;
    return this.#streams.get(key) ?? null;
  }

  /** Has these streams looked at each time, with their consumers when `isClose`, until it is let go. */
  want(keys: Iterable<string>, isClose = false): () => void {
    const name = Symbol();
    const set = new Set(keys);
    this.#wanted.set(name, set);
    if (isClose) this.#close.set(name, set);
    if ([...set].some((key) => !this.#streams.has(key)) || isClose) this.lookNow();
    return () => {
      this.#wanted.delete(name);
      this.#close.delete(name);
    };
  }

  /** Looks at once: something has changed. */
  lookNow(): void {
    this.#round = 0;
    this.#hurry.abort();
  }

  #begin(db: Eddyline | null): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#streams.clear();
    this.#keys.value = null;
    this.#round = 0;
    if (db !== null) void this.#run(db, this.#stop.signal);
  }

  async #run(db: Eddyline, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await untilSeen(stop);
      this.#hurry = new AbortController();
      const hurry = this.#hurry.signal;
      const until = AbortSignal.any([stop, hurry]);
      try {
        await this.#look(db, stop);
        this.#connection.noteAnswer();
        await rest(this.periodMs.value === 0 ? 2 ** 31 - 1 : this.periodMs.value, until);
      } catch (error) {
        if (stop.aborted) return;
        this.#connection.noteSilence(error);
        await rest(SILENT_MS, until);
      }
    }
  }

  async #look(db: Eddyline, stop: AbortSignal): Promise<void> {
    if (this.#round % LIST_EVERY === 0) await this.#list(db, stop);
    const wanted = new Set([...this.#wanted.values()].flatMap((keys) => [...keys]));
    for (const key of this.#turn()) wanted.add(key);
    this.#round++;
    const close = new Set([...this.#close.values()].flatMap((keys) => [...keys]));
    const samples = await sampleStreams(db, [...wanted], close);
    if (stop.aborted) return;
    for (const key of wanted) {
      const sample = samples.get(key);
      if (sample === undefined) this.#streams.delete(key);
      else this.#take(sample);
    }
    this.#revision.value++;
  }

  #take(sample: StreamSample): void {
    const known = this.#streams.get(sample.key);
    if (known === undefined) this.#streams.set(sample.key, new Observed(sample));
    else known.take(sample);
  }

  /** All keys if they are few, else the next of them, so that each has its turn. */
  #turn(): readonly string[] {
    const keys = this.#keys.value ?? [];
    const from = (this.#round * ROUND) % Math.max(keys.length, 1);
    return keys.length <= ROUND ? keys : keys.slice(from, from + ROUND);
  }

  /** The keys there are; those in view when this token may not list any. */
  async #scan(db: Eddyline, stop: AbortSignal): Promise<ReadonlySet<string>> {
    try {
      const keys = await scanStreams(db, stop);
      this.#listProblem.value = null;
      return keys;
    } catch (error) {
      if (!(await isRefusal(error))) throw error;
      this.#listProblem.value = problemOf(error);
      return new Set([...this.#wanted.values()].flatMap((wanted) => [...wanted]));
    }
  }

  async #list(db: Eddyline, stop: AbortSignal): Promise<void> {
    const keys = await this.#scan(db, stop);
    if (stop.aborted) return;
    const listed = [...keys].sort();
    for (const key of this.#streams.keys()) if (!keys.has(key)) this.#streams.delete(key);
    const before = this.#keys.value;
    const isSame =
      before?.length === listed.length && listed.every((key, at) => key === before[at]);
    if (!isSame) this.#keys.value = listed;
  }
}

/** Entries added a second from one look to the next; `null` when that cannot be said. */
function growth(before: StreamSample, after: StreamSample): number | null {
  const passedMs = after.atMs - before.atMs;
  if (passedMs <= 0 || after.added < before.added) return null;
  return ((after.added - before.added) * 1000) / passedMs;
}

/** The keys of streams, as many as are listed. */
async function scanStreams(db: Eddyline, stop: AbortSignal): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const page of db.scanIterator({ TYPE: "stream", COUNT: SCAN_COUNT, signal: stop })) {
    for (const key of page) keys.add(key);
    if (keys.size >= MOST_KEYS) break;
  }
  return keys;
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
