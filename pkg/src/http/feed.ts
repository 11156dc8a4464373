/**
 * The last entries of a stream, read once for all who follow it here: in this process, or in this
 * isolate of a Worker.
 *
 * One of the followers leads: it reads while somebody waits for more, and what it has read is told
 * to all. Each of them has a seat, the number of the batch that it takes next. Who is so slow that
 * this batch is kept no more reads by itself until it is at the end again; so memory is bounded,
 * and nobody waits for the slowest.
 *
 * In a Worker each follower is a request, and what one has opened no other one may use. So the
 * leader reads over a session of its own, and only values and the settling of promises go from one
 * request to another.
 */

import { isBefore } from "../ids.ts";
import * as limits from "../limits.ts";
import type { Batch } from "./batch.ts";

/** The feeds of a backend, by the keys of their streams. */
export class Feeds {
  /** Weak, as nobody says when a request of a Worker is broken off. */
  readonly #feeds = new Map<string, WeakRef<Feed>>();
  readonly #unused = new FinalizationRegistry<string>((key) => {
    if (this.#feeds.get(key)?.deref() === undefined) this.#feeds.delete(key);
  });

  /** The feed of a stream. It is there as long as somebody holds it. */
  of(key: string): Feed {
    const known = this.#feeds.get(key)?.deref();
    if (known !== undefined) return known;
    const feed = new Feed();
    this.#feeds.set(key, new WeakRef(feed));
    this.#unused.register(feed, key);
    return feed;
  }
}

/** The end of one stream. */
export class Feed {
  /** What is kept, numbered from `#first` on. */
  #batches: Batch[] = [];
  #first = 0;
  #bytes = 0;
  /** Behind which entry the kept ones begin, and the last one that was read. */
  #start = "0-0";
  #end: string | undefined;
  readonly #waiting = new Set<() => void>();
  #lead: Lead | undefined;

  /** The last entry that was read; `undefined` before the first follower has a seat. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Whether somebody reads. */
  get isLed(): boolean {
    return this.#lead !== undefined && !this.#lead.isLost;
  }

  /** Whether somebody waits for more. */
  get isWanted(): boolean {
    return this.#waiting.size > 0;
  }

  /** Who calls it reads from now on for all. */
  lead(): Lead {
    this.#lead = new Lead(this);
    return this.#lead;
  }

  /**
   * A seat for who has everything up to this entry; `undefined`: what comes next is kept no more.
   * The first batches may have entries that it has.
   */
  join(id: string): number | undefined {
    const isAhead = this.#end === undefined || isBefore(this.#end, id);
    // Nobody is at the end but perhaps those who take their time, and they can read by themselves.
    if (isAhead && !this.isWanted) this.#beginAt(id);
    if (isBefore(id, this.#start)) return undefined;
    let seat = this.#first + this.#batches.length;
    while (seat > this.#first && isBefore(id, this.at(seat - 1)!.last)) seat--;
    return seat;
  }

  /** The batch with this number, if it has come and is still kept. */
  at(seat: number): Batch | undefined {
    return this.#batches[seat - this.#first];
  }

  /** Whether the batch with this number is kept no more. */
  isGone(seat: number): boolean {
    return seat < this.#first;
  }

  /**
   * Calls once there is news: a batch has come, or nobody reads any more. What it returns takes
   * the call back.
   */
  wait(tell: () => void): () => void {
    this.#waiting.add(tell);
    this.#lead?.wake();
    return () => this.#waiting.delete(tell);
  }

  /** For the lead: a batch has come. */
  add(lead: Lead, batch: Batch): void {
    if (lead !== this.#lead || batch.after !== this.#end) return;
    this.#batches.push(batch);
    this.#end = batch.last;
    this.#bytes += batch.bytes.byteLength;
    while (this.#bytes > limits.feedBytes && this.#batches.length > 1) {
      const dropped = this.#batches.shift() as Batch;
      this.#bytes -= dropped.bytes.byteLength;
      this.#start = dropped.last;
      this.#first++;
    }
    this.#tell();
  }

  /** For the lead: entries were lost behind the end. Everybody is to look by itself. */
  breakOff(lead: Lead): void {
    if (lead !== this.#lead) return;
    this.#beginAt(this.#end as string);
    this.#tell();
  }

  /** For the lead: it reads no more. */
  leave(lead: Lead): void {
    if (lead !== this.#lead) return;
    this.#lead = undefined;
    this.#tell();
  }

  isLedBy(lead: Lead): boolean {
    return lead === this.#lead;
  }

  /** Keeps nothing, so that no seat is left that was given. */
  #beginAt(id: string): void {
    this.#first += this.#batches.length + 1;
    [this.#batches, this.#bytes] = [[], 0];
    [this.#start, this.#end] = [id, id];
  }

  #tell(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const tell of waiting) tell();
  }
}

/** The part of the one who reads. */
export class Lead {
  readonly #feed: Feed;
  #wake: (() => void) | undefined;
  /** Since when it has been wanted, and nothing was read. */
  #wantedSinceMs: number | undefined;
  #signedAtMs = 0;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /**
   * Whether it has gone without a word, as a Worker's request can be broken off at any moment, or
   * what it reads from has.
   */
  get isLost(): boolean {
    if (this.#wantedSinceMs === undefined) return false;
    const now = Date.now();
    return (
      now - this.#signedAtMs > limits.leadSilenceMs || now - this.#wantedSinceMs > limits.leadMs
    );
  }

  /** It is there. */
  sign(): void {
    this.#signedAtMs = Date.now();
  }

  /** Resolves when somebody waits for more; with `false` when it is not the lead any more. */
  async isWanted(): Promise<boolean> {
    this.#wantedSinceMs = undefined;
    while (this.#feed.isLedBy(this) && !this.#feed.isWanted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#want();
    return this.#feed.isLedBy(this);
  }

  /** Somebody waits for more. */
  wake(): void {
    if (this.#wantedSinceMs === undefined) this.#want();
    this.#wake?.();
  }

  /** It reads no more. */
  end(): void {
    this.#feed.leave(this);
    this.#wake?.();
  }

  #want(): void {
    this.#wantedSinceMs = Date.now();
    this.#signedAtMs = this.#wantedSinceMs;
  }
}
