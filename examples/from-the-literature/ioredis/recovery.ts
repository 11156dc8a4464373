/** A worker dies with work in its hands; another one takes over what it left. */

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

const TASKS = "render:tasks";
const GROUP = "renderers";
const IDLE_MS = 50;

type Entry = [id: string, fields: string[]];
type Claimed = [cursor: string, entries: Entry[], deleted: string[]];
type Summary = [pending: number, first: string, last: string, consumers: [string, string][] | null];

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

async function read(consumer: string, count: number) {
  const reply = await redis.xreadgroup(
    "GROUP",
    GROUP,
    consumer,
    "COUNT",
    count,
    "STREAMS",
    TASKS,
    ">",
  );
  return (reply?.[0]?.[1] ?? []) as Entry[];
}

async function report(when: string) {
  const [pending, , , consumers] = (await redis.xpending(TASKS, GROUP)) as Summary;
  const left = (consumers ?? []).map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`pending ${when}: ${pending}${left && ` (${left})`}`);
}

await redis.del(TASKS);
await redis.xgroup("CREATE", TASKS, GROUP, "$", "MKSTREAM");
for (let frame = 1; frame <= 10; frame++) await redis.xadd(TASKS, "*", "frame", frame);

// The first worker takes six frames, finishes two and is never heard of again.
const taken = (await read("worker-a", 6)).map(([id]) => id);
await redis.xack(TASKS, GROUP, ...taken.slice(0, 2));
// Somebody cancels a frame that was in its hands.
const cancelled = taken[3] ?? "";
await redis.xdel(TASKS, cancelled);

for (const [id, [, frame]] of await read("worker-b", 10)) {
  await redis.xack(TASKS, GROUP, id);
  console.log(`worker-b rendered frame ${frame}`);
}
await report("after the crash");

// The second worker looks for entries that nobody has touched for a while, two at a time.
await sleep(2 * IDLE_MS);
let cursor = "0-0";
do {
  const [next, entries, deleted] = (await redis.xautoclaim(
    TASKS,
    GROUP,
    "worker-b",
    IDLE_MS,
    cursor,
    "COUNT",
    2,
  )) as Claimed;
  for (const [id, [, frame]] of entries) {
    console.log(`worker-b took over frame ${frame}`);
    await redis.xack(TASKS, GROUP, id);
  }
  for (const id of deleted) {
    const answer = id === cancelled ? "yes" : "no";
    console.log(`a deleted entry was dropped, the cancelled one: ${answer}`);
  }
  cursor = next;
} while (cursor !== "0-0");
await report("after the recovery");
const left = await redis.xgroup("DELCONSUMER", TASKS, GROUP, "worker-a");
console.log(`worker-a left the group with ${left} pending`);
await redis.quit();
