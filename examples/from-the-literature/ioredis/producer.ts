/** A sensor that writes readings and keeps about the newest thousand of them. */

import process from "node:process";
import { Redis } from "ioredis";

const READINGS = "sensor:42:readings";
const TOTALS = "sensor:42:totals";
const KEEP = 1000;
const BATCH = 50;
const BATCHES = 61;
const DAY_S = 24 * 60 * 60;

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
await redis.del(READINGS, TOTALS);

for (let batch = 0; batch < BATCHES; batch++) {
  const pipeline = redis.pipeline();
  for (let number = batch * BATCH; number < (batch + 1) * BATCH; number++) {
    const reading = ["number", number, "celsius", 18 + (number % 7)];
    // "~" lets the server trim when a whole node of the stream can go: much cheaper.
    pipeline.xadd(READINGS, "MAXLEN", "~", KEEP, "*", ...reading);
  }
  pipeline.hincrby(TOTALS, "readings", BATCH);
  pipeline.hincrby(TOTALS, "batches", 1);
  pipeline.expire(READINGS, DAY_S);
  await pipeline.exec();
}

const totals = await redis.hgetall(TOTALS);
console.log(`written: ${totals.readings} readings in ${totals.batches} batches`);
console.log(`kept by MAXLEN ~ ${KEEP}: ${await redis.xlen(READINGS)}`);
const removed = await redis.xtrim(READINGS, "MAXLEN", KEEP / 2);
console.log(`removed by MAXLEN ${KEEP / 2}: ${removed}`);

const [oldest] = await redis.xrange(READINGS, "-", "+", "COUNT", 1);
const [newest] = await redis.xrevrange(READINGS, "+", "-", "COUNT", 1);
for (const [name, entry] of Object.entries({ oldest, newest })) {
  const [, number, , celsius] = entry?.[1] ?? [];
  console.log(`${name}: reading ${number}, ${celsius} degrees`);
}

await redis.xtrim(READINGS, "MINID", newest?.[0] ?? "0");
console.log(`kept by MINID of the newest: ${await redis.xlen(READINGS)}`);
const ttl = await redis.ttl(READINGS);
console.log(`expires within a day: ${ttl > 0 && ttl <= DAY_S ? "yes" : "no"}`);
await redis.quit();
