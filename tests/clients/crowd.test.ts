/** Many consumers of one group that wait at once: every entry comes to one of them. */

import { setTimeout as sleep } from "node:timers/promises";
import { conversations, type Tell } from "./conversation.ts";
import { over as overIoredis } from "./ioredis.ts";
import { over as overNodeRedis } from "./node-redis.ts";
import type { Server } from "./servers.ts";

const CONSUMERS = 20;
const ENTRIES = 2000;
const COUNT = 10;
const END = "end";
const PATIENCE_MS = 30_000;

/** What a client does for the crowd, on stream `s` with its group `g`. */
interface Crowd {
  /** Appends an entry with this text. */
  add(text: string): Promise<unknown>;
  ack(id: string): Promise<unknown>;
  /** Over a connection of its own: what it reads next, waiting for ever. */
  reader(consumer: string): Promise<() => Promise<[id: string, text: string][]>>;
}

conversations("many consumers", ({ same }) => {
  same(
    "over ioredis",
    overIoredis({}, async ({ redis, tell, server, another }) => {
      await redis.xgroup("CREATE", "s", "g", "$", "MKSTREAM");
      await share(server, tell, {
        add: (text) => redis.xadd("s", "*", "text", text),
        ack: (id) => redis.xack("s", "g", id),
        reader: async (consumer) => {
          const own = another();
          return async () => {
            const reply = await own.xreadgroup(
              ...(["GROUP", "g", consumer, "COUNT", COUNT, "BLOCK", 0] as const),
              ...(["STREAMS", "s", ">"] as const),
            );
            return (reply?.[0]?.[1] ?? []).map(([id, fields]) => [id, fields?.[1] ?? ""]);
          };
        },
      });
      await tell("xpending", redis.xpending("s", "g"));
    }),
  );

  same(
    "over node-redis",
    overNodeRedis({}, async ({ client, tell, server, another }) => {
      await client.xGroupCreate("s", "g", "$", { MKSTREAM: true });
      await share(server, tell, {
        add: (text) => client.xAdd("s", "*", { text }),
        ack: (id) => client.xAck("s", "g", id),
        reader: async (consumer) => {
          const own = await another();
          return async () => {
            const stream = { key: "s", id: ">" };
            const reply = await own.xReadGroup("g", consumer, stream, { COUNT, BLOCK: 0 });
            const entries: { id: string; message: { text: string } }[] = reply?.[0]?.messages ?? [];
            return entries.map(({ id, message }) => [id, message.text]);
          };
        },
      });
      await tell("xPending", client.xPending("s", "g"));
    }),
  );
});

async function share(server: Server, tell: Tell, crowd: Crowd): Promise<void> {
  const seen: string[] = [];
  const consume = async (consumer: string) => {
    const read = await crowd.reader(consumer);
    for (let more = true; more; ) {
      for (const [id, text] of await read()) {
        await crowd.ack(id);
        if (text === END) more = false;
        else seen.push(text);
      }
    }
  };
  const all = Promise.all(Array.from({ length: CONSUMERS }, (_, n) => consume(`consumer-${n}`)));
  await server.untilBlocked(CONSUMERS);
  await Promise.all(Array.from({ length: ENTRIES }, (_, n) => crowd.add(`${n}`)));
  const deadline = performance.now() + PATIENCE_MS;
  while (seen.length < ENTRIES) {
    if (performance.now() > deadline) throw new Error(`${seen.length} of ${ENTRIES} were read`);
    await sleep(5);
  }
  // One at a time: a consumer that took two would leave another waiting for ever.
  for (let left = CONSUMERS; left > 0; left--) {
    await server.untilBlocked(left);
    await crowd.add(END);
  }
  await all;
  await tell("entries read", seen.length);
  await tell("different ones", new Set(seen).size);
}
