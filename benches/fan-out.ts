/**
 * Events of a stream to many subscribers at once (Server-Sent Events), beside an object that writes
 * each insert to all who listen, and keeps no account of where they are.
 *
 * An entry is appended and waited for until everybody has it: times are from before the append to
 * the receipt. Then many in a pipeline: entries delivered a second.
 */

import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { Agent, type Dispatcher } from "undici";
import { TOKEN, type Workerd } from "../tests/workerd/workerd.ts";
import { openDoor, type Post } from "./door.ts";
import { median, progress } from "./measure.ts";

const KEY = "news";
const SUBSCRIBERS = [100, 1000] as const;
const AT_ONCE = 20;
const SINGLE_TIMES = 20;
const PIPELINES = 5;
/** Every event has it once. */
const MARK = "data:";
/** Entries of a pipeline, all subscribers' together. */
const DELIVERIES = 10_000;
const add = ["XADD", KEY, "*", "headline", "x".repeat(40)];

/** Who listens, and how many events each has. */
class Audience implements AsyncDisposable {
  readonly #agent = new Agent({ pipelining: 1 });
  readonly #streams: Dispatcher.ResponseData["body"][] = [];
  readonly #counts: number[] = [];
  /** When each event reached each of them. */
  #receipts: number[] = [];
  #missing = 0;
  #complete: (() => void) | undefined;

  static async of(server: Workerd, subscribers: number): Promise<Audience> {
    const audience = new Audience();
    // Not all at once: a server's queue of new connections is short.
    for (let at = 0; at < subscribers; at += AT_ONCE) {
      progress(`${at} of ${subscribers} subscribers`);
      await Promise.all(Array.from({ length: AT_ONCE }, () => audience.#subscribe(server)));
    }
    return audience;
  }

  async #subscribe(server: Workerd): Promise<void> {
    const options = { headers: { authorization: `Bearer ${TOKEN}`, accept: "text/event-stream" } };
    const address = new URL(`/v1/streams/${KEY}/events`, server.address);
    const { statusCode, body } = await this.#agent.request({
      ...options,
      origin: address.origin,
      path: address.pathname,
      method: "GET",
    });
    assert.equal(statusCode, 200);
    this.#streams.push(body);
    const at = this.#counts.push(0) - 1;
    // What a piece ends with may be the beginning of the mark.
    let rest = Buffer.alloc(0);
    body.on("data", (bytes: Buffer) => {
      const text = Buffer.concat([rest, bytes]);
      this.#take(at, text);
      rest = Buffer.from(text.subarray(1 - MARK.length));
    });
    // It is ended from here.
    body.on("error", () => {});
  }

  #take(at: number, bytes: Buffer): void {
    const now = performance.now();
    for (let from = bytes.indexOf(MARK); from >= 0; from = bytes.indexOf(MARK, from + 1)) {
      this.#counts[at] = (this.#counts[at] ?? 0) + 1;
      this.#receipts.push(now);
      if (--this.#missing === 0) this.#complete?.();
    }
  }

  /** Runs `append`, which brings everybody so many events; when each was received. */
  async receive(events: number, append: () => Promise<unknown>): Promise<readonly number[]> {
    this.#receipts = [];
    this.#missing = events * this.#streams.length;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#complete = resolve;
    await append();
    await promise;
    return this.#receipts;
  }

  /** How many events the one who has fewest has had, and the one who has most. */
  get extremes(): [number, number] {
    return [Math.min(...this.#counts), Math.max(...this.#counts)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    await this.#agent.destroy();
  }
}

/** Measures and prints. */
export async function measureFanOut(ours: Workerd, minimal: Workerd): Promise<void> {
  const rows: Record<string, Record<string, string>> = {};
  for (const subscribers of SUBSCRIBERS) {
    rows[`eddyline, ${subscribers} subscribers`] = await measure(ours, subscribers);
    rows[`least, ${subscribers} subscribers`] = await measure(minimal, subscribers);
  }
  progress("");
  console.log("Server-Sent Events");
  console.table(rows);
}

async function measure(server: Workerd, subscribers: number): Promise<Record<string, string>> {
  await using door = openDoor(server);
  const { post } = door;
  await using audience = await Audience.of(server, subscribers);
  // The first ones warm up.
  await single(audience, post);
  const delays: number[] = [];
  for (let time = 0; time < SINGLE_TIMES; time++) {
    progress(`${subscribers} subscribers: ${time} of ${SINGLE_TIMES} entries`);
    delays.push(...(await single(audience, post)));
  }
  const rates: number[] = [];
  for (let time = 0; time < PIPELINES; time++) {
    progress(`${subscribers} subscribers: ${time} of ${PIPELINES} pipelines`);
    rates.push(await many(audience, post, subscribers));
  }
  const all = 1 + SINGLE_TIMES + PIPELINES * (DELIVERIES / subscribers);
  assert.deepEqual(audience.extremes, [all, all], "everybody has each once");
  delays.sort((a, b) => a - b);
  const at = (part: number) => delays[Math.floor((delays.length - 1) * part)] ?? Number.NaN;
  return {
    "entries delivered/s": Math.round(median(rates)).toLocaleString("en"),
    "p50, ms": at(0.5).toFixed(1),
    "p99, ms": at(0.99).toFixed(1),
  };
}

async function single(audience: Audience, post: Post): Promise<number[]> {
  const start = performance.now();
  const receipts = await audience.receive(1, () => post("/", add));
  return receipts.map((time) => time - start);
}

async function many(audience: Audience, post: Post, subscribers: number): Promise<number> {
  const entries = DELIVERIES / subscribers;
  const start = performance.now();
  await audience.receive(entries, () => post("/pipeline", Array(entries).fill(add)));
  return DELIVERIES / ((performance.now() - start) / 1000);
}
