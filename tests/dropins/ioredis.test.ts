/** `eddyline/ioredis` in what is its own: which clients share what, and the life of a connection. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import Default, { Cluster, Command, Redis, ReplyError } from "eddyline/ioredis";
import type { Redis as Original } from "ioredis";

const CLOSED = { message: "Connection is closed." };

describe("which keyspace", () => {
  it("is shared by all who name one server, however they do", async () => {
    const port = 27_050;
    const clients = [
      new Redis(port),
      new Redis(port, "127.0.0.1"),
      new Redis(`redis://localhost:${port}`),
      new Redis(`redis://user:secret@localhost:${port}/0`),
      new Redis(`localhost:${port}`),
      new Redis({ host: "::1", port }),
      new Redis(String(port) as never),
      new Redis(port, { db: 0 }),
      new Redis(`memory://127.0.0.1:${port}`),
      new Default(port),
    ];
    await clients[0]?.set("k", "shared");
    assert.deepEqual(
      await Promise.all(clients.map((client) => client.get("k"))),
      clients.map(() => "shared"),
    );
    const others = [
      new Redis(port + 1),
      new Redis(port, "redis.example"),
      new Redis(port, { db: 3 }),
    ];
    others.push(new Redis(`redis://localhost:${port}/3`), new Redis("/tmp/redis.sock"));
    const seen = await Promise.all(others.map((client) => client.get("k")));
    assert.deepEqual(seen, [null, null, null, null, null]);
    for (const client of [...clients, ...others]) client.disconnect();
  });

  it("stays when its clients have gone, as a server does", async () => {
    const first = new Redis("memory://stays");
    await first.set("k", "v");
    await first.quit();
    const second = new Redis("memory://stays");
    assert.equal(await second.get("k"), "v");
    await second.flushall();
    assert.equal(await second.dbsize(), 0);
    second.disconnect();
  });

  it("begins with what ioredis-mock would begin with", async () => {
    const data = { next: "3", user: { name: "Ada" }, queue: ["a", "b"], tags: new Set(["x"]) };
    const redis = new Redis("memory://begins", { data } as object);
    assert.equal(await redis.get("next"), "3");
    assert.deepEqual(await redis.hgetall("user"), { name: "Ada" });
    assert.deepEqual(await redis.lrange("queue", 0, -1), ["a", "b"]);
    assert.deepEqual(await redis.smembers("tags"), ["x"]);
    const other = redis.duplicate();
    assert.equal(await other.llen("queue"), 2);
    for (const client of [redis, other]) client.disconnect();
  });

  it("can be a folder, which its last client sets free", async () => {
    const folder = mkdtempSync(join(tmpdir(), "eddyline-dropins-"));
    for (const n of [1, 2, 3]) {
      const [one, two] = [new Redis(`file:${folder}`), new Redis(`file:${folder}`)];
      assert.equal(await one.incr("n"), n);
      assert.equal(await two.get("n"), String(n));
      await Promise.all([one.quit(), two.quit()]);
    }
    rmSync(folder, { recursive: true });
  });

  it("can be a folder that is opened again while it is being closed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "eddyline-dropins-"));
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 3; n++) {
      const redis = new Redis(`file:${folder}`);
      await once(redis, "ready");
      calls.push(redis.incr("n"));
      // The engine runs it, and its commit is on its way.
      await Promise.resolve();
      redis.disconnect();
    }
    assert.deepEqual(await Promise.all(calls), [1, 2, 3]);
    const redis = new Redis(`file:${folder}`);
    assert.equal(await redis.get("n"), "3");
    await redis.quit();
    rmSync(folder, { recursive: true });
  });

  it("is an error where it cannot be opened", async () => {
    const redis = new Redis("file:/dev/null/nowhere");
    const waiting = redis.get("k");
    const [error] = (await once(redis, "error")) as [Error];
    await assert.rejects(waiting, { message: error.message });
    await assert.rejects(redis.get("k"), CLOSED);
    assert.equal(redis.status, "end");
  });
});

describe("a connection", () => {
  it("says what becomes of it", async () => {
    const redis = new Redis("memory://life", { lazyConnect: true });
    const events: string[] = [];
    for (const event of ["connecting", "connect", "ready", "close", "end"])
      redis.on(event, () => events.push(event));
    assert.equal(redis.status, "wait");
    assert.equal(await redis.ping(), "PONG");
    assert.equal(redis.status, "ready");
    await assert.rejects(redis.connect(), /already/);
    assert.equal(await redis.quit(), "OK");
    await once(redis, "end");
    assert.deepEqual(events, ["connecting", "connect", "ready", "close", "end"]);
    await assert.rejects(redis.ping(), CLOSED);
    await redis.connect();
    assert.equal(await redis.ping(), "PONG");
    redis.disconnect();
  });

  it("keeps the order of what was called before it was there", async () => {
    const redis = new Redis("memory://order");
    const calls = [redis.set("n", 5), redis.incr("n"), redis.incr("n")];
    assert.deepEqual(await Promise.all(calls), ["OK", 6, 7]);
    redis.disconnect();
    const hasty = new Redis("memory://order", { enableOfflineQueue: false });
    const ready = once(hasty, "ready");
    await assert.rejects(hasty.get("n"), /enableOfflineQueue/);
    await ready;
    assert.equal(await hasty.get("n"), "7");
    hasty.disconnect();
  });

  it("rejects what waits when it is cut, and holds up nothing by waiting", async () => {
    const redis = new Redis("memory://waits");
    const waits = [1, 2, 3].map((n) => redis.xread("BLOCK", 0, "STREAMS", `s${n}`, "$"));
    const popped = redis.blpop("list", 0);
    assert.equal(await redis.xadd("s2", "1-1", "a", "1"), "1-1");
    assert.deepEqual(await waits[1], [["s2", [["1-1", ["a", "1"]]]]]);
    const cut = [waits[0], waits[2], popped].map((wait) =>
      assert.rejects(Promise.resolve(wait), CLOSED),
    );
    redis.disconnect();
    await Promise.all(cut);
  });

  it("lets timers run while it is asked again and again", async () => {
    const redis = new Redis("memory://polled");
    let isOver = false;
    setTimeout(() => {
      isOver = true;
    }, 1);
    while (!isOver) await redis.xlen("s");
    redis.disconnect();
  });
});

describe("what the types of ioredis have", () => {
  it("is usable where one of its clients is asked for", async () => {
    const count = (redis: Original) => redis.dbsize();
    const redis: Original = new Redis("memory://typed");
    assert.equal(await count(redis), 0);
    redis.disconnect();
  });

  it("has commands as objects, scripts that are refused, a cluster of one", async () => {
    const redis = new Redis("memory://odds", { keyPrefix: "p:" });
    const command = new Command("set", ["k", "v"], { replyEncoding: "utf8" });
    assert.equal(await redis.sendCommand(command), "OK");
    assert.equal(await redis.get("k"), null, "a command says itself what prefix it has");
    assert.equal(await redis.set("k", "w"), "OK");
    const all = new Redis("memory://odds");
    assert.deepEqual((await all.keys("*")).toSorted(), ["k", "p:k"]);
    all.disconnect();
    redis.defineCommand("twice", { numberOfKeys: 1, lua: "return redis.call('get', KEYS[1])" });
    const twice = (redis as unknown as { twice(key: string): Promise<unknown> }).twice("k");
    await assert.rejects(
      twice,
      (error) => error instanceof ReplyError && /eval/i.test(String(error)),
    );
    await assert.rejects(redis.zadd("z", 1, "a"), /unknown command 'zadd'/);
    redis.disconnect();
    const cluster = new Cluster([{ host: "127.0.0.1", port: 27_060 }], { redisOptions: { db: 0 } });
    const single = new Redis(27_060);
    await cluster.set("k", "v");
    assert.deepEqual([await single.get("k"), cluster.nodes().length], ["v", 1]);
    for (const client of [cluster, single]) client.disconnect();
  });
});
