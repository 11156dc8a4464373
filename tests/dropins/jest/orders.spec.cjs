// Run by Jest, which requires what it mocks with: `../runners.test.ts` runs it.

/* global jest, afterAll, beforeEach, expect, test */

jest.mock("ioredis", () => require("eddyline/ioredis"));
jest.mock("redis", () => require("eddyline/redis"));

const { client, next, order, redis } = require("./orders.cjs");

beforeEach(async () => {
  if (!client.isOpen) await client.connect();
  await redis.flushall();
  await client.xGroupCreate("shop:orders", "shop", "$", { MKSTREAM: true });
});

afterAll(async () => {
  redis.disconnect();
  await client.close();
});

test("both clients see one keyspace, as they would see one server", async () => {
  const waiting = next();
  const id = await order("tea");
  expect(await waiting).toEqual([
    { name: "shop:orders", messages: [{ id, message: { item: "tea" } }] },
  ]);
});

test("a test begins with what it has put there itself", async () => {
  expect(await redis.xlen("orders")).toBe(0);
  expect(redis.status).toBe("ready");
});

test("bytes are those of the test's own realm", async () => {
  await redis.set(Buffer.from("bytes"), Buffer.from([0, 255]));
  expect(await redis.getBuffer("bytes")).toEqual(Buffer.from([0, 255]));
});

test("a clock of the test decides how long a read waits, and holds up nothing else", async () => {
  jest.useFakeTimers();
  const waiting = next();
  await redis.xlen("orders");
  await jest.advanceTimersByTimeAsync(4000);
  expect(await waiting).toBeNull();
  jest.setSystemTime(Date.UTC(2050, 0));
  expect(await order("tea")).toBe("2524608000000-0");
  jest.useRealTimers();
});
