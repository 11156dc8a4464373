/** Latencies, kept by their size so that a million of them take little memory. */

/** Each bucket is so much wider than the one before: what is read off is right within 1 %. */
const GROWTH = 1.01;
const LEAST_MS = 0.001;

/** What a run tells of its latencies, in milliseconds. */
export interface LatencySummary {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A histogram. */
export class Latencies {
  readonly #counts: number[] = [];
  #total = 0;
  #sumMs = 0;
  #maxMs = 0;

  /** Adds a latency that so many requests had. */
  add(ms: number, requests: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(ms / LEAST_MS) / Math.log(GROWTH)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + requests;
    this.#total += requests;
    this.#sumMs += ms * requests;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  summary(): LatencySummary {
    return {
      meanMs: round(this.#sumMs / Math.max(this.#total, 1)),
      p50Ms: this.#percentile(0.5),
      p95Ms: this.#percentile(0.95),
      p99Ms: this.#percentile(0.99),
      maxMs: round(this.#maxMs),
    };
  }

  /** The latency that this share of the requests did not exceed. */
  #percentile(share: number): number {
    let left = Math.ceil(this.#total * share);
    // Buckets in which nothing is are holes.
    for (const [bucket, count = 0] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return round(Math.min(LEAST_MS * GROWTH ** bucket, this.#maxMs));
    }
    return 0;
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
