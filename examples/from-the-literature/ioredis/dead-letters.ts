/** Messages that fail again and again are moved to a dead-letter stream. */

import process from "node:process";
import { Redis } from "ioredis";

const EMAILS = "mail:outbox";
const DEAD = "mail:outbox:dead";
const ALERTS = "mail:alerts";
const STATS = "mail:stats";
const GROUP = "senders";
const MOST_DELIVERIES = 3;

type Entry = [id: string, fields: string[]];
type Pending = [id: string, consumer: string, idleMs: number, deliveries: number];

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

function send(to = "") {
  if (!to.includes("@")) throw new RangeError(`${to} is no address`);
}

async function attempt(entries: Entry[]) {
  for (const [id, [, to]] of entries) {
    try {
      send(to);
      await redis.xack(EMAILS, GROUP, id);
      await redis.hincrby(STATS, "sent", 1);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Not acknowledged: it stays pending and will be claimed and tried again.
      await redis.hincrby(STATS, "failures", 1);
    }
  }
}

/** Moves what was delivered too often; returns how many. */
async function moveDeadLetters() {
  const pending = (await redis.xpending(EMAILS, GROUP, "-", "+", 100)) as Pending[];
  const dead = pending.filter(([, , , deliveries]) => deliveries >= MOST_DELIVERIES);
  for (const [id, consumer, , deliveries] of dead) {
    const [entry] = await redis.xrange(EMAILS, id, id);
    const email = entry?.[1] ?? [];
    const letter = [...email, "deliveries", deliveries, "consumer", consumer];
    await redis
      .multi()
      .xadd(DEAD, "MAXLEN", "~", 1000, "*", ...letter)
      .xack(EMAILS, GROUP, id)
      .xdel(EMAILS, id)
      .lpush(ALERTS, `gave up on ${email[1]}`)
      .exec();
  }
  return dead.length;
}

await redis.del(EMAILS, DEAD, ALERTS, STATS);
await redis.xgroup("CREATE", EMAILS, GROUP, "0", "MKSTREAM");
for (const to of ["ada@example.com", "nobody", "ben@example.com", "cho@example.com", "nowhere"]) {
  await redis.xadd(EMAILS, "*", "to", to, "subject", "hello");
}

const first = await redis.xreadgroup(
  "GROUP",
  GROUP,
  "sender-1",
  "COUNT",
  10,
  "STREAMS",
  EMAILS,
  ">",
);
await attempt(first?.[0]?.[1] as Entry[]);
let rounds = 1;
let moved = await moveDeadLetters();
while ((await redis.xpending(EMAILS, GROUP))[0] !== 0) {
  const [, entries] = await redis.xautoclaim(EMAILS, GROUP, "sender-2", 0, "0");
  await attempt(entries as Entry[]);
  rounds++;
  moved += await moveDeadLetters();
}

const { sent, failures } = await redis.hgetall(STATS);
console.log(`rounds: ${rounds}, sent: ${sent}, failures: ${failures}, moved: ${moved}`);
for (const [, fields] of await redis.xrange(DEAD, "-", "+")) {
  const [, to, , , , deliveries, , consumer] = fields;
  console.log(`dead: ${to} after ${deliveries} deliveries, last to ${consumer}`);
}
for (let alert = await redis.rpop(ALERTS); alert !== null; alert = await redis.rpop(ALERTS)) {
  console.log(`alert: ${alert}`);
}
console.log(`left in the outbox: ${await redis.xlen(EMAILS)}`);
await redis.quit();
