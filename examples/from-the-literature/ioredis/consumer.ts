/** Two services that each process every order once, although some orders come twice. */

import process from "node:process";
import { Redis } from "ioredis";

const ORDERS = "shop:orders";
const SERVICES = ["billing", "shipping"];
const DEDUPE_S = 60 * 60;

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

const totalsKey = (service: string) => `shop:${service}:totals`;

async function createGroup(service: string) {
  try {
    await redis.xgroup("CREATE", ORDERS, service, "0", "MKSTREAM");
  } catch (error) {
    // The group may have been made by the run before: that is fine.
    if (!String(error).includes("BUSYGROUP")) throw error;
  }
}

/** Counts an order unless the service has seen it before. */
async function count(service: string, order: Record<string, string>) {
  const key = `shop:${service}:seen:${order.number}`;
  const first = await redis.set(key, 1, "EX", DEDUPE_S, "NX");
  if (first === null) {
    await redis.hincrby(totalsKey(service), "duplicates", 1);
    return;
  }
  await redis.hincrby(totalsKey(service), "orders", 1);
  await redis.hincrby(totalsKey(service), "cents", Number(order.cents));
}

async function consume(service: string) {
  // A read that waits keeps its connection busy: one connection for each worker.
  const own = redis.duplicate();
  for (let more = true; more; ) {
    const reply = await own.xreadgroup(
      "GROUP",
      service,
      "worker-1",
      "COUNT",
      4,
      "BLOCK",
      5000,
      "STREAMS",
      ORDERS,
      ">",
    );
    for (const [id, fields] of reply?.[0]?.[1] ?? []) {
      const order = toObject(fields ?? []);
      if (order.type === "end") more = false;
      else await count(service, order);
      await redis.xack(ORDERS, service, id);
    }
  }
  await own.quit();
}

async function produce() {
  for (let number = 1; number <= 20; number++) {
    const order = ["number", number, "cents", 100 + 7 * number];
    await redis.xadd(ORDERS, "*", ...order);
    // The network failed, the shop tried again: the same order once more.
    if (number % 5 === 0) await redis.xadd(ORDERS, "*", ...order);
  }
  await redis.xadd(ORDERS, "*", "type", "end");
}

function toObject(fields: string[]): Record<string, string> {
  const pairs = fields.flatMap((name, at) => (at % 2 ? [] : [[name, fields[at + 1] ?? ""]]));
  return Object.fromEntries(pairs);
}

await redis.del(ORDERS, ...SERVICES.map(totalsKey));
for await (const keys of redis.scanStream({ match: "shop:*:seen:*" })) {
  if (keys.length > 0) await redis.del(...keys);
}
for (const service of [...SERVICES, "billing"]) await createGroup(service);

await Promise.all([...SERVICES.map(consume), produce()]);

console.log(`entries in the stream: ${await redis.xlen(ORDERS)}`);
for (const service of SERVICES) {
  const { orders, cents, duplicates } = await redis.hgetall(totalsKey(service));
  const [pending] = await redis.xpending(ORDERS, service);
  console.log(
    `${service}: ${orders} orders for ${cents} cents, ${duplicates} duplicates, ${pending} pending`,
  );
}
await redis.quit();
