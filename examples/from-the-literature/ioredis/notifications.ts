/** Notifications: PUBLISH reaches who is there, the stream keeps them for who is not. */

import { once } from "node:events";
import process from "node:process";
import { Redis } from "ioredis";

const USER = "ada";
const INBOX = `notify:inbox:${USER}`;
const CHANNEL = `notify:live:${USER}`;
const LAST_SEEN = `notify:last-seen:${USER}`;
const WAIT_MS = 5000;

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

/** Stores and announces a notification; returns how many heard of it at once. */
async function notify(text: string) {
  const replies = await redis
    .multi()
    .xadd(INBOX, "MAXLEN", 100, "*", "text", text)
    .publish(CHANNEL, text)
    .exec();
  return replies?.[1]?.[1];
}

/** What came since the user was last here. */
async function catchUp() {
  const lastSeen = (await redis.get(LAST_SEEN)) ?? "0-0";
  const entries = await redis.xrange(INBOX, `(${lastSeen}`, "+");
  const last = entries.at(-1);
  if (last) await redis.set(LAST_SEEN, last[0], "EX", 3600);
  return entries.map(([, [, text]]) => text);
}

await redis.del(INBOX, LAST_SEEN);
for (const text of ["your parcel was sent", "your parcel is near"]) {
  console.log(`${USER} is away, ${await notify(text)} heard: ${text}`);
}

// Subscribe first, then catch up: so nothing falls in between.
const subscriber = redis.duplicate();
await subscriber.subscribe(CHANNEL);
await subscriber.psubscribe("notify:live:*");
for (const text of await catchUp()) console.log(`${USER} missed: ${text}`);

for (const text of ["your parcel is here", "was everything all right?"]) {
  const deadline = { signal: AbortSignal.timeout(WAIT_MS) };
  const message = once(subscriber, "message", deadline);
  const pmessage = once(subscriber, "pmessage", deadline);
  console.log(`${USER} is here, ${await notify(text)} heard: ${text}`);
  const [, heard] = await message;
  console.log(`  message: ${heard}`);
  const [, , alsoHeard] = await pmessage;
  console.log(`  pmessage: ${alsoHeard}`);
}
await subscriber.unsubscribe(CHANNEL);
await subscriber.punsubscribe("notify:live:*");
await subscriber.quit();

console.log(`${USER} is away again, ${await notify("how was it?")} heard: how was it?`);
console.log(`in the inbox since: ${(await catchUp()).join(", ")}`);
console.log(`nothing left: ${(await catchUp()).length === 0 ? "yes" : "no"}`);
await redis.quit();
