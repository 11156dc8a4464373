/** A sensor that writes readings and keeps about the newest thousand of them. */

import process from "node:process";
import { createClient } from "redis";

const READINGS = "sensor:42:readings";
const TOTALS = "sensor:42:totals";
const KEEP = 1000;
const BATCH = 50;
const BATCHES = 61;
const DAY_S = 24 * 60 * 60;

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();
await client.del([READINGS, TOTALS]);

for (let batch = 0; batch < BATCHES; batch++) {
  const pipeline = client.multi();
  for (let number = batch * BATCH; number < (batch + 1) * BATCH; number++) {
    const reading = { number: `${number}`, celsius: `${18 + (number % 7)}` };
    // "~" lets the server trim when a whole node of the stream can go: much cheaper.
    const TRIM = { strategy: "MAXLEN", strategyModifier: "~", threshold: KEEP } as const;
    pipeline.xAdd(READINGS, "*", reading, { TRIM });
  }
  pipeline.hIncrBy(TOTALS, "readings", BATCH);
  pipeline.hIncrBy(TOTALS, "batches", 1);
  pipeline.expire(READINGS, DAY_S);
  await pipeline.execAsPipeline();
}

const totals = await client.hGetAll(TOTALS);
console.log(`written: ${totals.readings} readings in ${totals.batches} batches`);
console.log(`kept by MAXLEN ~ ${KEEP}: ${await client.xLen(READINGS)}`);
const removed = await client.xTrim(READINGS, "MAXLEN", KEEP / 2);
console.log(`removed by MAXLEN ${KEEP / 2}: ${removed}`);

const oldest = (await client.xRange(READINGS, "-", "+", { COUNT: 1 }))?.[0];
const newest = (await client.xRevRange(READINGS, "+", "-", { COUNT: 1 }))?.[0];
for (const [name, entry] of Object.entries({ oldest, newest })) {
  const { number, celsius } = entry?.message ?? {};
  console.log(`${name}: reading ${number}, ${celsius} degrees`);
}

await client.xTrim(READINGS, "MINID", newest?.id ?? "0");
console.log(`kept by MINID of the newest: ${await client.xLen(READINGS)}`);
const ttl = await client.ttl(READINGS);
console.log(`expires within a day: ${ttl > 0 && ttl <= DAY_S ? "yes" : "no"}`);
await client.close();
