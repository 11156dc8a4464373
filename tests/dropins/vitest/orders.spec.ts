/** Run by Vitest: `../runners.test.ts` runs it. */

import { Redis } from "eddyline/ioredis";
import { beforeEach, expect, test, vi } from "vitest";
import { order } from "./orders.ts";

vi.mock("ioredis", () => import("eddyline/ioredis"));

const redis = new Redis("redis://redis.example");

beforeEach(() => redis.flushall());

test("the module under test and the test see one keyspace", async () => {
  await redis.xgroup("CREATE", "orders", "billing", "$", "MKSTREAM");
  const waiting = redis.xreadgroup(
    ...(["GROUP", "billing", "till", "BLOCK", 5000, "STREAMS", "orders", ">"] as const),
  );
  const id = await order("tea");
  expect(await waiting).toEqual([["orders", [[id, ["item", "tea"]]]]]);
});

test("a test begins with what it has put there itself", async () => {
  expect(await redis.xlen("orders")).toBe(0);
});
