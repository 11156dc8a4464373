/** A monitor that looks at every stream, group and consumer and says what is wrong. */

import process from "node:process";
import { createClient } from "redis";

const MOST_PENDING = 5;
const MOST_LAG = 3;

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();

/** Three streams as they are met in the wild: one well, one behind, one stuck. */
async function prepare() {
  await client.del(["health:orders", "health:emails", "health:images", "health:report"]);
  for (const [stream, entries] of Object.entries({ orders: 12, emails: 12, images: 8 })) {
    await client.xGroupCreate(`health:${stream}`, "workers", "0", { MKSTREAM: true });
    for (let number = 0; number < entries; number++) {
      await client.xAdd(`health:${stream}`, "*", { number: `${number}` });
    }
  }
  await client.xAck("health:orders", "workers", await read("health:orders", "w1", 12));
  await client.xAck("health:emails", "workers", await read("health:emails", "w1", 4));
  await read("health:images", "w1", 6);
  await read("health:images", "w2", 2);
  await client.xGroupCreate("health:images", "nobody", "$");
  await client.set("health:not-a-stream", "and never shown", {
    expiration: { type: "EX", value: 60 },
  });
}

/** The IDs of the entries that a consumer reads. */
async function read(key: string, consumer: string, COUNT: number) {
  const reply = await client.xReadGroup("workers", consumer, { key, id: ">" }, { COUNT });
  const entries: { id: string }[] = reply?.[0]?.messages ?? [];
  return entries.map(({ id }) => id);
}

/** Prints what a stream's state is; returns the warnings. */
async function lookAt(key: string) {
  const warnings: string[] = [];
  const stream = await client.xInfoStream(key);
  const [first, last] = [stream["first-entry"]?.message, stream["last-entry"]?.message];
  console.log(`${key}: ${stream.length} entries, ${stream.groups} groups`);
  console.log(`  from number ${first?.number} to number ${last?.number}`);
  for (const { name, consumers, pending, lag } of await client.xInfoGroups(key)) {
    console.log(`  ${name}: ${consumers} consumers, ${pending} pending, lag ${lag}`);
    if (lag > MOST_LAG) warnings.push(`${key}/${name} is ${lag} entries behind`);
    if (pending > MOST_PENDING) warnings.push(`${key}/${name} has ${pending} pending`);
    if (consumers === 0) warnings.push(`${key}/${name} has no consumer`);
    for (const consumer of await client.xInfoConsumers(key, name)) {
      console.log(`    ${consumer.name}: ${consumer.pending} pending`);
    }
  }
  return warnings;
}

await prepare();
const keys: string[] = [];
for await (const some of client.scanIterator({ MATCH: "health:*", TYPE: "stream" })) {
  keys.push(...some);
}
const warnings: string[] = [];
for (const key of keys.sort()) warnings.push(...(await lookAt(key)));
for (const warning of warnings) console.log(`WARNING ${warning}`);

await client.hSet("health:report", { streams: keys.length, warnings: warnings.length });
await client.expire("health:report", 3600);
const report = await client.hGetAll("health:report");
console.log(`report: ${report.streams} streams, ${report.warnings} warnings`);
await client.close();
