/** A server that remembers: its clients go on after it was started again. */

import { once } from "node:events";
import type { Redis } from "ioredis";
import { conversations, DURABLE, type Tell } from "./conversation.ts";
import { over } from "./ioredis.ts";

const WAY = { options: { retryStrategy: () => 50 } };

conversations(
  "ioredis and a server that remembers",
  ({ same }) => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      same(
        `everything is there again after ${signal}`,
        over(WAY, async ({ redis, tell, server }) => {
          await prepare(redis);
          await look(redis, tell, "before");
          await server.stop(signal);
          await server.start();
          await look(redis, tell, "after");
          await tell("the group goes on", redis.xreadgroup(...READ));
          await tell("IDs go on", redis.xadd("s", "7-*", "n", 1));
          await tell("a trimmed ID is not given again", redis.xadd("s", "1-*", "n", 1));
        }),
      );
    }

    same(
      "and once more, after deleting and renaming",
      over(WAY, async ({ redis, tell, server }) => {
        await prepare(redis);
        await server.stop();
        await server.start();
        await redis.rename("s", "moved");
        await redis.xgroup("DESTROY", "moved", "idle");
        await redis.xack("moved", "g", "3-1");
        await redis.del("list");
        await redis.swapdb(0, 3);
        await server.stop();
        await server.start();
        await tell("database 0", redis.dbsize());
        await redis.select(3);
        await tell(
          "keys",
          redis.keys("*").then((keys) => keys.toSorted()),
        );
        await tell("xinfo", redis.xinfo("STREAM", "moved", "FULL"));
      }),
    );

    same(
      "a reader that waits goes on waiting",
      over(WAY, async ({ redis, tell, server, another }) => {
        const reader = another();
        await prepare(redis);
        await redis.xreadgroup(...READ);
        const waits = reader.xreadgroup("GROUP", "g", "ben", "BLOCK", 0, "STREAMS", "s", ">");
        await server.untilBlocked(1);
        const gone = once(reader, "reconnecting");
        await server.stop();
        await gone;
        await server.start();
        await server.untilBlocked(1);
        await tell("xadd", redis.xadd("s", "9-1", "n", 9));
        await tell("xreadgroup", waits);
      }),
    );
  },
  DURABLE,
);

const READ = ["GROUP", "g", "ana", "COUNT", 9, "STREAMS", "s", ">"] as const;

async function prepare(redis: Redis): Promise<void> {
  for (let n = 1; n <= 6; n++)
    await redis.xadd("s", `${n}-1`, "n", n, "bytes", Buffer.from([0, n]));
  await redis.xgroup("CREATE", "s", "g", "0");
  await redis.xgroup("CREATE", "s", "idle", "$");
  await redis.xgroup("CREATECONSUMER", "s", "g", "new");
  await redis.xreadgroup("GROUP", "g", "ana", "COUNT", 4, "STREAMS", "s", ">");
  await redis.xclaim("s", "g", "ben", 0, "4-1", "RETRYCOUNT", 7);
  await redis.xack("s", "g", "1-1");
  await redis.xdel("s", "2-1");
  await redis.xtrim("s", "MAXLEN", 4);
  await redis.multi().set("text", "x", "EX", 1000).rpush("list", "a", "b").exec();
  await redis.multi().sadd("set", "a").hset("hash", { a: 1 }).incr("count").exec();
  await redis.xgroup("CREATE", "empty", "g", "5-5", "MKSTREAM");
}

async function look(redis: Redis, tell: Tell, when: string): Promise<void> {
  await tell(`xinfo ${when}`, redis.xinfo("STREAM", "s", "FULL"));
  await tell(`xrange ${when}`, redis.xrangeBuffer("s", "-", "+"));
  await tell(`xinfo of the empty one ${when}`, redis.xinfo("STREAM", "empty", "FULL"));
  await tell(
    `keys ${when}`,
    redis.keys("*").then((keys) => keys.toSorted()),
  );
  await tell(`text ${when}`, redis.get("text"));
  await tell(`it will end ${when}`, (await redis.ttl("text")) > 0);
  await tell(`list ${when}`, redis.llen("list"));
  await tell(`hash ${when}`, redis.hgetall("hash"));
  await tell(`set ${when}`, redis.smembers("set"));
  await tell(`count ${when}`, redis.get("count"));
}
