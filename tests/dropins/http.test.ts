/** The stand-ins with an address of HTTP: what a Worker can do they can, the rest they refuse. */

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { Redis } from "eddyline/ioredis";
import { createClient } from "eddyline/redis";
import { createServer, type Server } from "eddyline/server";

const token = "secret";
let server: Server;
before(async () => {
  server = await createServer({ port: 0, http: { port: 0, token } }).listen();
});
after(() => server.close());

const address = () => `http://127.0.0.1:${server.httpPort}`;

it("eddyline/ioredis appends, reads, waits and does transactions over HTTP", async () => {
  const redis = new Redis(address(), { password: token });
  assert.equal(await redis.xadd("s", "1-1", "a", "1"), "1-1");
  const together = await redis.multi().xlen("s").xrange("s", "-", "+").exec();
  assert.deepEqual(together, [
    [null, 1],
    [null, [["1-1", ["a", "1"]]]],
  ]);
  assert.equal(await redis.multi({ pipeline: false }), "OK");
  assert.equal(await redis.xlen("s"), "QUEUED");
  assert.deepEqual(await redis.exec(), [[null, 1]]);
  const waiting = redis.xread("BLOCK", 5000, "STREAMS", "s", "1-1");
  await redis.xadd("s", "1-2", "a", "2");
  assert.deepEqual(await waiting, [["s", [["1-2", ["a", "2"]]]]]);
  for (const refused of [redis.subscribe("news"), redis.watch("s"), redis.select(2)])
    await assert.rejects(refused, { code: "UNSUPPORTED" });
  redis.disconnect();
});

it("eddyline/redis does, too", async () => {
  const client = createClient({ url: address(), password: token });
  await client.connect();
  await client.del("s");
  assert.equal(await client.xAdd("s", "1-1", { a: "1" }), "1-1");
  assert.deepEqual(await client.multi().xLen("s").exec(), [1]);
  await assert.rejects(client.watch("s"), { code: "UNSUPPORTED" });
  await assert.rejects(
    client.subscribe("news", () => {}),
    { code: "UNSUPPORTED" },
  );
  await client.close();
});
