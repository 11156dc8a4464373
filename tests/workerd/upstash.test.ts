/** Upstash's own client, unmodified, on the Worker. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Redis } from "@upstash/redis";
import { TOKEN, Workerd } from "./workerd.ts";

describe("@upstash/redis", () => {
  let server: Workerd;
  let redis: Redis;
  before(async () => {
    server = await Workerd.start();
    redis = new Redis({ url: server.address, token: TOKEN, retry: false, enableTelemetry: false });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  test("adds, reads and counts", async () => {
    assert.equal(await redis.xadd("s", "1-1", { city: "Zürich 🌊", n: 1 }), "1-1");
    assert.equal(await redis.xadd("s", "1-2", { status: "OK" }), "1-2");
    assert.equal(await redis.xlen("s"), 2);
    assert.deepEqual(await redis.xrange("s", "-", "+"), {
      "1-1": { city: "Zürich 🌊", n: 1 },
      "1-2": { status: "OK" },
    });
  });

  test("works in a group", async () => {
    assert.equal(await redis.xgroup("s", { type: "CREATE", group: "g", id: "0" }), "OK");
    const [[key, entries]] = (await redis.xreadgroup("g", "c", "s", ">")) as [
      [string, [string, string[]][]],
    ];
    assert.equal(key, "s");
    assert.deepEqual(
      entries.map(([id]) => id),
      ["1-1", "1-2"],
    );
    assert.equal(await redis.xack("s", "g", ["1-1", "1-2"]), 2);
    assert.equal(await redis.xreadgroup("g", "c", "s", ">"), null);
  });

  test("sends a pipeline to several objects", async () => {
    const pipeline = redis.pipeline();
    pipeline.xadd("left", "1-1", { f: "v" });
    pipeline.xadd("right", "1-1", { f: "v" });
    pipeline.xlen("left");
    assert.deepEqual(await pipeline.exec(), ["1-1", "1-1", 1]);
  });

  test("gets Redis' text of a mistake", async () => {
    await assert.rejects(redis.xadd("s", "1-1", { f: "v" }), /equal or smaller than the target/);
  });
});
