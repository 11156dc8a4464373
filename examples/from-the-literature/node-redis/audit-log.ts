/** An account whose truth is the log of what happened: replayed, checked, and continued. */

import process from "node:process";
import { createClient, WatchError } from "redis";

const LOG = "bank:account:7:log";
const SNAPSHOT = "bank:account:7:snapshot";
const PAGE = 10;

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();

type Entries = { id: string; message: Record<string, string> }[] | null;

/** All events after an ID, read a page at a time. */
async function replay(after = "0-0") {
  const events: Record<string, string>[] = [];
  for (let last: string | undefined = after; last !== undefined; ) {
    const page: Entries = await client.xRange(LOG, `(${last}`, "+", { COUNT: PAGE });
    for (const { message } of page ?? []) events.push(message);
    last = page?.at(-1)?.id;
  }
  return events;
}

function balanceOf(events: Record<string, string>[], start = 0) {
  const signs: Record<string, number> = { deposit: 1, withdraw: -1 };
  return events.reduce(
    (sum, { type = "", cents }) => sum + (signs[type] ?? 0) * Number(cents),
    start,
  );
}

/** Appends only if nobody else has appended since we looked (optimistic locking). */
async function withdraw(cents: number) {
  for (;;) {
    await client.watch(LOG);
    if (balanceOf(await replay()) < cents) {
      await client.unwatch();
      return "refused";
    }
    try {
      await client
        .multi()
        .xAdd(LOG, "*", { type: "withdraw", cents: `${cents}` })
        .exec();
      return "done";
    } catch (error) {
      if (!(error instanceof WatchError)) throw error;
    }
  }
}

/** What WATCH is for: another client appends between our look and our EXEC. */
async function loseARace() {
  const other = await client.duplicate().connect();
  await client.watch(LOG);
  await other.xAdd(LOG, "*", { type: "deposit", cents: "1" });
  await other.close();
  try {
    await client.multi().xAdd(LOG, "*", { type: "withdraw", cents: "1" }).exec();
    return "not noticed";
  } catch (error) {
    if (error instanceof WatchError) return "noticed";
    throw error;
  }
}

await client.del([LOG, SNAPSHOT]);
for (let number = 1; number <= 25; number++) {
  const type = number % 5 === 0 ? "withdraw" : "deposit";
  await client.xAdd(LOG, "*", { type, cents: `${10 * number}` });
}

const events = await replay();
const balance = balanceOf(events);
console.log(`events: ${await client.xLen(LOG)}, balance: ${balance}`);
console.log(`balance after the first 12 events: ${balanceOf(events.slice(0, 12))}`);

const stream = await client.xInfoStream(LOG);
await client.hSet(SNAPSHOT, { balance, "last-id": stream["last-generated-id"] });

console.log(`withdraw 100000: ${await withdraw(100000)}`);
console.log(`withdraw 500: ${await withdraw(500)}`);
console.log(`a write in between is ${await loseARace()}`);

const snapshot = await client.hGetAll(SNAPSHOT);
const since = await replay(snapshot["last-id"]);
const continued = balanceOf(since, Number(snapshot.balance));
console.log(`from the snapshot: ${since.length} events since, balance: ${continued}`);
const agrees = continued === balanceOf(await replay());
console.log(`the whole log agrees: ${agrees ? "yes" : "no"}`);
await client.close();
