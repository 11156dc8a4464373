/** Something to be tested: it uses ioredis, and does not know of the tests. */

import { Redis } from "ioredis";

const redis = new Redis("redis://redis.example");

export const order = (item: string): Promise<string | null> =>
  redis.xadd("orders", "*", "item", item);
