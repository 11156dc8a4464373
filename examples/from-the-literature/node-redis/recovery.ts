/** A worker dies with work in its hands; another one takes over what it left. */

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";

const TASKS = "render:tasks";
const GROUP = "renderers";
const IDLE_MS = 50;

type Entry = { id: string; message: Record<string, string> };

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();

/** Typed by hand: the client leaves the reply of a group read untyped. */
async function read(consumer: string, COUNT: number): Promise<Entry[]> {
  const reply = await client.xReadGroup(GROUP, consumer, { key: TASKS, id: ">" }, { COUNT });
  return reply?.[0]?.messages ?? [];
}

async function report(when: string) {
  const { pending, consumers } = await client.xPending(TASKS, GROUP);
  const left = (consumers ?? []).map((one) => `${one.name} ${one.deliveriesCounter}`).join(", ");
  console.log(`pending ${when}: ${pending}${left && ` (${left})`}`);
}

await client.del(TASKS);
await client.xGroupCreate(TASKS, GROUP, "$", { MKSTREAM: true });
for (let frame = 1; frame <= 10; frame++) await client.xAdd(TASKS, "*", { frame: `${frame}` });

// The first worker takes six frames, finishes two and is never heard of again.
const taken = (await read("worker-a", 6)).map(({ id }) => id);
await client.xAck(TASKS, GROUP, taken.slice(0, 2));
// Somebody cancels a frame that was in its hands.
const cancelled = taken[3] ?? "";
await client.xDel(TASKS, cancelled);

for (const { id, message } of await read("worker-b", 10)) {
  await client.xAck(TASKS, GROUP, id);
  console.log(`worker-b rendered frame ${message.frame}`);
}
await report("after the crash");

// The second worker looks for entries that nobody has touched for a while, two at a time.
await sleep(2 * IDLE_MS);
let cursor = "0-0";
do {
  const claimed = await client.xAutoClaim(TASKS, GROUP, "worker-b", IDLE_MS, cursor, { COUNT: 2 });
  for (const entry of claimed.messages) {
    console.log(`worker-b took over frame ${entry?.message.frame}`);
    await client.xAck(TASKS, GROUP, entry?.id ?? "");
  }
  for (const id of claimed.deletedMessages) {
    const answer = id === cancelled ? "yes" : "no";
    console.log(`a deleted entry was dropped, the cancelled one: ${answer}`);
  }
  cursor = claimed.nextId;
} while (cursor !== "0-0");
await report("after the recovery");
const left = await client.xGroupDelConsumer(TASKS, GROUP, "worker-a");
console.log(`worker-a left the group with ${left} pending`);
await client.close();
