/** A stream as a log: appended, read, followed, kept within bounds, and as Web Streams. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline, type Entry } from "../src/entry/node.ts";

interface Numbered {
  n: number;
}

const valuesOf = (entries: AsyncIterable<Entry<Numbered>>) =>
  Array.fromAsync(entries, ({ value }) => value.n);

const numbers = (length: number) => Array.from({ length }, (_, n) => ({ n }));

describe("append", () => {
  test("answers the ID of each entry, in order", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    const ids = await stream.append(numbers(2500));
    assert.deepEqual(await Array.fromAsync(stream.entries(), ({ id }) => id), ids);
    assert.equal(await stream.append({ n: 1 }), (await db.xRevRange("s", "+", "-"))[0]?.id);
    assert.deepEqual(await stream.append([]), []);
  });

  test("keeps the order of calls made at once", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    const ids = await Promise.all(numbers(300).map((value) => stream.append(value)));
    assert.deepEqual(await Array.fromAsync(stream.entries(), ({ id }) => id), ids);
    assert.deepEqual(
      await valuesOf(stream.entries()),
      numbers(300).map(({ n }) => n),
    );
  });

  test("appends once under a key", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    const first = await stream.append({ n: 1 }, { idempotencyKey: "a" });
    assert.equal(await stream.append({ n: 1 }, { idempotencyKey: "a" }), first);
    const ids = await stream.append(numbers(3), { idempotencyKey: ({ n }) => `n${n}` });
    const again = await db.stream<Numbered>("s").append(numbers(4), {
      idempotencyKey: ({ n }) => `n${n}`,
    });
    assert.deepEqual(again.slice(0, 3), ids);
    assert.deepEqual(await valuesOf(stream.entries()), [1, 0, 1, 2, 3]);
    const wrong = { idempotencyKey: "one for many" as unknown as () => string };
    await assert.rejects(stream.append(numbers(2), wrong), TypeError);
  });

  test("sends nothing when one of many is refused", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    await assert.rejects(stream.append([{ n: 1 }, { n: Number.NaN }]), TypeError);
    assert.equal(await db.exists("s"), 0);
  });

  test("can be given up", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(stream.append({ n: 1 }, { signal }), reason);
    assert.equal(await db.xLen("s"), 0);
  });
});

describe("retention", () => {
  test("keeps the newest, and what a stream's options say", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s", { trim: { maxLen: 3, exact: true } });
    await stream.append(numbers(10));
    assert.deepEqual(await valuesOf(stream.entries()), [7, 8, 9]);
    await stream.append({ n: 10 }, { trim: { maxLen: 2, exact: true } });
    assert.deepEqual(await valuesOf(stream.entries()), [9, 10]);
    assert.equal(await stream.trim({ maxLen: 0 }), 2);
  });

  test("keeps what is young by the engine's clock, not by this process'", async () => {
    let now = 1_000_000;
    await using db = await Eddyline.open("memory://", { now: () => now });
    const trim = { maxAge: 1000, exact: true };
    await db.stream<Numbered>("s").append({ n: 1 }, { trim });
    now += 600;
    const stream = db.stream<Numbered>("s");
    await stream.append({ n: 2 }, { trim });
    assert.deepEqual(await valuesOf(stream.entries()), [1, 2]);
    now += 600;
    // A handle that has seen no ID yet asks for the time.
    await db.stream<Numbered>("s").append({ n: 3 }, { trim });
    assert.deepEqual(await valuesOf(stream.entries()), [2, 3]);
    now += 5000;
    assert.equal(await db.stream<Numbered>("s").trim(trim), 2);
  });

  test("may spare what a group has not acknowledged", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    await stream.append(numbers(4));
    for await (const message of stream.group("g").consume()) {
      message.ack();
      if (message.value.n === 1) break;
    }
    await stream.append({ n: 4 }, { trim: { maxLen: 0, acked: true } });
    assert.deepEqual(await valuesOf(stream.entries()), [2, 3, 4]);
  });

  test("keeps from a place on", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    const ids = await stream.append(numbers(4));
    await stream.trim({ from: ids[2] as string, exact: true });
    assert.deepEqual(await valuesOf(stream.entries()), [2, 3]);
  });
});

describe("entries", () => {
  test("are read from and to a place, either way, so many of them", async () => {
    await using db = await Eddyline.open("memory://", { now: () => 5000 });
    const stream = db.stream<Numbered>("s");
    const ids = await stream.append(numbers(250));
    const [from, to] = [ids[10] as string, ids[240] as string];
    const n = (first: number, last: number) =>
      numbers(last + 1)
        .slice(first)
        .map((v) => v.n);
    assert.deepEqual(await valuesOf(stream.entries({ from, to })), n(10, 240));
    assert.deepEqual(await valuesOf(stream.entries({ after: from, to })), n(11, 240));
    const reversed = await valuesOf(stream.entries({ from, to, reverse: true }));
    assert.deepEqual(reversed, n(10, 240).toReversed());
    assert.deepEqual(await valuesOf(stream.entries({ limit: 120 })), n(0, 119));
    assert.deepEqual(await valuesOf(stream.entries({ reverse: true, limit: 2 })), [249, 248]);
    assert.deepEqual(await valuesOf(stream.entries({ limit: 0 })), []);
    assert.deepEqual(await valuesOf(stream.entries({ from: new Date(5001) })), []);
    assert.deepEqual(await valuesOf(stream.entries({ from: new Date(5000), limit: 1 })), [0]);
    assert.deepEqual(await valuesOf(db.stream<Numbered>("none").entries()), []);
  });

  test("end with the signal's reason", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    await stream.append(numbers(3));
    const giveUp = new AbortController();
    const read: number[] = [];
    const reading = async () => {
      for await (const { value } of stream.entries({ signal: giveUp.signal })) {
        read.push(value.n);
        giveUp.abort(new Error("enough"));
      }
    };
    await assert.rejects(reading(), new Error("enough"));
    assert.deepEqual(read, [0]);
  });
});

describe("follow", () => {
  test("gives what is there, then what comes, each entry once and in order", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    await stream.append(numbers(150));
    const appending = (async () => {
      for (const { n } of numbers(300).slice(150)) await stream.append({ n });
    })();
    const read: number[] = [];
    for await (const { value } of stream.follow()) {
      read.push(value.n);
      if (value.n === 299) break;
    }
    await appending;
    assert.deepEqual(
      read,
      numbers(300).map(({ n }) => n),
    );
  });

  test("begins where it is told to", async () => {
    await using db = await Eddyline.open("memory://", { now: () => 7 });
    const stream = db.stream<Numbered>("s");
    await db.xAdd("s", "6-0", { n: "6" });
    const [a = "", b = ""] = await stream.append([{ n: 0 }, { n: 1 }, { n: 2 }]);
    const first = async (start: Parameters<typeof stream.follow>[0]) => {
      for await (const { value } of stream.follow(start)) return value.n;
      return undefined;
    };
    assert.equal(await first({ from: a }), 0);
    assert.equal(await first({ from: b }), 1);
    assert.equal(await first({ after: b }), 2);
    assert.equal(await first({ from: "7" }), 0);
    assert.equal(await first({ from: new Date(6) }), 6);
    assert.equal(await first({}), 6);
    assert.equal(await first({ from: "0-0" }), 6);
    const coming = first({ from: "$" });
    await sleep(10);
    await stream.append({ n: 3 });
    assert.equal(await coming, 3);
    await assert.rejects(first({ from: "no id" }), { code: "ERR" });
  });

  test("ends while it waits: by its signal, by return, by closing", async () => {
    const db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    const signal = AbortSignal.timeout(5);
    await assert.rejects(stream.follow({ signal }).next(), { name: "TimeoutError" });
    const entries = stream.follow();
    const step = entries.next();
    await sleep(5);
    await entries.return();
    assert.deepEqual(await step, { done: true, value: undefined });
    assert.deepEqual(await entries.next(), { done: true, value: undefined });
    const closed = assert.rejects(stream.follow().next(), { code: "CLOSED" });
    await sleep(5);
    await db.close();
    await closed;
    assert.deepEqual(await stream.follow().return(), { done: true, value: undefined });
  });

  test("leaves no wait behind, however many began", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    await stream.append({ n: 0 });
    for (let round = 0; round < 200; round++) {
      for await (const _ of stream.follow()) break;
    }
    const info = String(await db.sendCommand(["INFO", "clients"]));
    assert.match(info, /blocked_clients:0\r/);
  });
});

describe("Web Streams", () => {
  test("read no more than is taken", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    await stream.append(numbers(1000));
    const before = await calls(db, "xread");
    const reader = stream.readable().getReader();
    for (let n = 0; n < 150; n++) assert.equal((await reader.read()).value?.value.n, n);
    await sleep(5);
    // 100 entries a page.
    assert.equal((await calls(db, "xread")) - before, 2);
    await reader.cancel();
    const whole = stream.readable({ follow: false });
    assert.equal((await Array.fromAsync(whole)).length, 1000);
  });

  test("end a wait when they are cancelled", async () => {
    await using db = await Eddyline.open("memory://");
    const reader = db.stream<Numbered>("s").readable().getReader();
    const step = reader.read();
    await sleep(5);
    await reader.cancel();
    assert.equal((await step).done, true);
    assert.match(String(await db.sendCommand(["INFO", "clients"])), /blocked_clients:0\r/);
  });

  test("append in order, and have appended all when they are closed", async () => {
    await using db = await Eddyline.open("memory://");
    const stream = db.stream<Numbered>("s");
    await sourceOf(numbers(3333)).pipeTo(stream.writable());
    assert.deepEqual(
      await valuesOf(stream.entries()),
      numbers(3333).map(({ n }) => n),
    );
  });

  test("hold a writer back while the stream does not take more", async () => {
    const gate = Promise.withResolvers<void>();
    await using db = await Eddyline.open("memory://");
    const stream = db.stream("s", {
      schema: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: (value: unknown) => gate.promise.then(() => ({ value: value as Numbered })),
        },
      },
    });
    let taken = 0;
    const source = new ReadableStream<Numbered>(
      { pull: (controller) => controller.enqueue({ n: taken++ }) },
      { highWaterMark: 0 },
    );
    const end = new AbortController();
    const piped = source.pipeTo(stream.writable(), { signal: end.signal }).catch(() => {});
    await sleep(50);
    // A batch under way, a thousand behind it, and what the platform's queues hold.
    assert.ok(taken > 0 && taken < 1100, `${taken} were taken`);
    gate.resolve();
    end.abort();
    await piped;
  });

  test("fail as the append does", async () => {
    await using db = await Eddyline.open("memory://");
    await db.sendCommand(["SET", "s", "no stream"]);
    const writing = sourceOf(numbers(10)).pipeTo(db.stream<Numbered>("s").writable());
    await assert.rejects(writing, { code: "WRONGTYPE" });
  });
});

/** How often a command was called. */
async function calls(db: Eddyline, command: string): Promise<number> {
  const info = String(await db.sendCommand(["INFO", "commandstats"]));
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
}

/** A stream of these values. */
function sourceOf<T>(values: readonly T[]): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      for (const value of values) controller.enqueue(value);
      controller.close();
    },
  });
}
