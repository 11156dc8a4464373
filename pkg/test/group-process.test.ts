/** Handlers of a group's messages, and what becomes of messages that nobody can finish. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumeOptions, GroupMessage } from "../src/entry/node.ts";
import { drained, type Job, jobs, LONG, type Opened, opened, take } from "./jobs.ts";

describe("process", () => {
  test("acknowledges what was finished, and tries again what failed", async () => {
    await using at = await opened();
    await at.stream.append(jobs(100));
    const stop = new AbortController();
    const tries = new Map<number, number>();
    const errors: unknown[] = [];
    let done = 0;
    await at.group.process(
      async ({ value: { n }, deliveries }) => {
        assert.equal(deliveries, (tries.get(n) ?? 0) + 1);
        tries.set(n, deliveries);
        if (deliveries <= n % 3) throw new Error(`not yet ${n}`);
        if (++done === 100) stop.abort();
      },
      {
        concurrency: 7,
        signal: stop.signal,
        retryDelay: (deliveries) => deliveries,
        onError: (error) => errors.push(error),
      },
    );
    assert.equal(errors.length, 33 + 2 * 33);
    assert.ok([...tries].every(([n, count]) => count === 1 + (n % 3)));
    assert.deepEqual(await at.group.lag(), { undelivered: 0, pending: 0 });
  });

  test("waits for whatever can be awaited", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    const stop = new AbortController();
    let isDone = false;
    // As query builders do: nothing happens before somebody asks for the result.
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: this is what is tested
      then(resolve: (value: unknown) => void) {
        setTimeout(() => {
          isDone = true;
          stop.abort();
          resolve(undefined);
        }, 10);
      },
    };
    await at.group.process(() => query, { signal: stop.signal });
    assert.ok(isDone);
    assert.deepEqual(await at.group.lag(), { undelivered: 0, pending: 0 });
  });

  test("lets a handler settle the message itself", async () => {
    await using at = await opened();
    await at.stream.append(jobs(2));
    const stop = new AbortController();
    const handler = (message: GroupMessage<Job>) => {
      if (message.value.n === 1) stop.abort();
      message.reject("not wanted");
    };
    await at.group.process(handler, { signal: stop.signal });
    const letters = await Array.fromAsync(at.group.deadLetters());
    assert.deepEqual(
      letters.map(({ reason, value }) => [reason, value?.n]),
      [
        ["not wanted", 0],
        ["not wanted", 1],
      ],
    );
  });

  test("waits at its end for what is in flight, but not for ever", async () => {
    await using at = await opened();
    await at.stream.append(jobs(2));
    const stop = new AbortController();
    const finished: number[] = [];
    const signals: AbortSignal[] = [];
    const handler = async ({ value, signal }: GroupMessage<Job>) => {
      signals.push(signal);
      if (signals.length === 2) stop.abort();
      await sleep(value.n === 0 ? 30 : 10_000, undefined, { ref: false });
      finished.push(value.n);
    };
    const options = { concurrency: 2, signal: stop.signal, drain: 100, minIdle: LONG };
    await at.group.process(handler, { ...options, onError: () => {} });
    assert.deepEqual(finished, [0]);
    assert.equal(signals[1]?.aborted, true);
    const [left] = await drained(at, { minIdle: LONG }, 1);
    assert.deepEqual([left?.value.n, left?.deliveries], [1, 2]);
  });

  test("ends with what its `onError` throws", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    const fail = () => {
      throw new Error("handler");
    };
    const onError = () => {
      throw new Error("enough");
    };
    await assert.rejects(at.group.process(fail, { onError }), new Error("enough"));
  });

  test("shares the work of a group out", async () => {
    await using at = await opened();
    const stop = new AbortController();
    const all = Promise.withResolvers<void>();
    const workers = new Set<string>();
    const work = (consumer: string) =>
      at.group.process(
        async () => {
          workers.add(consumer);
          if (workers.size === 3) all.resolve();
          // Whoever took two would wait here for ever.
          await all.promise;
          stop.abort();
        },
        { consumer, signal: stop.signal },
      );
    const done = ["a", "b", "c"].map(work);
    await at.stream.append(jobs(3));
    await Promise.all(done);
    assert.deepEqual([...workers].toSorted(), ["a", "b", "c"]);
  });
});

describe("dead letters", () => {
  const failing = { retryDelay: 0, onError: () => {} };

  async function bury(at: Opened, options: ConsumeOptions = {}) {
    const stop = new AbortController();
    const letters = at.group.process(
      () => {
        throw new Error("will not do");
      },
      { ...failing, ...options, signal: stop.signal },
    );
    while ((await at.db.xLen("{jobs}:g:dead")) === 0) await sleep(2);
    stop.abort();
    await letters;
  }

  test("hold the message, byte by byte, and say why", async () => {
    await using at = await opened();
    const id = await at.db.xAdd("jobs", "*", [
      ["n", "1"],
      ["raw", new Uint8Array([0, 255])],
      ["n", "2"],
    ]);
    await bury(at, { maxDeliveries: 3 });
    assert.deepEqual(await at.group.lag(), { undelivered: 0, pending: 0 });
    const [letter] = await Array.fromAsync(at.group.deadLetters());
    assert.deepEqual(letter?.origin, { stream: "jobs", group: "g", id });
    assert.deepEqual([letter?.deliveries, letter?.reason, letter?.value?.n], [3, "will not do", 2]);
    const raw = await at.db.withBytes().sendCommand(["XRANGE", "{jobs}:g:dead", "-", "+"]);
    const [[, fields]] = raw as [[unknown, Uint8Array[]]];
    assert.deepEqual(
      fields.slice(10).map((field) => [...field]),
      [[110], [49], [114, 97, 119], [0, 255], [110], [50]],
    );
  });

  test("go round again for this group alone", async () => {
    await using at = await opened();
    const id = await at.stream.append({ n: 1 });
    const other = at.stream.group("other");
    for await (const message of other.consume()) {
      message.ack();
      break;
    }
    await bury(at, { maxDeliveries: 1 });
    for await (const letter of at.group.deadLetters()) {
      assert.equal(await letter.redrive(), id);
      assert.equal(await letter.redrive(), null);
    }
    assert.equal(await at.db.xLen("{jobs}:g:dead"), 0);
    assert.deepEqual(await other.lag(), { undelivered: 0, pending: 0 });
    const message = await take(at.group.consume());
    assert.deepEqual([message.id, message.deliveries], [id, 1]);
    // The same message may die twice.
    await bury(at, { maxDeliveries: 1 });
  });

  test("are appended anew where their entry is gone", async () => {
    await using at = await opened();
    const id = await at.stream.append({ n: 1 });
    await bury(at, { maxDeliveries: 1 });
    await at.stream.trim({ maxLen: 0, exact: true });
    const [letter] = await Array.fromAsync(at.group.deadLetters());
    const fresh = await letter?.redrive();
    assert.notEqual(fresh, id);
    const message = await take(at.group.consume());
    assert.deepEqual([message.id, message.value], [fresh, { n: 1 }]);
  });

  test("take what killed its consumers each time", async () => {
    await using at = await opened();
    await at.stream.append(jobs(2));
    await at.group.lag();
    for (let i = 0; i < 3; i++) {
      const ids = (await at.db.xRange("jobs", "-", "+")).map(({ id }) => id);
      if (i === 0) await at.db.xReadGroup("g", "dead", { key: "jobs", id: ">" }, { COUNT: 1 });
      else await at.db.xClaim("jobs", "g", "dead", 0, ids[0] as string);
    }
    await sleep(250);
    const message = await take(
      at.group.consume({ minIdle: 200, maxDeliveries: 3, concurrency: 2 }),
    );
    assert.equal(message.value.n, 1);
    const [letter] = await Array.fromAsync(at.group.deadLetters());
    assert.equal(letter?.reason, "was delivered 3 times and not finished");
    await letter?.delete();
    assert.deepEqual(await Array.fromAsync(at.group.deadLetters()), []);
  });

  test("do not lose a message that cannot be put with them", async () => {
    await using at = await opened();
    await at.stream.append({ n: 1 });
    await at.db.sendCommand(["SET", "{jobs}:g:dead", "no stream"]);
    const ending = at.group.process(() => Promise.reject(new Error("no")), {
      ...failing,
      maxDeliveries: 1,
    });
    await assert.rejects(ending, { code: "WRONGTYPE" });
    assert.equal((await at.group.lag()).pending, 1);
  });
});
