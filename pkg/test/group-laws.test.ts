/**
 * The laws of consuming, with consumers that fail, hang, leave, and die at any await: every message
 * is finished at least once, none is acknowledged that was not, and a single loop keeps the order.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Random, randomOf, seedOfRun } from "../../tests/storage/random.ts";
import { type ConsumeOptions, Eddyline, type GroupMessage } from "../src/entry/node.ts";
import { LocalTransport } from "../src/local.ts";
import { type Argv, readText } from "../src/resp.ts";
import { MemoryStorage } from "../src/storage/memory.ts";
import type { Group } from "../src/stream/group.ts";
import { Stream } from "../src/stream/stream.ts";
import { MortalTransport } from "./mortal.ts";

interface Job {
  n: number;
}

const MESSAGES = 150;
const LIVES = 24;
const MIN_IDLE_MS = 60;

/** What all consumers of a run did. */
class Run {
  readonly random: Random;
  readonly engine: LocalTransport;
  readonly finished = new Set<string>();
  /** Acknowledged before they were finished. */
  readonly wrong: string[] = [];
  dead = 0;

  constructor(random: Random, engine: LocalTransport) {
    this.random = random;
    this.engine = engine;
  }

  chance(percent: number): boolean {
    return this.random(100) < percent;
  }

  /** A consumer's own way to the engine. */
  transport(sends: number): MortalTransport {
    const onSend = (argv: Argv) => {
      if (argv[0] !== "XACK") return;
      for (const id of argv.slice(3) as string[]) if (!this.finished.has(id)) this.wrong.push(id);
    };
    return new MortalTransport(this.engine, { sends, isHeard: this.chance(50), onSend });
  }

  /** Works on a message as programs do, good and bad. */
  async work(message: GroupMessage<Job>): Promise<void> {
    if (this.chance(50)) await sleep(this.random(3));
    if (this.chance(5)) return await new Promise(() => {});
    if (this.chance(10)) throw new Error("failed");
    if (this.chance(5)) message.nack({ delay: this.random(100) });
    else this.finished.add(message.id);
    if (this.chance(20)) message.ack();
    // A mistake that must not count.
    if (this.chance(5)) message.nack();
    if (this.chance(20)) await sleep(this.random(3));
  }
}

function optionsOf(run: Run, consumer: string, signal: AbortSignal): ConsumeOptions {
  return {
    consumer,
    signal,
    minIdle: MIN_IDLE_MS,
    timeout: 150,
    drain: 50,
    maxDeliveries: 1000,
    prefetch: run.random(2) * 20,
    concurrency: 1 + run.random(2) * run.random(5),
  };
}

/** One consumer, from its beginning to its end or death. */
async function live(run: Run, consumer: string): Promise<void> {
  const transport = run.transport(3 + run.random(60));
  const stop = AbortSignal.timeout(50 + run.random(400));
  const group = new Stream<Job>(transport, "jobs").group("g");
  const options = optionsOf(run, consumer, stop);
  const life = run.chance(50) ? processes(run, group, options) : iterates(run, group, options);
  const death = new Promise<void>((resolve) => {
    transport.death.addEventListener("abort", () => resolve());
  });
  await Promise.race([life, death]);
  if (transport.death.aborted) run.dead++;
}

async function processes(run: Run, group: Group<Job>, options: ConsumeOptions): Promise<void> {
  const retryDelay = () => run.random(100);
  await group.process((message) => run.work(message), {
    ...options,
    retryDelay,
    onError: () => {},
  });
}

async function iterates(run: Run, group: Group<Job>, options: ConsumeOptions): Promise<void> {
  const loop = async () => {
    for await (const message of group.consume({ ...options, concurrency: 1 })) {
      await Promise.race([run.work(message), sleep(20)]);
      if (run.chance(2)) throw new Error("failed");
      if (run.chance(2)) break;
      if (run.finished.has(message.id)) message.ack();
      else message.nack();
    }
  };
  await loop().catch((error) => {
    if ((error as Error).message !== "failed") throw error;
  });
}

async function runOnce(seed: number): Promise<void> {
  const engine = await LocalTransport.open(new MemoryStorage(), {});
  const run = new Run(randomOf(seed), engine);
  const stream = new Stream<Job>(engine, "jobs");
  const appended: string[] = [];
  const appending = (async () => {
    while (appended.length < MESSAGES) {
      const batch = Array.from({ length: 1 + run.random(20) }, (_, n) => ({ n }));
      appended.push(...(await stream.append(batch)));
      await sleep(run.random(20));
    }
  })();
  // Three at a time, one after the other.
  const lives = async (name: string) => {
    for (let left = LIVES / 3; left > 0; left--) await live(run, `${name}${left}`);
  };
  await Promise.all([appending, ...["a", "b", "c"].map(lives)]);
  await finishRest(run, stream.group("g"));
  assert.deepEqual(run.wrong, [], `acknowledged and not finished, seed ${seed}`);
  const lost = appended.filter((id) => !run.finished.has(id));
  assert.deepEqual(lost, [], `never finished, seed ${seed}`);
  assert.ok(run.dead > 0);
  await engine.close();
}

/** A consumer with which nothing is wrong does what is left. */
async function finishRest(run: Run, group: Group<Job>): Promise<void> {
  const stop = new AbortController();
  const processing = group.process(({ id }) => void run.finished.add(id), {
    signal: stop.signal,
    minIdle: MIN_IDLE_MS,
    maxDeliveries: 1000,
  });
  const isDone = async () => {
    const { undelivered, pending } = await group.lag();
    return undelivered === 0 && pending === 0;
  };
  while (!(await isDone())) await sleep(10);
  stop.abort();
  await processing;
}

test("nothing is lost, and nothing acknowledged that was not finished", async () => {
  const seed = seedOfRun();
  for (let round = 0; round < 8; round++) await runOnce(seed * 1000 + round);
});

test("an orderly end leaves nothing in a consumer's hands", async () => {
  const random = randomOf(seedOfRun());
  await using db = await Eddyline.open("memory://");
  const stream = db.stream<Job>("jobs");
  await stream.append(Array.from({ length: 2000 }, (_, n) => ({ n })));
  for (let round = 0; round < 40; round++) {
    const stop = new AbortController();
    let left = random(40);
    const handler = async () => {
      if (left-- <= 0) stop.abort();
      if (random(2) === 0) await sleep(random(3));
      if (random(4) === 0) throw new Error("failed");
    };
    const options = { concurrency: 1 + random(4), retryDelay: 0, maxDeliveries: 1000 };
    await stream
      .group("g")
      .process(handler, { ...options, signal: stop.signal, onError: () => {} });
    const rows = await db.xPendingRange("jobs", "g", "-", "+", 1000);
    assert.ok(rows.every(({ consumer }) => consumer === ""));
  }
});

test("one loop keeps the order, whatever is read ahead", async () => {
  await using db = await Eddyline.open("memory://");
  const stream = db.stream<Job>("jobs");
  const appending = (async () => {
    for (let n = 0; n < 3000; n += 50) {
      await stream.append(Array.from({ length: 50 }, (_, i) => ({ n: n + i })));
    }
  })();
  const seen: number[] = [];
  const stop = new AbortController();
  const handler = ({ value }: GroupMessage<Job>) => {
    seen.push(value.n);
    if (seen.length === 3000) stop.abort();
  };
  await stream.group("g").process(handler, { signal: stop.signal });
  await appending;
  assert.deepEqual(
    seen,
    Array.from({ length: 3000 }, (_, n) => n),
  );
});

test("a transport that dies is one: a mortal's last word may be heard and not answered", async () => {
  await using engine = await disposable();
  for (const isHeard of [false, true]) {
    const options = { sends: 1, isHeard, onSend: () => {} };
    const mortal = new MortalTransport(engine.transport, options);
    void mortal.send(["XADD", String(isHeard), "*", "a", "1"], readText).then(() => assert.fail());
    await sleep(5);
    const length = await engine.transport.send(["XLEN", String(isHeard)], (r) => r.integer());
    assert.equal(length, isHeard ? 1 : 0);
  }
});

async function disposable() {
  const transport = await LocalTransport.open(new MemoryStorage(), {});
  return { transport, [Symbol.asyncDispose]: () => transport.close() };
}
