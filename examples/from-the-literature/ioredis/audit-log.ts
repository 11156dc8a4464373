/** An account whose truth is the log of what happened: replayed, checked, and continued. */

import process from "node:process";
import { Redis } from "ioredis";

const LOG = "bank:account:7:log";
const SNAPSHOT = "bank:account:7:snapshot";
const PAGE = 10;

interface Event {
  type: string;
  cents: number;
}

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

/** All events after an ID, read a page at a time. */
async function replay(after = "0-0"): Promise<Event[]> {
  const events: Event[] = [];
  for (let last: string | undefined = after; last !== undefined; ) {
    const page: [string, string[]][] = await redis.xrange(LOG, `(${last}`, "+", "COUNT", PAGE);
    for (const [, [, type = "", , cents]] of page) events.push({ type, cents: Number(cents) });
    last = page.at(-1)?.[0];
  }
  return events;
}

function balanceOf(events: Event[], start = 0) {
  const signs: Record<string, number> = { deposit: 1, withdraw: -1 };
  return events.reduce((sum, { type, cents }) => sum + (signs[type] ?? 0) * cents, start);
}

/** Appends only if nobody else has appended since we looked (optimistic locking). */
async function withdraw(cents: number) {
  for (;;) {
    await redis.watch(LOG);
    if (balanceOf(await replay()) < cents) {
      await redis.unwatch();
      return "refused";
    }
    const replies = await redis.multi().xadd(LOG, "*", "type", "withdraw", "cents", cents).exec();
    if (replies !== null) return "done";
  }
}

/** What WATCH is for: another client appends between our look and our EXEC. */
async function loseARace() {
  const other = redis.duplicate();
  await redis.watch(LOG);
  await other.xadd(LOG, "*", "type", "deposit", "cents", 1);
  await other.quit();
  const replies = await redis.multi().xadd(LOG, "*", "type", "withdraw", "cents", 1).exec();
  return replies === null ? "noticed" : "not noticed";
}

await redis.del(LOG, SNAPSHOT);
for (let number = 1; number <= 25; number++) {
  const type = number % 5 === 0 ? "withdraw" : "deposit";
  await redis.xadd(LOG, "*", "type", type, "cents", 10 * number);
}

const events = await replay();
const balance = balanceOf(events);
console.log(`events: ${await redis.xlen(LOG)}, balance: ${balance}`);
console.log(`balance after the first 12 events: ${balanceOf(events.slice(0, 12))}`);

const [newest] = await redis.xrevrange(LOG, "+", "-", "COUNT", 1);
await redis.hset(SNAPSHOT, { balance, "last-id": newest?.[0] ?? "0-0" });

console.log(`withdraw 100000: ${await withdraw(100000)}`);
console.log(`withdraw 500: ${await withdraw(500)}`);
console.log(`a write in between is ${await loseARace()}`);

const snapshot = await redis.hgetall(SNAPSHOT);
const since = await replay(snapshot["last-id"]);
const continued = balanceOf(since, Number(snapshot.balance));
console.log(`from the snapshot: ${since.length} events since, balance: ${continued}`);
const agrees = continued === balanceOf(await replay());
console.log(`the whole log agrees: ${agrees ? "yes" : "no"}`);
await redis.quit();
