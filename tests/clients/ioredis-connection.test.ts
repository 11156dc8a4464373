/** ioredis and iovalkey, unmodified: what surrounds the commands, from pipelines to a server that restarts. */

import { once } from "node:events";
import type { Redis } from "ioredis";
import { conversations } from "./conversation.ts";
import { iovalkey, type Make, type Options, over } from "./ioredis.ts";

const WAIT_MS = 10_000;
const PATIENT: Options = { retryStrategy: () => 50, autoResubscribe: true };
const IMPATIENT: Options = { lazyConnect: true, retryStrategy: () => null };

const CLIENTS: { title: string; make?: Make }[] = [
  { title: "ioredis and its connection" },
  { title: "iovalkey and its connection", make: iovalkey },
];

for (const { title, make } of CLIENTS) {
  conversations(title, ({ same }) => {
    same(
      "callbacks",
      over({ make }, async ({ redis, tell }) => {
        const called = (run: (done: (error?: Error | null, reply?: unknown) => void) => void) =>
          new Promise((resolve, reject) => {
            run((error, reply) => (error ? reject(error) : resolve(reply)));
          });
        await tell(
          "xadd",
          called((done) => redis.xadd("s", "1-1", "a", "1", done)),
        );
        await tell(
          "xrange",
          called((done) => redis.xrange("s", "-", "+", done)),
        );
        await tell(
          "an error",
          called((done) => redis.xadd("s", "1-1", "a", "1", done)),
        );
        await tell(
          "xlen",
          called((done) => redis.xlen("s", done)),
        );
      }),
    );

    same(
      "pipelines and transactions",
      over({ make }, async ({ redis, tell }) => {
        const pipeline = redis.pipeline();
        for (let n = 1; n <= 1000; n++) pipeline.xadd("s", `${n}-1`, "n", n);
        const replies = (await pipeline.exec()) ?? [];
        await tell("a long pipeline", [replies.length, replies[0], replies.at(-1)]);
        await tell(
          "a pipeline with an error",
          redis.pipeline().xlen("s").xadd("s", "1-1", "a", "1").xlen("s").exec(),
        );
        await tell("multi", redis.multi().xadd("t", "1-1", "a", "1").xlen("t").exec());
        await tell(
          "multi with an error",
          redis.multi().xadd("t", "1-1", "a", "1").xadd("t", "2-1", "a", "1").exec(),
        );
        const broken = redis.multi();
        broken.call("XADD", "t");
        await tell("multi with a broken command", broken.xlen("t").exec());
        await tell("which did nothing", redis.xlen("t"));

        await tell("multi without pipeline", redis.multi({ pipeline: false }));
        await tell("queued", redis.xadd("t", "3-1", "a", "1"));
        await tell("exec", redis.exec());
        await redis.multi({ pipeline: false });
        await tell("discard", redis.discard());

        await redis.watch("t");
        await redis.xadd("t", "4-1", "a", "1");
        await tell("exec after a watched change", redis.multi().xlen("t").exec());
        await redis.watch("t");
        await redis.unwatch();
        await tell("exec after unwatch", redis.multi().xlen("t").exec());
        await tell(
          "a blocking read in multi",
          redis.multi().xread("BLOCK", 0, "STREAMS", "t", "$").exec(),
        );
      }),
    );

    same(
      "automatic pipelining",
      over({ make, options: { enableAutoPipelining: true } }, async ({ redis, tell }) => {
        const calls = Array.from({ length: 200 }, (_, n) => redis.xadd("s", `${n + 1}-1`, "n", n));
        await tell("xadds", Promise.all(calls));
        await tell("mixed", Promise.allSettled([redis.xlen("s"), redis.xadd("s", "1-1", "a", 1)]));
      }),
    );

    same(
      "a key prefix, a name and a database",
      over(
        { make, options: { keyPrefix: "app:", connectionName: "a-test", db: 3 } },
        async ({ redis, tell, another }) => {
          await tell("xadd", redis.xadd("s", "1-1", "a", "1"));
          await tell("xread", redis.xread("STREAMS", "s", "0"));
          await tell("keys", redis.keys("*"));
          await tell("client GETNAME", redis.client("GETNAME"));
          const elsewhere = another({ db: 0, keyPrefix: "" });
          await tell("in database 0", elsewhere.dbsize());
          await tell("dbsize", redis.dbsize());
          await tell("select", redis.select(4));
          await tell("an empty database", redis.dbsize());
          await tell("select too far", redis.select(16));
        },
      ),
    );

    same(
      "scans",
      over({ make }, async ({ redis, tell }) => {
        for (let n = 0; n < 50; n++) await redis.xadd(`stream:${n}`, "1-1", "a", "1");
        for (let n = 0; n < 5; n++) await redis.set(`string:${n}`, n);
        const all = async (options: Parameters<Redis["scanStream"]>[0]) => {
          const keys = new Set<string>();
          for await (const some of redis.scanStream(options)) for (const key of some) keys.add(key);
          return [...keys].sort();
        };
        await tell("scanStream", all({}));
        await tell("scanStream type", all({ type: "stream", count: 7 }));
        await tell("scanStream match", all({ match: "s*:1*" }));
        await tell("type", redis.type("stream:1"));
        await tell("exists", redis.exists("stream:1", "stream:2", "nothing"));
        await tell("object", redis.object("ENCODING", "stream:1"));
      }),
    );

    same(
      "publish and subscribe",
      over({ make }, async ({ redis, tell, another }) => {
        const subscriber = another();
        await tell("subscribe", subscriber.subscribe("news", "sport"));
        await tell("psubscribe", subscriber.psubscribe("n*"));
        const deadline = { signal: AbortSignal.timeout(WAIT_MS) };
        const heard = Promise.all([
          once(subscriber, "message", deadline),
          once(subscriber, "messageBuffer", deadline),
          once(subscriber, "pmessage", deadline),
        ]);
        await tell("publish", redis.publish("news", "it rains"));
        await tell("heard", heard);
        await tell("publish to nobody", redis.publish("weather", "it rains"));
        await tell("ping while subscribed", subscriber.ping());
        await tell("unsubscribe", subscriber.unsubscribe("news"));
        await tell("unsubscribe more", subscriber.unsubscribe("sport"));
        // Without a name the client waits until no subscription of any kind is left.
        await tell("punsubscribe", subscriber.punsubscribe());
        await tell("unsubscribe from nothing", subscriber.unsubscribe());
        await tell("an ordinary command again", subscriber.xlen("s"));
      }),
    );

    same(
      "subscribed in RESP2",
      over({ make, options: { protocol: 2 } }, async ({ redis, tell }) => {
        await tell("subscribe", redis.subscribe("news"));
        await tell("a command that may not be", redis.call("XLEN", "s"));
        await tell("ping", redis.ping());
        await tell("quit", redis.quit());
      }),
    );

    same(
      "a server that restarts",
      over({ make, options: PATIENT }, async ({ redis, tell, server, another }) => {
        const [subscriber, reader] = [another(), another()];
        await redis.xadd("s", "1-1", "a", "1");
        await subscriber.subscribe("news");
        const waits = reader.xread("BLOCK", 0, "STREAMS", "later", "$");
        await server.untilBlocked(1);

        await server.stop();
        await Promise.all([redis, subscriber].map((client) => untilStatus(client, "reconnecting")));
        const queued = redis.xadd("s", "2-1", "a", "2");
        await server.start();
        await tell("a command from the offline queue", queued);
        await tell("the memory of the old server is gone", redis.xlen("s"));
        await untilStatus(subscriber, "ready");
        const message = once(subscriber, "message", { signal: AbortSignal.timeout(WAIT_MS) });
        await untilHeard(redis, "news");
        await tell("a subscription is made again", message);
        await server.untilBlocked(1);
        await redis.xadd("later", "1-1", "a", "3");
        await tell("a read that waited is sent again", waits);
      }),
    );

    same(
      "a server that is not there yet",
      over({ make, options: IMPATIENT }, async ({ redis, tell, server }) => {
        await server.stop();
        await tell(
          "connect",
          redis.connect().catch((error: Error) => error.name),
        );
        await server.start();
        await redis.connect();
        await tell("ping", redis.ping());
      }),
    );

    same(
      "what is not there",
      over({ make }, async ({ redis, tell }) => {
        await tell("an unknown command", redis.call("FOO", "a", "b"));
        await tell("an unknown command without words", redis.call("FOO"));
        await tell("wrong number of arguments", redis.call("XLEN"));
        await tell("client ID is a number", typeof (await redis.client("ID")));
        await tell("echo", redis.echo("hello"));
        await tell("ping with a word", redis.ping("hello"));
        await tell("time", (await redis.time()).length);
        await tell("auth without a password", redis.auth("secret"));
        await tell("quit", redis.quit());
      }),
    );
  });
}

async function untilStatus(redis: Redis, status: Redis["status"]): Promise<void> {
  const signal = AbortSignal.timeout(WAIT_MS);
  while (redis.status !== status) await once(redis, status, { signal });
}

/** Publishes until somebody hears it. */
async function untilHeard(redis: Redis, channel: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while ((await redis.publish(channel, "again")) === 0) {
    if (performance.now() > deadline) throw new Error(`nobody listens to ${channel}`);
  }
}
