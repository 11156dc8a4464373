/** Messages that fail again and again are moved to a dead-letter stream. */

import process from "node:process";
import { createClient } from "redis";

const EMAILS = "mail:outbox";
const DEAD = "mail:outbox:dead";
const ALERTS = "mail:alerts";
const STATS = "mail:stats";
const GROUP = "senders";
const MOST_DELIVERIES = 3;

type Entry = { id: string; message: Record<string, string> } | null;

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();

function send(to = "") {
  if (!to.includes("@")) throw new RangeError(`${to} is no address`);
}

async function attempt(entries: Entry[]) {
  for (const entry of entries) {
    if (entry === null) continue;
    try {
      send(entry.message.to);
      await client.xAck(EMAILS, GROUP, entry.id);
      await client.hIncrBy(STATS, "sent", 1);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Not acknowledged: it stays pending and will be claimed and tried again.
      await client.hIncrBy(STATS, "failures", 1);
    }
  }
}

/** Moves what was delivered too often; returns how many. */
async function moveDeadLetters() {
  const pending = await client.xPendingRange(EMAILS, GROUP, "-", "+", 100);
  const dead = pending.filter(({ deliveriesCounter }) => deliveriesCounter >= MOST_DELIVERIES);
  for (const { id, consumer, deliveriesCounter } of dead) {
    const email = (await client.xRange(EMAILS, id, id))?.[0]?.message;
    const letter = { ...email, deliveries: `${deliveriesCounter}`, consumer };
    await client
      .multi()
      .xAdd(DEAD, "*", letter, { TRIM: { strategy: "MAXLEN", threshold: 1000 } })
      .xAck(EMAILS, GROUP, id)
      .xDel(EMAILS, id)
      .lPush(ALERTS, `gave up on ${email?.to}`)
      .exec();
  }
  return dead.length;
}

await client.del([EMAILS, DEAD, ALERTS, STATS]);
await client.xGroupCreate(EMAILS, GROUP, "0", { MKSTREAM: true });
for (const to of ["ada@example.com", "nobody", "ben@example.com", "cho@example.com", "nowhere"]) {
  await client.xAdd(EMAILS, "*", { to, subject: "hello" });
}

const streams = { key: EMAILS, id: ">" };
const first = await client.xReadGroup(GROUP, "sender-1", streams, { COUNT: 10 });
await attempt(first?.[0]?.messages ?? []);
let rounds = 1;
let moved = await moveDeadLetters();
while ((await client.xPending(EMAILS, GROUP)).pending > 0) {
  const { messages } = await client.xAutoClaim(EMAILS, GROUP, "sender-2", 0, "0");
  await attempt(messages);
  rounds++;
  moved += await moveDeadLetters();
}

const { sent, failures } = await client.hGetAll(STATS);
console.log(`rounds: ${rounds}, sent: ${sent}, failures: ${failures}, moved: ${moved}`);
for (const { message } of (await client.xRange(DEAD, "-", "+")) ?? []) {
  const { to, deliveries, consumer } = message;
  console.log(`dead: ${to} after ${deliveries} deliveries, last to ${consumer}`);
}
for (let alert = await client.rPop(ALERTS); alert !== null; alert = await client.rPop(ALERTS)) {
  console.log(`alert: ${alert}`);
}
console.log(`left in the outbox: ${await client.xLen(EMAILS)}`);
await client.close();
