/** Two services that each process every order once, although some orders come twice. */

import process from "node:process";
import { createClient } from "redis";

const ORDERS = "shop:orders";
const SERVICES = ["billing", "shipping"];
const DEDUPE_S = 60 * 60;

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
  .on("error", (error) => console.error(error))
  .connect();

const totalsKey = (service: string) => `shop:${service}:totals`;

async function createGroup(service: string) {
  try {
    await client.xGroupCreate(ORDERS, service, "0", { MKSTREAM: true });
  } catch (error) {
    // The group may have been made by the run before: that is fine.
    if (!String(error).includes("BUSYGROUP")) throw error;
  }
}

/** Counts an order unless the service has seen it before. */
async function count(service: string, order: Record<string, string>) {
  const key = `shop:${service}:seen:${order.number}`;
  const first = await client.set(key, 1, {
    condition: "NX",
    expiration: { type: "EX", value: DEDUPE_S },
  });
  if (first === null) {
    await client.hIncrBy(totalsKey(service), "duplicates", 1);
    return;
  }
  await client.hIncrBy(totalsKey(service), "orders", 1);
  await client.hIncrBy(totalsKey(service), "cents", Number(order.cents));
}

async function consume(service: string) {
  // A read that waits keeps its connection busy: one connection for each worker.
  const own = await client.duplicate().connect();
  for (let more = true; more; ) {
    const streams = { key: ORDERS, id: ">" };
    const reply = await own.xReadGroup(service, "worker-1", streams, { COUNT: 4, BLOCK: 4000 });
    for (const { id, message: order } of reply?.[0]?.messages ?? []) {
      if (order.type === "end") more = false;
      else await count(service, order);
      await client.xAck(ORDERS, service, id);
    }
  }
  await own.close();
}

async function produce() {
  for (let number = 1; number <= 20; number++) {
    const order = { number: `${number}`, cents: `${100 + 7 * number}` };
    await client.xAdd(ORDERS, "*", order);
    // The network failed, the shop tried again: the same order once more.
    if (number % 5 === 0) await client.xAdd(ORDERS, "*", order);
  }
  await client.xAdd(ORDERS, "*", { type: "end" });
}

await client.del([ORDERS, ...SERVICES.map(totalsKey)]);
for await (const keys of client.scanIterator({ MATCH: "shop:*:seen:*" })) {
  if (keys.length > 0) await client.del(keys);
}
for (const service of [...SERVICES, "billing"]) await createGroup(service);

await Promise.all([...SERVICES.map(consume), produce()]);

console.log(`entries in the stream: ${await client.xLen(ORDERS)}`);
for (const service of SERVICES) {
  const { orders, cents, duplicates } = await client.hGetAll(totalsKey(service));
  const { pending } = await client.xPending(ORDERS, service);
  console.log(
    `${service}: ${orders} orders for ${cents} cents, ${duplicates} duplicates, ${pending} pending`,
  );
}
await client.close();
