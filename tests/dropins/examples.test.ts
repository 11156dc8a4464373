/**
 * What the examples do that ioredis and node-redis publish for streams and for what goes with them,
 * call by call, each named by its file there.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { Redis } from "eddyline/ioredis";
import { createClient, WatchError } from "eddyline/redis";

describe("ioredis' examples", () => {
  it("examples/redis_streams.js: a channel as a stream, required in the old manner", async () => {
    const IORedis = createRequire(import.meta.url)("eddyline/ioredis") as typeof Redis;
    const redis = new IORedis("memory://examples");
    assert.equal(await redis.xlen("channel"), 0);
    await redis.xadd("channel", "*", "hello world", "message");
    assert.equal(await redis.xlen("channel"), 1);
    const read = redis.xread as (...args: unknown[]) => ReturnType<typeof redis.xread>;
    const replies = await read.call(redis, ["STREAMS", "channel", 0]);
    assert.deepEqual(replies?.[0]?.[1]?.[0]?.[1], ["hello world", "message"]);
    redis.disconnect();
  });

  it("README, Streams: a reader that waits for what another client appends", async () => {
    const [reader, writer] = [new Redis("memory://hub"), new Redis("memory://hub")];
    const heard: string[] = [];
    const listen = async (lastId: string): Promise<void> => {
      const results = await reader.xread("BLOCK", 0, "STREAMS", "user-stream", lastId);
      const [key, messages = []] = results?.[0] ?? [];
      for (const [, fields = []] of messages) heard.push(`${key} ${fields.join(" ")}`);
      if (heard.length < 3) await listen(messages.at(-1)?.[0] ?? "$");
    };
    const listening = listen("$");
    await once(writer, "ready");
    for (const age of [20, 21, 22])
      await writer.xadd("user-stream", "*", "name", "John", "age", age);
    await listening;
    assert.deepEqual(
      heard,
      [20, 21, 22].map((age) => `user-stream name John age ${age}`),
    );
    for (const redis of [reader, writer]) redis.disconnect();
  });

  it("examples/basic_operations.js, hash.js, set.js, ttl.js: values that go with streams", async () => {
    const redis = new Redis("memory://basic");
    const called = Promise.withResolvers<unknown>();
    redis.set("foo", "bar");
    redis.get("foo", (error, result) => (error ? called.reject(error) : called.resolve(result)));
    assert.equal(await called.promise, "bar");
    await redis.del("foo");
    await redis.sadd("set", 1, 3, 5, 7);
    await redis.sadd("set", [2, 4]);
    assert.equal(await redis.scard("set"), 6);
    await redis.set("key", 100, "EX", 10);
    assert.ok((await redis.ttl("key")) > 0);
    await redis.hset("user", { name: "Bob", age: 20 });
    assert.deepEqual(await redis.hgetall("user"), { name: "Bob", age: "20" });
    assert.deepEqual(await redis.hmget("user", "name", "none"), ["Bob", null]);
    redis.disconnect();
  });
});

describe("node-redis' examples", () => {
  it("examples/stream-producer.js: two streams, one of them trimmed", async () => {
    const client = createClient({ url: "memory://producer" });
    await client.connect();
    const TRIM = { strategy: "MAXLEN", strategyModifier: "~", threshold: 1000 } as const;
    for (let i = 0; i < 2000; i++) {
      await client.xAdd("mystream", "*", { i: i.toString() });
      await client.xAdd("mytrimmedstream", "*", { i: i.toString() }, { TRIM });
    }
    assert.equal(await client.xLen("mystream"), 2000);
    const trimmed = await client.xLen("mytrimmedstream");
    assert.ok(trimmed >= 1000 && trimmed < 1200, String(trimmed));
    client.destroy();
  });

  it("examples/stream-consumer.js: reads that wait, over a pool", async () => {
    const client = createClient({ url: "memory://consumer" });
    await client.connect();
    const pool = client.createPool();
    const waiting = pool.xRead([{ key: "mystream", id: "0-0" }], { COUNT: 1, BLOCK: 5000 });
    const id = await client.xAdd("mystream", "*", { num: "999" });
    assert.deepEqual(await waiting, [
      { name: "mystream", messages: [{ id, message: { num: "999" } }] },
    ]);
    assert.equal(await pool.xRead([{ key: "mystream", id }], { COUNT: 1, BLOCK: 10 }), null);
    pool.destroy();
    client.destroy();
  });

  it("examples/stream-consumer-group.js: two consumers share a stream", async () => {
    const client = createClient({ url: "memory://group" });
    await client.connect();
    const create = () =>
      client.xGroupCreate("mystream", "myconsumergroup", "0", { MKSTREAM: true });
    assert.equal(await create(), "OK");
    await assert.rejects(create, /BUSYGROUP/);
    const pool = client.createPool();
    const consume = async (consumer: string) => {
      const streams = [{ key: "mystream", id: ">" }];
      const options = { COUNT: 1, BLOCK: 5000 };
      const response = await pool.xReadGroup("myconsumergroup", consumer, streams, options);
      const entry = response?.[0]?.messages[0];
      assert.equal(await pool.xAck("mystream", "myconsumergroup", entry?.id ?? ""), 1);
      return entry?.message.i;
    };
    const both = Promise.all([consume("consumer1"), consume("consumer2")]);
    for (const i of ["0", "1"]) await client.xAdd("mystream", "*", { i });
    assert.deepEqual((await both).toSorted(), ["0", "1"]);
    pool.destroy();
    client.destroy();
  });

  it("examples/transaction-with-watch.js, pubsub-*.js: what goes with them", async () => {
    const client = await createClient({ url: "memory://around" }).connect();
    const other = await client.duplicate().connect();
    await client.watch("balance");
    await other.set("balance", "1");
    await assert.rejects(client.multi().set("balance", "2").exec(), WatchError);
    const heard = Promise.withResolvers<string[]>();
    await other.pSubscribe("chan*", (...message) => heard.resolve(message));
    assert.equal(await client.publish("chan1nel", "hi"), 1);
    assert.deepEqual(await heard.promise, ["hi", "chan1nel"]);
    await other.quit();
    await client.close();
  });
});
