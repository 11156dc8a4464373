/** A monitor that looks at every stream, group and consumer and says what is wrong. */

import process from "node:process";
import { Redis } from "ioredis";

const MOST_PENDING = 5;
const MOST_LAG = 3;

/** What XINFO answers: names and values in turn. */
type Info = (string | number | null | [id: string, fields: string[]])[];

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

/** Three streams as they are met in the wild: one well, one behind, one stuck. */
async function prepare() {
  await redis.del("health:orders", "health:emails", "health:images", "health:report");
  for (const [stream, entries] of Object.entries({ orders: 12, emails: 12, images: 8 })) {
    await redis.xgroup("CREATE", `health:${stream}`, "workers", "0", "MKSTREAM");
    for (let number = 0; number < entries; number++) {
      await redis.xadd(`health:${stream}`, "*", "number", number);
    }
  }
  await redis.xack("health:orders", "workers", ...(await read("health:orders", "w1", 12)));
  await redis.xack("health:emails", "workers", ...(await read("health:emails", "w1", 4)));
  await read("health:images", "w1", 6);
  await read("health:images", "w2", 2);
  await redis.xgroup("CREATE", "health:images", "nobody", "$");
  await redis.set("health:not-a-stream", "and never shown", "EX", 60);
}

/** The IDs of the entries that a consumer reads. */
async function read(key: string, consumer: string, count: number) {
  const reply = await redis.xreadgroup(
    "GROUP",
    "workers",
    consumer,
    "COUNT",
    count,
    "STREAMS",
    key,
    ">",
  );
  return (reply?.[0]?.[1] ?? []).map(([id]) => id);
}

/** Prints what a stream's state is; returns the warnings. */
async function lookAt(key: string) {
  const warnings: string[] = [];
  const stream = named((await redis.xinfo("STREAM", key)) as Info);
  const [first, last] = [stream["first-entry"], stream["last-entry"]];
  console.log(`${key}: ${stream.length} entries, ${stream.groups} groups`);
  console.log(`  from number ${numberOf(first)} to number ${numberOf(last)}`);
  for (const info of (await redis.xinfo("GROUPS", key)) as Info[]) {
    const { name, consumers, pending, lag } = named(info);
    console.log(`  ${name}: ${consumers} consumers, ${pending} pending, lag ${lag}`);
    if (Number(lag) > MOST_LAG) warnings.push(`${key}/${name} is ${lag} entries behind`);
    if (Number(pending) > MOST_PENDING) warnings.push(`${key}/${name} has ${pending} pending`);
    if (consumers === 0) warnings.push(`${key}/${name} has no consumer`);
    for (const one of (await redis.xinfo("CONSUMERS", key, String(name))) as Info[]) {
      const consumer = named(one);
      console.log(`    ${consumer.name}: ${consumer.pending} pending`);
    }
  }
  return warnings;
}

function named(info: Info): Record<string, Info[number] | undefined> {
  return Object.fromEntries(info.flatMap((name, at) => (at % 2 ? [] : [[name, info[at + 1]]])));
}

function numberOf(entry: Info[number] | undefined) {
  return Array.isArray(entry) ? entry[1][1] : undefined;
}

await prepare();
const keys: string[] = [];
for await (const some of redis.scanStream({ match: "health:*", type: "stream" })) {
  keys.push(...some);
}
const warnings: string[] = [];
for (const key of keys.sort()) warnings.push(...(await lookAt(key)));
for (const warning of warnings) console.log(`WARNING ${warning}`);

await redis.hset("health:report", { streams: keys.length, warnings: warnings.length });
await redis.expire("health:report", 3600);
const report = await redis.hgetall("health:report");
console.log(`report: ${report.streams} streams, ${report.warnings} warnings`);
await redis.quit();
