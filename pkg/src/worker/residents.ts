/**
 * The memory that the objects of one isolate share.
 *
 * Each tells after a call how many bytes of segments it has in memory. When all together have too
 * many, those that nobody has called for a while give theirs up first, the one idle longest before
 * the others. Is it still too much, nobody keeps more than a level at which it is enough: who has
 * less keeps it all, so an object that grows evicts itself, and busy neighbours have a fair part.
 */

import * as limits from "../limits.ts";

/** An object with segments in memory. */
export interface Resident {
  /** Evicts until so many bytes are left, as far as storage has them; how many are left. */
  evictTo(bytes: number): number;
}

interface Holding {
  /** Weak, because nobody says when the platform throws an object out of memory. */
  object: WeakRef<Resident>;
  bytes: number;
  calledMs: number;
}

export class Residents {
  readonly #mostBytes: number;
  readonly #known = new WeakMap<Resident, Holding>();
  /** The one that was called last is the last. */
  readonly #holdings = new Set<Holding>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes that all objects have in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An object was called, and has so much in memory now. */
  called(object: Resident, bytes: number, nowMs: number): void {
    this.gone(object);
    const holding = { object: new WeakRef(object), bytes, calledMs: nowMs };
    this.#known.set(object, holding);
    this.#holdings.add(holding);
    this.#bytes += bytes;
    if (this.#bytes > this.#mostBytes) this.#evictIdle(nowMs - limits.idleObjectMs);
    if (this.#bytes > this.#mostBytes) this.#level();
  }

  /** An object has nothing in memory any more. */
  gone(object: Resident): void {
    const holding = this.#known.get(object);
    if (holding !== undefined) this.#drop(holding);
  }

  #drop(holding: Holding): void {
    if (this.#holdings.delete(holding)) this.#bytes -= holding.bytes;
  }

  #evictIdle(sinceMs: number): void {
    for (const holding of this.#holdings) {
      if (holding.calledMs > sinceMs || this.#bytes <= this.#mostBytes) return;
      this.#evict(holding, 0);
    }
  }

  #level(): void {
    const holdings = [...this.#holdings];
    const level = levelOf(
      holdings.map(({ bytes }) => bytes),
      this.#mostBytes,
    );
    for (const holding of holdings) if (holding.bytes > level) this.#evict(holding, level);
  }

  #evict(holding: Holding, bytes: number): void {
    const object = holding.object.deref();
    if (object === undefined) {
      this.#drop(holding);
      return;
    }
    const left = object.evictTo(bytes);
    this.#bytes += left - holding.bytes;
    holding.bytes = left;
  }
}

/** The most that one may have when all together may have `most`, and who has less keeps it. */
export function levelOf(holdings: readonly number[], most: number): number {
  const ascending = holdings.toSorted((a, b) => a - b);
  let left = most;
  for (const [place, bytes] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - place));
    if (bytes > share) return share;
    left -= bytes;
  }
  return most;
}
