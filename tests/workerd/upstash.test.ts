/** Upstash's own clients, unmodified, on the Worker; and what its objects make different. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Redis } from "@upstash/redis";
import { testUpstashClients } from "../upstash.ts";
import { TOKEN, Workerd } from "./workerd.ts";

testUpstashClients(() => Workerd.start(), TOKEN);

test("@upstash/redis sends a pipeline to several objects, and a transaction to one", async () => {
  await using server = await Workerd.start();
  const { address: url } = server;
  const redis = new Redis({ url, token: TOKEN, retry: false, enableTelemetry: false });
  const pipeline = redis.pipeline();
  pipeline.xadd("left", "1-1", { f: "v" });
  pipeline.xadd("right", "1-1", { f: "v" });
  pipeline.xlen("left");
  assert.deepEqual(await pipeline.exec(), ["1-1", "1-1", 1]);
  const crossing = redis.multi();
  crossing.xadd("left", "2-1", { f: "v" });
  crossing.xadd("right", "2-1", { f: "v" });
  await assert.rejects(crossing.exec(), /CROSSSLOT|EXECABORT/);
  assert.equal(await redis.xlen("left"), 1);
});
