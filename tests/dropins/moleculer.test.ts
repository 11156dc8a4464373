/**
 * Moleculer's channels: consumer groups, retries of what failed by claiming, dead letters. It makes its
 * clients itself, by `require("ioredis")`.
 */

import assert from "node:assert/strict";
import { it } from "node:test";
import { Redis } from "eddyline/ioredis";
import "./in-place.ts";

const { ServiceBroker } = (await import("moleculer")).default;
const { Middleware } = (await import("@moleculer/channels")).default;

const ADDRESS = "redis://127.0.0.1:27099";

it("@moleculer/channels tries again what failed, and puts aside what always does", async () => {
  const done = Promise.withResolvers<unknown>();
  const dead = Promise.withResolvers<unknown>();
  let tries = 0;
  const channels = Middleware({ adapter: { type: "Redis", options: { redis: ADDRESS } } } as never);
  const broker = new ServiceBroker({
    logger: false,
    middlewares: [channels as never],
  });
  const redis = { minIdleTime: 20, claimInterval: 20, readTimeoutInternal: 50 };
  broker.createService({
    name: "billing",
    channels: {
      "orders.created": {
        group: "billing",
        redis,
        maxRetries: 3,
        deadLettering: { enabled: true, queueName: "dead" },
        async handler(order: { item: string }) {
          if (order.item === "poison") throw new Error("never works");
          if (++tries < 2) throw new Error("works the second time");
          done.resolve(order);
        },
      },
    },
  } as never);
  broker.createService({
    name: "undertaker",
    channels: {
      dead: { group: "undertaker", redis, handler: (order: unknown) => dead.resolve(order) },
    },
  } as never);
  await broker.start();
  const send = (item: string) => broker.sendToChannel("orders.created", { item });
  await send("tea");
  assert.deepEqual(await done.promise, { item: "tea" });
  // On a slow machine it may have been claimed once more before it was acknowledged.
  assert.ok(tries >= 2, String(tries));
  await send("poison");
  assert.deepEqual(await dead.promise, { item: "poison" });

  const client = new Redis(ADDRESS);
  const { length } = await client.xrange("orders.created", "-", "+");
  assert.equal(length, 2);
  await broker.stop();
  client.disconnect();
});
