/**
 * Plays the earthquakes feed into a stream and lets three consumers of a group share the work.
 * The entries, the consumers and the totals are those of `examples/earthquakes`.
 */

import feedAddress from "earthquakes.json?url";
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Argv, Eddyline } from "eddyline";
import {
  type Consumer,
  consume,
  type Delivered,
  takeOver,
} from "../../../examples/earthquakes/consume.ts";
import {
  addTotals,
  type Feed,
  isOfFeed,
  noTotals,
  parseFeed,
  type Totals,
} from "../../../examples/earthquakes/feed.ts";
import { FIRST_ID, isBefore } from "../base/entry-id.ts";
import { problemOf } from "../base/format.ts";
import { rest } from "../base/wait.ts";

/** The stream into which the feed is played. */
export const FEED_STREAM = "earthquakes";

/** The group that shares the feed. */
export const FEED_GROUP = "seismologists";

/** Its consumers. */
export const CONSUMER_NAMES: readonly string[] = ["ana", "ben", "cho"];

/** Events per second that one may choose. */
export const PACES: readonly number[] = [5, 20, 100, 500];

/** Whether the feed is being played. */
export type PlayState = "loading" | "ready" | "playing" | "paused" | "over";

/** One of the three consumers. */
export interface FeedConsumer {
  readonly name: string;
  readonly working: ReadonlySignal<boolean>;
  /** Another is at work on what this one left. */
  readonly relieved: ReadonlySignal<boolean>;
  /** What it was given and has not acknowledged. */
  readonly holds: ReadonlySignal<readonly Delivered[]>;
  /** How many entries it has acknowledged. */
  readonly done: ReadonlySignal<number>;
}

/** Appends are sent this often; at a higher pace more of them together. */
const STEP_MS = 100;
/** How long a consumer works on what it took at once. */
const WORK_MS = 1000;
/** Entries per read when totals are taken from the stream itself. */
const PAGE = 500;

class PlayedConsumer implements FeedConsumer {
  readonly name: string;
  readonly working = signal(false);
  readonly relieved = signal(false);
  readonly holds = signal<readonly Delivered[]>([]);
  readonly done = signal(0);
  /** Stops the present run. */
  stop = new AbortController();
  /** Resolves when the present run has ended. */
  run: Promise<void> = Promise.resolve();

  constructor(name: string) {
    this.name = name;
  }

  take(entries: readonly Delivered[]): void {
    const held = new Set(this.holds.value.map(({ id }) => id));
    this.holds.value = [...this.holds.value, ...entries.filter(({ id }) => !held.has(id))];
  }

  release(entries: readonly Delivered[]): void {
    const released = new Set(entries.map(({ id }) => id));
    this.holds.value = this.holds.value.filter(({ id }) => !released.has(id));
  }
}

/** Is told commands as they are sent. */
export interface Tell {
  /** The one behind what a person does. */
  deed(command: Argv): void;
  /** One of the feed, or of a consumer at work. */
  routine(command: Argv): void;
}

/** The feed on one back end. Ends when `end` aborts. */
export class FeedPlayer {
  readonly state = signal<PlayState>("loading");
  readonly pace = signal(20);
  readonly problem = signal<string | null>(null);
  /** How many events of the feed are in the stream. */
  readonly appended = signal(0);
  /** Acknowledged entries by magnitude. */
  readonly totals = signal<Totals>(noTotals());
  /** The file's own totals: what the others are to become. */
  readonly expected = signal<Totals>(noTotals());
  readonly events = computed(() => sum(this.expected.value));
  readonly acknowledged = computed(() => sum(this.totals.value));
  readonly consumers: readonly FeedConsumer[];

  readonly #db: Eddyline;
  readonly #end: AbortSignal;
  readonly #tell: Tell;
  readonly #played: readonly PlayedConsumer[];
  #feed: Feed | null = null;
  #pause = new AbortController();
  /** Resolves when nothing is appended any more. */
  #playing: Promise<void> = Promise.resolve();

  constructor(db: Eddyline, end: AbortSignal, tell: Tell) {
    this.#db = db;
    this.#end = end;
    this.#tell = tell;
    this.#played = CONSUMER_NAMES.map((name) => new PlayedConsumer(name));
    this.consumers = this.#played;
  }

  /** Finds out how far the feed was played earlier. The feed itself is loaded when it is played. */
  async begin(): Promise<void> {
    await this.#attempt(() => this.#takeStock());
    const appended = this.appended.value;
    this.state.value =
      appended === 0 ? "ready" : appended === this.#feed?.entries.length ? "over" : "paused";
  }

  /** Goes on appending; starts the consumers when none of them works. */
  play(): Promise<void> {
    this.#pause = new AbortController();
    const until = AbortSignal.any([this.#end, this.#pause.signal]);
    this.#playing = this.#attempt(async () => {
      const feed = await this.#loadFeed();
      await this.#createGroup();
      if (until.aborted) return;
      this.state.value = "playing";
      if (!this.#played.some(({ working }) => working.value)) {
        for (const { name } of this.#played) this.startConsumer(name);
      }
      await this.#append(feed, until);
    });
    return this.#playing;
  }

  /** Stops appending; the consumers go on with what is there. */
  pause(): void {
    this.#pause.abort();
    if (this.state.value === "playing") this.state.value = "paused";
  }

  /** Deletes the stream with its group, and everything counted. */
  async startOver(): Promise<void> {
    this.pause();
    for (const consumer of this.#played) consumer.stop.abort();
    await this.#attempt(async () => {
      // What is under way would be appended to the new stream.
      await Promise.all([this.#playing, ...this.#played.map(({ run }) => run)]);
      this.#tell.deed(["DEL", FEED_STREAM]);
      await this.#db.del(FEED_STREAM);
      batch(() => {
        this.appended.value = 0;
        this.totals.value = noTotals();
        for (const consumer of this.#played) forget(consumer);
        this.state.value = "ready";
      });
    });
  }

  /** Lets the consumer work: first on what it holds, then on what is new. */
  startConsumer(name: string): void {
    const consumer = this.#find(name);
    if (consumer.working.value || consumer.relieved.value) return;
    consumer.stop = new AbortController();
    consumer.working.value = true;
    const until = AbortSignal.any([this.#end, consumer.stop.signal]);
    const task = this.#taskOf(consumer, until);
    consumer.run = this.#attempt(() => consume(this.#db, task, until)).then(() => {
      consumer.working.value = false;
    });
  }

  /** Stops the consumer where it stands: what it holds is not acknowledged. */
  stopConsumer(name: string): void {
    this.#find(name).stop.abort();
  }

  /** Hands what the stopped consumer holds to one that works. */
  async handOver(name: string): Promise<void> {
    const from = this.#find(name);
    const to = this.#played.find((consumer) => consumer.working.value);
    if (from.working.value || from.relieved.value || to === undefined) return;
    const task = this.#taskOf(to, this.#end);
    const work = (entries: readonly Delivered[]): Promise<void> | void => {
      from.release(entries);
      const ids = entries.map(({ id }) => id);
      this.#tell.deed(["XCLAIM", FEED_STREAM, FEED_GROUP, to.name, "0", ...ids]);
      return task.work(entries);
    };
    from.relieved.value = true;
    await this.#attempt(async () => {
      await takeOver(this.#db, from.name, { ...task, work });
      from.holds.value = [];
    });
    from.relieved.value = false;
  }

  #taskOf(consumer: PlayedConsumer, until: AbortSignal): Consumer {
    const { pace } = this;
    return {
      stream: FEED_STREAM,
      group: FEED_GROUP,
      name: consumer.name,
      // Three at work are half again as fast as the feed; two just keep up; one falls behind.
      get count() {
        return Math.ceil((pace.value * WORK_MS) / 2000);
      },
      work: async (entries) => {
        this.#tellRead(consumer, entries);
        consumer.take(entries);
        await rest(WORK_MS, until);
      },
      acknowledged: (entries) => {
        this.#tell.routine(["XACK", FEED_STREAM, FEED_GROUP, ...entries.map(({ id }) => id)]);
        batch(() => {
          consumer.release(entries);
          consumer.done.value += entries.length;
          this.totals.value = addTotals(
            this.totals.value,
            entries.map(({ message }) => message).filter(isOfFeed),
          );
        });
      },
    };
  }

  /** What it had in hand already it was given again. */
  #tellRead({ name, holds }: PlayedConsumer, [first, ...more]: readonly Delivered[]): void {
    if (first === undefined) return;
    const isAgain = holds.value.some(({ id }) => id === first.id);
    const count = String(1 + more.length);
    this.#tell.routine([
      ...["XREADGROUP", "GROUP", FEED_GROUP, name, "COUNT", count],
      ...["STREAMS", FEED_STREAM, isAgain ? "0" : ">"],
    ]);
  }

  async #append(feed: Feed, until: AbortSignal): Promise<void> {
    let dueMs = performance.now();
    while (!until.aborted) {
      const next = this.appended.value;
      const several = Math.max(1, Math.round((this.pace.value * STEP_MS) / 1000));
      const entries = feed.entries.slice(next, next + several);
      for (const { id, message } of entries)
        this.#tell.routine(["XADD", FEED_STREAM, id, ...Object.entries(message).flat()]);
      await Promise.all(entries.map(({ id, message }) => this.#db.xAdd(FEED_STREAM, id, message)));
      this.appended.value = next + entries.length;
      if (this.appended.value >= feed.entries.length) {
        this.state.value = "over";
        return;
      }
      // What is late is made up for, but not all of what a sleeping tab has missed.
      const nowMs = performance.now();
      dueMs = Math.max(dueMs + (entries.length * 1000) / this.pace.value, nowMs - STEP_MS);
      await rest(dueMs - nowMs, until);
    }
  }

  async #createGroup(): Promise<void> {
    try {
      await this.#db.xGroupCreate(FEED_STREAM, FEED_GROUP, "0", { MKSTREAM: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "BUSYGROUP")) throw error;
    }
  }

  /** What was played and acknowledged before this page was opened, read off the stream. */
  async #takeStock(): Promise<void> {
    const length = await this.#db.xLen(FEED_STREAM);
    if (length === 0) return;
    const { entries } = await this.#loadFeed();
    const newest = await this.#db.xRevRange(FEED_STREAM, "+", "-", { COUNT: 1 });
    const newestId = newest?.[0]?.id ?? FIRST_ID;
    const groups = await this.#db.xInfoGroups(FEED_STREAM);
    const group = groups.find(({ name }) => name === FEED_GROUP);
    const lastId = group?.["last-delivered-id"];
    const held = new Set<string>();
    for (const consumer of group === undefined ? [] : this.#played) {
      const { name } = consumer;
      const pending = await this.#db.xPendingRange(FEED_STREAM, FEED_GROUP, "-", "+", PAGE, {
        consumer: name,
      });
      const ids = new Set(pending.map(({ id }) => id));
      consumer.holds.value = entries.filter(({ id }) => ids.has(id));
      for (const id of ids) held.add(id);
    }
    const delivered = entries.slice(0, entries.findIndex(({ id }) => id === lastId) + 1);
    const done = delivered.filter(({ id }) => !held.has(id));
    this.totals.value = addTotals(
      noTotals(),
      done.map(({ message }) => message),
    );
    // Others may have added entries of their own.
    const next = entries.findIndex(({ id }) => isBefore(newestId, id));
    this.appended.value = Math.min(length, next < 0 ? entries.length : next);
  }

  async #loadFeed(): Promise<Feed> {
    if (this.#feed === null) {
      const response = await fetch(feedAddress, { signal: this.#end });
      if (!response.ok) throw new Error(`the feed could not be loaded: ${response.status}`);
      this.#feed = parseFeed(await response.json());
      this.expected.value = addTotals(
        noTotals(),
        this.#feed.entries.map(({ message }) => message),
      );
    }
    return this.#feed;
  }

  /** Runs `act`; what fails is shown, and playing stops. */
  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      this.problem.value = null;
      await act();
    } catch (error) {
      if (this.#end.aborted) return;
      this.problem.value = problemOf(error);
      this.pause();
    }
  }

  #find(name: string): PlayedConsumer {
    const consumer = this.#played.find((played) => played.name === name);
    if (consumer === undefined)
      throw new Error(`a consumer that is not in the group was asked for: ${name}`);
    return consumer;
  }
}

function forget(consumer: PlayedConsumer): void {
  consumer.holds.value = [];
  consumer.done.value = 0;
}

function sum(totals: Totals): number {
  return totals.reduce((total, one) => total + one, 0);
}
