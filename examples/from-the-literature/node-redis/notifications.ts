/** Notifications: PUBLISH reaches who is there, the stream keeps them for who is not. */

import { EventEmitter, once } from "node:events";
import process from "node:process";
import { createClient } from "redis";

const USER = "ada";
const INBOX = `notify:inbox:${USER}`;
const CHANNEL = `notify:live:${USER}`;
const LAST_SEEN = `notify:last-seen:${USER}`;
const WAIT_MS = 5000;

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();

/** Stores and announces a notification; returns how many heard of it at once. */
async function notify(text: string) {
  const [, receivers] = await client
    .multi()
    .xAdd(INBOX, "*", { text }, { TRIM: { strategy: "MAXLEN", threshold: 100 } })
    .publish(CHANNEL, text)
    .exec();
  return receivers;
}

/** What came since the user was last here. */
async function catchUp() {
  const lastSeen = (await client.get(LAST_SEEN)) ?? "0-0";
  const entries = (await client.xRange(INBOX, `(${lastSeen}`, "+")) ?? [];
  const last = entries.at(-1);
  if (last) await client.set(LAST_SEEN, last.id, { expiration: { type: "EX", value: 3600 } });
  return entries.map(({ message }) => message.text);
}

await client.del([INBOX, LAST_SEEN]);
for (const text of ["your parcel was sent", "your parcel is near"]) {
  console.log(`${USER} is away, ${await notify(text)} heard: ${text}`);
}

// Subscribe first, then catch up: so nothing falls in between.
const heard = new EventEmitter();
const subscriber = await client.duplicate().connect();
await subscriber.subscribe(CHANNEL, (text) => heard.emit("message", text));
await subscriber.pSubscribe("notify:live:*", (text) => heard.emit("pmessage", text));
for (const text of await catchUp()) console.log(`${USER} missed: ${text}`);

for (const text of ["your parcel is here", "was everything all right?"]) {
  const deadline = { signal: AbortSignal.timeout(WAIT_MS) };
  const message = once(heard, "message", deadline);
  const pmessage = once(heard, "pmessage", deadline);
  console.log(`${USER} is here, ${await notify(text)} heard: ${text}`);
  console.log(`  message: ${(await message)[0]}`);
  console.log(`  pmessage: ${(await pmessage)[0]}`);
}
await subscriber.unsubscribe(CHANNEL);
await subscriber.pUnsubscribe("notify:live:*");
await subscriber.close();

console.log(`${USER} is away again, ${await notify("how was it?")} heard: how was it?`);
console.log(`in the inbox since: ${(await catchUp()).join(", ")}`);
console.log(`nothing left: ${(await catchUp()).length === 0 ? "yes" : "no"}`);
await client.close();
