/** The plain values that programs keep next to their streams, and what is done to any key. */

import { conversations } from "./conversation.ts";
import { iovalkey, over } from "./ioredis.ts";

const CLIENTS = [{ title: "ioredis" }, { title: "iovalkey", make: iovalkey }];

for (const { title, make } of CLIENTS) {
  conversations(`${title} and plain values`, ({ same }) => {
    same(
      "texts",
      over({ make }, async ({ redis, tell }) => {
        await tell("set", redis.set("k", "v"));
        await tell("get", redis.get("k"));
        await tell("getBuffer", redis.getBuffer("k"));
        await tell("get of nothing", redis.get("none"));
        await tell("set NX", redis.set("k", "w", "NX"));
        await tell("set XX", redis.set("k", "w", "XX"));
        await tell("set XX of nothing", redis.set("none", "w", "XX"));
        await tell("set EX NX", redis.set("lock", "me", "EX", 10, "NX"));
        await tell("ttl", redis.ttl("lock"));
        await tell("set PX", redis.set("lock", "me", "PX", 10_000));
        await tell("pttl", (await redis.pttl("lock")) > 0);
        await tell("set EX 0", redis.set("k", "w", "EX", 0));
        await tell("getdel", redis.getdel("k"));
        await tell("getdel of nothing", redis.getdel("k"));
        await tell("incr", redis.incr("n"));
        await tell("incrby", redis.incrby("n", 41));
        await tell("incrby less", redis.incrby("n", -50));
        await tell("incrby too far", redis.call("INCRBY", "n", "-9223372036854775808"));
        await tell("incrby of a word", redis.call("INCRBY", "n", "x"));
        await tell(
          "incr of a word",
          redis.set("k", "w").then(() => redis.incr("k")),
        );
        await tell(
          "incr of a stream",
          redis.xadd("s", "1-1", "a", "1").then(() => redis.incr("s")),
        );
        await tell("set over a stream", redis.set("s", "x"));
        await tell("xlen of a text", redis.xlen("s"));
      }),
    );

    same(
      "lists",
      over({ make }, async ({ redis, tell, server, another }) => {
        await tell("lpush", redis.lpush("l", "b", "a"));
        await tell("rpush", redis.rpush("l", "c", "d", "e"));
        await tell("llen", redis.llen("l"));
        await tell("lpop", redis.lpop("l"));
        await tell("lpop of two", redis.lpop("l", 2));
        await tell("rpop", redis.rpop("l"));
        await tell("rpop of more", redis.rpop("l", 9));
        await tell("an empty list is gone", redis.exists("l"));
        await tell("lpop of nothing", redis.lpop("l"));
        await tell("blpop in vain", redis.blpop("l", 0.05));
        const waits = another().blpop("l", "m", 5);
        await server.untilBlocked(1);
        await redis.rpush("m", "x", "y");
        await tell("blpop served", waits);
        await tell("and only one", redis.llen("m"));
        await tell("blpop at once", redis.blpop("l", "m", 1));
        await tell(
          "type",
          redis.rpush("l", "a").then(() => redis.type("l")),
        );
      }),
    );

    same(
      "sets and hashes",
      over({ make }, async ({ redis, tell }) => {
        await tell("sadd", redis.sadd("set", "a", "b", "a"));
        await tell("sadd again", redis.sadd("set", "b", "c"));
        await tell("sismember", redis.sismember("set", "c"));
        await tell("smembers", (await redis.smembers("set")).toSorted());
        await tell("srem", redis.srem("set", "a", "z"));
        await tell("scard", redis.scard("set"));
        await tell("hset", redis.hset("h", { a: 1, b: "two" }));
        await tell("hset again", redis.hset("h", "a", 5, "c", 6));
        await tell("hget", redis.hget("h", "b"));
        await tell("hgetall", redis.hgetall("h"));
        await tell("hgetall of nothing", redis.hgetall("none"));
        await tell("hincrby", redis.hincrby("h", "a", 3));
        await tell("hincrby of a word", redis.hincrby("h", "b", 3));
        await tell("hdel", redis.hdel("h", "a", "b", "z"));
        await tell("hget of a set", redis.hget("set", "a"));
      }),
    );

    same(
      "keys and their expiry",
      over({ make }, async ({ redis, tell }) => {
        await redis.xadd("s", "1-1", "a", "1");
        await tell("expire", redis.expire("s", 100));
        await tell("expire NX", redis.expire("s", 100, "NX"));
        await tell("expire GT", redis.expire("s", 200, "GT"));
        await tell("ttl", redis.ttl("s"));
        await tell("persist", redis.persist("s"));
        await tell("ttl without", redis.ttl("s"));
        await tell("ttl of nothing", redis.ttl("none"));
        await tell("expireat", redis.expireat("s", 4_102_444_800));
        await tell("pexpire", redis.pexpire("s", 100_000));
        await tell("pexpireat", redis.pexpireat("s", 4_102_444_800_000));
        await tell(
          "rename keeps it",
          redis.rename("s", "t").then(() => redis.persist("t")),
        );
        await tell("rename of nothing", redis.rename("s", "t"));
        await tell(
          "renamenx",
          redis.set("k", "v").then(() => redis.renamenx("k", "t")),
        );
        await tell("copy", redis.copy("t", "u"));
        await tell("copy onto", redis.copy("t", "u"));
        await tell("copy REPLACE", redis.copy("t", "u", "REPLACE"));
        await tell("move", redis.move("u", 2));
        await tell("swapdb", redis.swapdb(0, 2));
        await tell("after swapdb", redis.keys("*"));
        await tell("pexpire in the past", redis.pexpire("u", -1));
        await tell("which deletes", redis.exists("u"));
        await tell("a short life", redis.set("k", "v", "PX", 20));
        const gone = async () => {
          while ((await redis.get("k")) !== null);
          return "gone";
        };
        await tell("ends", gone());
        await tell("flushdb", redis.flushdb());
        await tell("dbsize", redis.dbsize());
      }),
    );
  });
}
