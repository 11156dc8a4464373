/** node-redis, unmodified: what surrounds the commands, from transactions to a restarting server. */

import { conversations } from "./conversation.ts";
import { type Client, over } from "./node-redis.ts";

const WAIT_MS = 10_000;

for (const protocol of [2, 3]) {
  // The types are those of RESP3; the replies are meant to be equal.
  const RESP = protocol as 3;
  conversations(`node-redis and its connection, RESP${protocol}`, ({ same }) => {
    same(
      "transactions and pipelines",
      over({ RESP }, async ({ client, tell, another }) => {
        await tell(
          "multi",
          client.multi().xAdd("s", "1-1", { a: "1" }).xLen("s").xRange("s", "-", "+").exec(),
        );
        await tell(
          "multi with an error",
          client.multi().xAdd("s", "1-1", { a: "1" }).xLen("s").exec(),
        );
        await tell("multi with a broken command", client.multi().addCommand(["XADD", "s"]).exec());
        await tell("execAsPipeline", client.multi().xLen("s").ping().execAsPipeline());
        await tell("multi of nothing", client.multi().exec());
        await client.watch("s");
        await (await another()).xAdd("s", "2-1", { a: "1" });
        await tell("exec after a watched change", client.multi().xLen("s").exec());
        await client.watch(["s", "t"]);
        await tell("unwatch", client.unwatch());
        await tell("exec after unwatch", client.multi().xLen("s").exec());
        const calls = Array.from({ length: 1000 }, (_, n) =>
          client.xAdd("p", `${n + 1}-1`, { a: "1" }),
        );
        await tell("commands of one tick", (await Promise.all(calls)).slice(-2));
      }),
    );

    same(
      "a pool",
      over({ RESP }, async ({ client, tell, server }) => {
        const pool = client.createPool({ minimum: 2, maximum: 4 });
        await pool.connect();
        const waits = pool.xRead({ key: "s", id: "$" }, { BLOCK: 4000 });
        await server.untilBlocked(1);
        await tell("xAdd beside a blocked read", pool.xAdd("s", "1-1", { a: "1" }));
        await tell("xRead", waits);
        await tell(
          "execute",
          pool.execute((one) => one.xLen("s")),
        );
        pool.destroy();
      }),
    );

    same(
      "a name and a database",
      over(
        { RESP, name: "a-test", database: 3, keyPrefix: "app:" },
        async ({ client, tell, another }) => {
          await tell("xAdd", client.xAdd("s", "1-1", { a: "1" }));
          await tell("clientGetName", client.clientGetName());
          const info = await client.clientInfo();
          await tell("clientInfo", [info.name, info.db, info.cmd, info.libName?.slice(0, 10)]);
          await tell("clientInfo has an id", info.id === (await client.clientId()));
          await tell("dbSize", client.dbSize());
          const elsewhere = await another({ database: 0 });
          await tell("in database 0", elsewhere.dbSize());
          await tell("select", elsewhere.select(3));
          await tell("after select", elsewhere.dbSize());
          const list = await client.clientList();
          await tell("clientList", list.map(({ name, db }) => [name, db]).toSorted());
          await tell("clientSetName", client.clientSetName("other"));
          await tell("clientSetName with a space", client.clientSetName("a b"));
          await tell("move", client.move("s", 5));
          await tell("moved", client.exists("s"));
        },
      ),
    );

    same(
      "scans",
      over({ RESP }, async ({ client, tell }) => {
        for (let n = 0; n < 50; n++) await client.xAdd(`stream:${n}`, "1-1", { a: "1" });
        for (let n = 0; n < 5; n++) await client.set(`string:${n}`, n);
        const all = async (options: Parameters<Client["scanIterator"]>[0]) => {
          const keys = new Set<string>();
          for await (const some of client.scanIterator(options))
            for (const key of some) keys.add(key);
          return [...keys].sort();
        };
        await tell("scanIterator", all({}));
        await tell("scanIterator TYPE", all({ TYPE: "stream", COUNT: 7 }));
        await tell("scanIterator MATCH", all({ MATCH: "s*:[1-3]" }));
        await tell(
          "keys",
          client.keys("s?ring:*").then((keys) => keys.toSorted()),
        );
        await tell("type", client.type("stream:1"));
        await tell("objectEncoding", client.objectEncoding("stream:1"));
        await tell("copy", client.copy("stream:1", "copied"));
        await tell("copied", client.xRange("copied", "-", "+"));
        await tell("rename", client.rename("copied", "renamed"));
        await tell("renameNX", client.renameNX("renamed", "stream:1"));
        await tell("expire", client.expire("renamed", 100));
        await tell("ttl", client.ttl("renamed"));
        await tell("persist", client.persist("renamed"));
        await tell("unlink", client.unlink(["renamed", "none"]));
        await tell("del", client.del("none"));
      }),
    );

    same(
      "publish and subscribe",
      over({ RESP }, async ({ client, tell, another }) => {
        const subscriber = await another();
        const heard: unknown[] = [];
        const until = waiter(heard);
        await subscriber.subscribe(["news", "sport"], (...message) => heard.push(message));
        await subscriber.pSubscribe("n*", (...message) => heard.push(["pattern", ...message]));
        await subscriber.subscribe("bytes", (...message) => heard.push(message), true);
        await tell("publish", client.publish("news", "it rains"));
        await tell("publish bytes", client.publish("bytes", Buffer.from([0, 255])));
        await until(3);
        await tell("heard", heard);
        await tell("a command while subscribed", subscriber.xLen("s"));
        await subscriber.unsubscribe("news");
        await subscriber.pUnsubscribe();
        await tell("publish to nobody", client.publish("news", "it rains"));
        await tell(
          "pubSubChannels",
          client.pubSubChannels().then((names) => names.toSorted()),
        );
        await subscriber.unsubscribe();
        await tell("a command again", subscriber.xLen("s"));
      }),
    );

    same(
      "a server that restarts",
      over({ RESP }, async ({ client, tell, server, another }) => {
        const [subscriber, reader] = [await another(), await another()];
        const heard: unknown[] = [];
        const until = waiter(heard);
        await client.xAdd("s", "1-1", { a: "1" });
        await subscriber.subscribe("news", (message) => heard.push(message));
        const waits = reader.xRead({ key: "s", id: "$" }, { BLOCK: 0 }).catch((error) => error);
        await server.untilBlocked(1);
        await server.stop();
        // This client does not send again what was under way: the caller is told.
        await tell("a read that waited", waits);
        const queued = client.xAdd("s", "2-1", { a: "1" });
        await server.start();
        await tell("a command from the offline queue", queued);
        await tell("the memory of the old server is gone", client.xLen("s"));
        await untilHeard(client, "news");
        await until(1);
        await tell("a subscription is made again", heard.slice(0, 1));
      }),
    );

    same(
      "what is not there",
      over({ RESP }, async ({ client, tell }) => {
        await tell("an unknown command", client.sendCommand(["FOO", "a", "b"]));
        await tell("wrong number of arguments", client.sendCommand(["XLEN"]));
        await tell("echo", client.echo("hello"));
        await tell("ping", client.ping("hello"));
        await tell("time", (await client.time()).length);
        await tell("auth without a password", client.auth({ password: "secret" }));
        await tell("configGet", client.configGet("stream-node-max-entries"));
        await tell("configSet", client.configSet("stream-node-max-entries", "50"));
        await tell("configGet after", client.configGet("stream-node-max-entries"));
        await client.configSet("stream-node-max-entries", "100");
        await tell("configGet of nothing", client.configGet("no-such"));
        await tell("info", /^redis_version:/m.test(await client.info("server")));
        const [command] = await client.commandInfo(["xadd"]);
        await tell("commandInfo", [command?.name, command?.arity, command?.firstKeyIndex]);
        await tell(
          "quit",
          client.close().then(() => "closed"),
        );
      }),
    );
  });
}

/** Waits until so many things have been heard. */
function waiter(heard: readonly unknown[]): (count: number) => Promise<void> {
  return async (count) => {
    const deadline = performance.now() + WAIT_MS;
    while (heard.length < count) {
      if (performance.now() > deadline) throw new Error(`heard ${heard.length}, not ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
}

/** Publishes until somebody hears it. */
async function untilHeard(client: Client, channel: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while ((await client.publish(channel, "again")) === 0) {
    if (performance.now() > deadline) throw new Error(`nobody listens to ${channel}`);
  }
}
