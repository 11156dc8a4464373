/** Consumer groups of values: who gets what, and when again. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline, type GroupMessage } from "../src/entry/node.ts";
import { drained, type Job, jobs, LONG, opened, pendingOf, take } from "./jobs.ts";
import { ScriptedStorage } from "./scripted-storage.ts";

describe("consume", () => {
  test("gives every message once, in order", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1000));
    const seen: number[] = [];
    for await (const message of at.group.consume()) {
      assert.equal(message.deliveries, 1);
      seen.push(message.value.n);
      message.ack();
      if (seen.length === 1000) break;
    }
    assert.deepEqual(
      seen,
      jobs(1000).map(({ n }) => n),
    );
    assert.deepEqual(await at.group.lag(), { undelivered: 0, pending: 0 });
  });

  test("begins where the group is told to, when it is created", async () => {
    await using at = await opened();
    const [, second] = await at.stream.append(jobs(3));
    const group = at.stream.group("later", { start: second });
    assert.equal((await take(group.consume())).value.n, 2);
    const again = at.stream.group("later", { start: "$" });
    assert.equal((await take(again.consume())).value.n, 2);
  });

  test("waits for messages, and creates stream and group", async () => {
    await using at = await opened();
    const messages = at.group.consume();
    const step = messages.next();
    await sleep(10);
    await at.stream.append({ n: 7 });
    assert.equal((await step).value?.value.n, 7);
    await messages.return();
  });

  test("gives back what the loop is left at, and what was read ahead", async () => {
    await using at = await opened();
    await at.stream.append(jobs(500));
    let seen = 0;
    const loop = async () => {
      for await (const message of at.group.consume({ minIdle: LONG })) {
        if (++seen === 100) throw new Error("broken");
        message.ack();
      }
    };
    await assert.rejects(loop(), new Error("broken"));
    assert.deepEqual(await at.group.lag().then(({ pending }) => pending > 0), true);
    const first = await take(at.group.consume({ minIdle: LONG }));
    assert.deepEqual([first.value.n, first.deliveries], [99, 2]);
    const rest = await drained(at, { minIdle: LONG });
    assert.deepEqual(
      rest.map(({ value }) => value.n).toSorted((a, b) => a - b),
      jobs(500)
        .slice(99)
        .map(({ n }) => n),
    );
    // What was only read ahead does not count as delivered.
    assert.ok(rest.every(({ value, deliveries }) => deliveries === (value.n === 99 ? 3 : 1)));
  });

  test("refuses to go on from a message that was not settled", async () => {
    await using at = await opened();
    await at.stream.append(jobs(2));
    const messages = at.group.consume({ minIdle: LONG });
    await messages.next();
    await assert.rejects(messages.next(), { code: "UNSETTLED" });
    assert.deepEqual(await pendingOf(at), [["", 1]]);
  });

  test("has no more in flight than it is told", async () => {
    await using at = await opened();
    await at.stream.append(jobs(10));
    await using messages = at.group.consume({ concurrency: 3 });
    const taken: GroupMessage<Job>[] = [];
    for (let n = 0; n < 3; n++) taken.push((await messages.next()).value as GroupMessage<Job>);
    let isThere = false;
    const fourth = messages.next().then((step) => {
      isThere = true;
      return step.value as GroupMessage<Job>;
    });
    await sleep(10);
    assert.equal(isThere, false);
    taken[1]?.ack();
    assert.equal((await fourth).value.n, 3);
    for (const message of [...taken, await fourth]) message.ack();
  });

  test("reads no further ahead than it is told, however fast it goes", async () => {
    await using at = await opened();
    await at.stream.append(jobs(300));
    const messages = at.group.consume({ prefetch: 5 });
    let most = 0;
    for await (const message of messages) {
      await messages.flush();
      most = Math.max(most, (await at.group.lag()).pending);
      message.ack();
      if (message.value.n === 299) break;
    }
    assert.ok(most <= 6, `${most} were pending`);
  });

  test("acknowledges together what is finished together", async () => {
    await using at = await opened();
    await at.stream.append(jobs(100));
    const all = Promise.withResolvers<void>();
    const stop = new AbortController();
    const handler = ({ value }: GroupMessage<Job>) => {
      if (value.n === 99) {
        all.resolve();
        stop.abort();
      }
      return all.promise;
    };
    await at.group.process(handler, { concurrency: 100, signal: stop.signal });
    const stats = String(await at.db.sendCommand(["INFO", "commandstats"]));
    assert.match(stats, /cmdstat_xack:calls=1,/);
    assert.deepEqual(await at.group.lag(), { undelivered: 0, pending: 0 });
  });

  test("settles a message as it is told first", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    const messages = at.group.consume();
    const message = (await messages.next()).value as GroupMessage<Job>;
    assert.equal(message.isSettled, false);
    message.ack();
    message.nack();
    message.reject();
    assert.equal(message.isSettled, true);
    await messages.flush();
    assert.deepEqual(await at.group.lag(), { undelivered: 0, pending: 0 });
    assert.equal(await at.db.exists("{jobs}:g:dead"), 0);
    await messages.close();
  });

  test("ends in good order by its signal", async () => {
    await using at = await opened();
    await at.stream.append(jobs(50));
    const stop = new AbortController();
    let seen = 0;
    for await (const message of at.group.consume({ signal: stop.signal, minIdle: LONG })) {
      seen++;
      if (seen === 10) stop.abort();
      message.ack();
    }
    assert.equal(seen, 10);
    assert.ok((await pendingOf(at)).every(([consumer]) => consumer === ""));
    assert.equal((await drained(at, { minIdle: LONG })).length, 40);
  });

  test("ends at once where there is nothing, and need not have begun", async () => {
    await using at = await opened();
    assert.deepEqual(await at.group.consume({ signal: AbortSignal.abort() }).next(), {
      done: true,
      value: undefined,
    });
    await at.group.consume().close();
    const messages = at.group.consume();
    const step = messages.next();
    await sleep(5);
    await messages.close();
    assert.equal((await step).done, true);
  });

  test("gives back what a block ended at", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    {
      await using messages = at.group.consume({ minIdle: LONG });
      await messages.next();
    }
    assert.deepEqual(await pendingOf(at), [["", 1]]);
  });

  test("finishes what is in flight when it is closed from elsewhere", async () => {
    await using at = await opened();
    await at.stream.append(jobs(3));
    const messages = at.group.consume({ minIdle: LONG });
    const seen: number[] = [];
    let closing: Promise<void> | undefined;
    for await (const message of messages) {
      closing ??= messages.close();
      await sleep(5);
      seen.push(message.value.n);
      message.ack();
    }
    await closing;
    assert.deepEqual(seen, [0]);
    assert.equal((await drained(at, { minIdle: LONG })).length, 2);
  });

  test("goes on with an engine that was lost and restored, and ends with one that was closed", async () => {
    const storage = new ScriptedStorage();
    const db = await Eddyline.open(storage);
    const stream = db.stream<Job>("jobs");
    const seen: number[] = [];
    const processing = stream.group("g").process(({ value }) => void seen.push(value.n));
    await stream.append({ n: 1 });
    while (seen.length < 1) await sleep(1);
    storage.failure = new Error("disk");
    await assert.rejects(stream.append({ n: 2 }), { code: "ENGINE_LOST" });
    storage.failure = undefined;
    await stream.append({ n: 3 });
    while (!seen.includes(3)) await sleep(1);
    const ended = assert.rejects(processing, { code: "CLOSED" });
    await db.close();
    await ended;
  });

  test("fails with what the engine says", async () => {
    await using at = await opened();
    await at.db.sendCommand(["SET", "jobs", "no stream"]);
    await assert.rejects(at.group.consume().next(), { code: "WRONGTYPE" });
    await assert.rejects(
      at.group.process(() => {}),
      { code: "WRONGTYPE" },
    );
    await at.db.del("jobs");
    const ending = assert.rejects(
      at.group.process(() => {}),
      { code: "NOGROUP" },
    );
    await sleep(10);
    await at.db.xGroupDestroy("jobs", "g");
    await ending;
    await assert.rejects(at.group.consume({ minIdle: 0 }).next(), RangeError);
  });
});

describe("a message", () => {
  test("is claimed when its consumer has gone without a word", async () => {
    await using at = await opened();
    await at.stream.append(jobs(3));
    await at.group.lag();
    await at.db.xReadGroup("g", "dead", { key: "jobs", id: ">" }, { COUNT: 2 });
    const got = await drained(at, { minIdle: 300 }, 3);
    assert.deepEqual(got.map(({ value, deliveries }) => [value.n, deliveries]).toSorted(), [
      [0, 2],
      [1, 2],
      [2, 1],
    ]);
  });

  test("comes again when its delay is over, not when it is left for idle", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    const messages = at.group.consume({ minIdle: LONG });
    ((await messages.next()).value as GroupMessage<Job>).nack({ delay: 20 });
    const again = (await messages.next()).value as GroupMessage<Job>;
    assert.equal(again.deliveries, 2);
    again.ack();
    await messages.close();
  });

  test("that is delayed is left to others when its consumer ends", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    const first = at.group.consume({ minIdle: 50 });
    ((await first.next()).value as GroupMessage<Job>).nack({ delay: LONG });
    await first.close();
    assert.deepEqual(await pendingOf(at), [["default", 1]]);
    assert.equal((await take(at.group.consume({ minIdle: 50 }))).deliveries, 2);
  });

  test("counts as failed when its time is over, and may still be finished", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    const messages = at.group.consume({ timeout: 30, concurrency: 2 });
    const message = (await messages.next()).value as GroupMessage<Job>;
    const again = (await messages.next()).value as GroupMessage<Job>;
    assert.equal((message.signal.reason as Error).name, "TimeoutError");
    assert.deepEqual([again.id, again.deliveries], [message.id, 2]);
    message.ack();
    await messages.flush();
    assert.equal((await at.group.lag()).pending, 0);
    again.ack();
    await messages.close();
  });

  test("that is no more in the stream leaves the pending list", async () => {
    await using at = await opened();
    const [id = ""] = await at.stream.append(jobs(2));
    await at.group.lag();
    await at.db.xReadGroup("g", "dead", { key: "jobs", id: ">" });
    await at.db.xDel("jobs", id);
    await sleep(30);
    const [message] = await drained(at, { minIdle: 20 }, 1);
    assert.equal(message?.value.n, 1);
    assert.deepEqual(await at.group.lag().then(({ pending }) => pending), 0);
  });
});

// Slow, so that a machine that stops for a second changes nothing.
describe("a message in time", { concurrency: true }, () => {
  test("comes again at once, or after a delay longer than others wait", async () => {
    await using at = await opened();
    await at.stream.append(jobs(2));
    const order: [number, number][] = [];
    const at0 = performance.now();
    let lateMs = 0;
    for await (const message of at.group.consume({ minIdle: 3000, prefetch: 0 })) {
      order.push([message.value.n, message.deliveries]);
      if (message.value.n === 0 && message.deliveries === 1) message.nack({ delay: 4000 });
      else if (message.value.n === 1 && message.deliveries === 1) message.nack();
      else message.ack();
      if (message.value.n !== 0 || message.deliveries !== 2) continue;
      lateMs = performance.now() - at0;
      break;
    }
    assert.deepEqual(order, [
      [0, 1],
      [1, 1],
      [1, 2],
      [0, 2],
    ]);
    assert.ok(lateMs >= 3900);
  });

  test("stays with a handler that takes longer than others wait", async () => {
    await using at = await opened();
    await at.stream.append(jobs(2));
    const stop = new AbortController();
    const started: number[] = [];
    const options = { signal: stop.signal, minIdle: 3000, onError: () => {} };
    const slow = async ({ value }: GroupMessage<Job>) => {
      started.push(value.n);
      await sleep(4500);
      if (started.length >= 2) stop.abort();
    };
    await Promise.all([at.group.process(slow, options), at.group.process(slow, options)]);
    assert.deepEqual(started.toSorted(), [0, 1]);
  });

  test("has its time anew when it is extended", async () => {
    await using at = await opened();
    await at.stream.append(jobs(1));
    await using messages = at.group.consume({ timeout: 3000 });
    const message = (await messages.next()).value as GroupMessage<Job>;
    const { signal } = message;
    for (let i = 0; i < 4; i++) {
      await sleep(1000);
      message.extend();
    }
    assert.equal(signal.aborted, false);
    message.ack();
  });

  test("that was read ahead goes to others when there is no time for it", async () => {
    await using at = await opened();
    await at.stream.append(jobs(40));
    const slow = at.group.consume({ minIdle: 3000 });
    const isFull = async () => (await at.group.lag()).pending > 1;
    let message = (await slow.next()).value as GroupMessage<Job>;
    while (!(await isFull())) {
      message.ack();
      message = (await slow.next()).value as GroupMessage<Job>;
    }
    const { length } = await drained(at, { minIdle: LONG }, 39 - message.value.n);
    assert.equal(length, 39 - message.value.n);
    message.ack();
    await slow.close();
    assert.deepEqual(await at.group.lag(), { undelivered: 0, pending: 0 });
  });
});
