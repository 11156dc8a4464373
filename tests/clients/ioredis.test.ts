/** ioredis and iovalkey, unmodified: every stream method it has, in RESP2 and in RESP3. */

import type { Redis } from "ioredis";
import { conversations } from "./conversation.ts";
import { iovalkey, type Make, type Options, over } from "./ioredis.ts";

/** A stream of five entries, `1-1` to `5-1`. */
async function fill(redis: Redis, key = "s"): Promise<void> {
  for (let n = 1; n <= 5; n++) await redis.xadd(key, `${n}-1`, "n", n, "word", `w${n}`);
}

/** Every command that has a method, one after the other. */
const IN_TURN = [
  ["xadd", "s", "1-1", "a", "1"],
  ["xlen", "s"],
  ["xrange", "s", "-", "+"],
  ["xrevrange", "s", "+", "-"],
  ["xread", "STREAMS", "s", "0"],
  ["xgroup", "CREATE", "s", "g", "0"],
  ["xreadgroup", "GROUP", "g", "ana", "STREAMS", "s", ">"],
  ["xpending", "s", "g"],
  ["xclaim", "s", "g", "ben", "0", "1-1"],
  ["xautoclaim", "s", "g", "cho", "0", "0"],
  ["xinfo", "GROUPS", "s"],
  ["xack", "s", "g", "1-1"],
  ["xackdel", "s", "g", "IDS", "1", "1-1"],
  ["xdelex", "s", "IDS", "1", "1-1"],
  ["xsetid", "s", "9-9"],
  ["xadd", "s", "10-1", "a", "1"],
  ["xdel", "s", "10-1"],
  ["xtrim", "s", "MAXLEN", "0"],
];

/** The types do not follow. */
const UNMAPPED = "resp3" as string as "legacy";

const CLIENTS: { title: string; options: Options; make?: Make }[] = [
  { title: "iovalkey", options: {}, make: iovalkey },
  { title: "ioredis, RESP2", options: { protocol: 2 } },
  { title: "ioredis, RESP3", options: { protocol: 3 } },
  { title: "ioredis, RESP3 unmapped", options: { protocol: 3, replyMapping: UNMAPPED } },
];

for (const { title, options, make } of CLIENTS) {
  conversations(title, ({ same, newer }) => {
    same(
      "appends",
      over({ options, make }, async ({ redis, tell }) => {
        await tell("xadd", redis.xadd("s", "1-1", "a", "1"));
        await tell("xadd numbers", redis.xadd("s", "1-2", "a", 1, "b", 2.5));
        await tell("xadd ms-*", redis.xadd("s", "1-*", "a", "1"));
        await tell("xadd MAXLEN", redis.xadd("s", "MAXLEN", 2, "2-1", "a", "1"));
        await tell("xadd MAXLEN =", redis.xadd("s", "MAXLEN", "=", 2, "2-2", "a", "1"));
        await tell("xadd MAXLEN ~", redis.xadd("s", "MAXLEN", "~", 2, "2-3", "a", "1"));
        await tell("xadd MINID", redis.xadd("s", "MINID", "=", "2-2", "2-4", "a", "1"));
        await tell("xadd LIMIT", redis.xadd("s", "MINID", "~", "2-3", "LIMIT", 5, "2-5", "a", "1"));
        await tell("xadd NOMKSTREAM", redis.xadd("none", "NOMKSTREAM", "*", "a", "1"));
        await tell("xadd KEEPREF", redis.xadd("s", "KEEPREF", "MAXLEN", 3, "2-6", "a", "1"));
        await tell("xadd too small", redis.xadd("s", "1-1", "a", "1"));
        await tell("xadd 0-0", redis.xadd("s", "0-0", "a", "1"));
        await tell("xadd odd", redis.call("XADD", "s", "*", "a"));
        await tell(
          "xadd on a string",
          redis.set("str", "x").then(() => redis.xadd("str", "*", "a", "1")),
        );
        await tell("xlen", redis.xlen("s"));
        await tell("xrange", redis.xrange("s", "-", "+"));
        const auto = await redis.xadd("s", "*", "a", "1");
        await tell("xadd * is an ID", /^\d{13}-\d+$/.test(String(auto)));
      }),
    );

    same(
      "keeps bytes",
      over({ options, make }, async ({ redis, tell }) => {
        const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
        const key = Buffer.from([0, 13, 10, 255]);
        await tell("xaddBuffer", redis.xaddBuffer(key, "1-1", bytes, bytes));
        await tell("xrangeBuffer", redis.xrangeBuffer(key, "-", "+"));
        await tell("xrevrangeBuffer", redis.xrevrangeBuffer(key, "+", "-", "COUNT", 1));
        await tell("xreadBuffer", redis.xreadBuffer("COUNT", 1, "STREAMS", key, "0"));
        await redis.xgroup("CREATE", key, bytes, "0");
        await tell(
          "xreadgroupBuffer",
          redis.xreadgroupBuffer("GROUP", bytes, bytes, "STREAMS", key, ">"),
        );
        await tell("callBuffer", redis.callBuffer("XPENDING", key, bytes));
        await tell("a text of many bytes", redis.xadd("é", "1-1", "žluť", "🦦"));
        await tell("and back", redis.xrange("é", "-", "+"));
        await tell("an empty field", redis.xadd("é", "1-2", "", ""));
        await tell("a long value", redis.xadd("é", "1-3", "long", "x".repeat(200_000)));
        await tell("and back whole", redis.xrevrange("é", "+", "-", "COUNT", 1));
      }),
    );

    same(
      "Buffer variants",
      over({ options, make }, async ({ redis, tell }) => {
        for (const [name, ...words] of IN_TURN) {
          await tell(`${name} ${words}`, method(redis, `${name}Buffer`, ...words));
        }
      }),
    );

    same(
      "ranges, trims and deletes",
      over({ options, make }, async ({ redis, tell }) => {
        await fill(redis);
        await tell("xrange", redis.xrange("s", "-", "+"));
        await tell("xrange COUNT", redis.xrange("s", "2", "4", "COUNT", 2));
        await tell("xrange (", redis.xrange("s", "(2-1", "(4-1"));
        await tell("xrange backwards", redis.xrange("s", "4", "2"));
        await tell("xrange of nothing", redis.xrange("none", "-", "+"));
        await tell("xrange COUNT 0", redis.xrange("s", "-", "+", "COUNT", 0));
        await tell("xrange of no ID", redis.xrange("s", "x", "+"));
        await tell("xrevrange", redis.xrevrange("s", "+", "-"));
        await tell("xrevrange COUNT", redis.xrevrange("s", "+", "-", "COUNT", 2));
        await tell("xdel", redis.xdel("s", "2-1", "9-9"));
        await tell("xdelex", method(redis, "xdelex", "s", "KEEPREF", "IDS", "2", "3-1", "9-9"));
        await tell("xtrim MAXLEN", redis.xtrim("s", "MAXLEN", 2));
        await tell("xtrim MINID", redis.xtrim("s", "MINID", "=", "5-1"));
        await tell("xtrim ~", redis.xtrim("s", "MAXLEN", "~", 0, "LIMIT", 100));
        await tell("xlen", redis.xlen("s"));
        await tell("xsetid", redis.xsetid("s", "9-9"));
        await tell(
          "xsetid more",
          redis.xsetid("s", "10-0", "ENTRIESADDED", 20, "MAXDELETEDID", "6-0"),
        );
        await tell("xsetid too small", redis.xsetid("s", "1-0"));
        await tell("xinfo STREAM", redis.xinfo("STREAM", "s"));
        await tell("xinfo STREAM of nothing", redis.xinfo("STREAM", "none"));
      }),
    );

    same(
      "reads",
      over({ options, make }, async ({ redis, tell, server, another }) => {
        await fill(redis, "a");
        await fill(redis, "b");
        await tell("xread", redis.xread("STREAMS", "a", "0"));
        await tell("xread COUNT", redis.xread("COUNT", 2, "STREAMS", "a", "b", "0", "3-1"));
        await tell("xread nothing", redis.xread("STREAMS", "a", "$"));
        await tell("xread +", redis.xread("STREAMS", "a", "+"));
        await tell("xread BLOCK in vain", redis.xread("BLOCK", 20, "STREAMS", "a", "$"));
        await tell("xread BLOCK with data", redis.xread("BLOCK", 5000, "STREAMS", "a", "4"));
        const other = another();
        const waits = other.xread("COUNT", 1, "BLOCK", 5000, "STREAMS", "a", "b", "$", "$");
        await server.untilBlocked(1);
        await redis.xadd("b", "6-1", "n", 6);
        await tell("xread BLOCK served", waits);
        for (const how of ["TIMEOUT", "ERROR"] as const) {
          const reader = another();
          const id = await reader.client("ID");
          const cut = reader.xread("BLOCK", 0, "STREAMS", "a", "$").catch((error) => error);
          await server.untilBlocked(1);
          await tell(`client UNBLOCK ${how}`, redis.call("CLIENT", "UNBLOCK", id, how));
          await tell(`xread unblocked by ${how}`, cut);
          await tell(`client UNBLOCK ${how} again`, redis.call("CLIENT", "UNBLOCK", id, how));
        }
        await tell("xread unbalanced", redis.call("XREAD", "STREAMS", "a", "b", "0"));
        await tell("xread negative", redis.xread("BLOCK", -1, "STREAMS", "a", "0"));
      }),
    );

    same(
      "groups",
      over({ options, make }, async ({ redis, tell }) => {
        await fill(redis);
        await tell("xgroup CREATE", redis.xgroup("CREATE", "s", "g", "0"));
        await tell("xgroup CREATE again", redis.xgroup("CREATE", "s", "g", "0"));
        await tell("xgroup MKSTREAM", redis.xgroup("CREATE", "new", "g", "$", "MKSTREAM"));
        await tell("xgroup CREATE without", redis.xgroup("CREATE", "none", "g", "$"));
        await tell("xgroup ENTRIESREAD", redis.xgroup("CREATE", "s", "h", "2-1", "ENTRIESREAD", 2));
        await tell("xgroup CREATECONSUMER", redis.xgroup("CREATECONSUMER", "s", "g", "ana"));
        const read = () => redis.xreadgroup("GROUP", "g", "ana", "COUNT", 2, "STREAMS", "s", ">");
        await tell("xreadgroup", read());
        await tell("xreadgroup more", read());
        await tell(
          "xreadgroup NOACK",
          redis.xreadgroup("GROUP", "g", "ben", "BLOCK", 20, "NOACK", "STREAMS", "s", ">"),
        );
        await tell(
          "xreadgroup BLOCK in vain",
          redis.xreadgroup("GROUP", "g", "ben", "BLOCK", 20, "STREAMS", "s", ">"),
        );
        await redis.xdel("s", "2-1");
        await tell(
          "xreadgroup history",
          redis.xreadgroup("GROUP", "g", "ana", "STREAMS", "s", "0"),
        );
        await tell("xack", redis.xack("s", "g", "1-1", "9-9"));
        await tell("xgroup SETID", redis.xgroup("SETID", "s", "g", "4-1"));
        await tell("xgroup DELCONSUMER", redis.xgroup("DELCONSUMER", "s", "g", "ana"));
        await tell("xgroup DESTROY", redis.xgroup("DESTROY", "s", "g"));
        await tell("xgroup DESTROY again", redis.xgroup("DESTROY", "s", "g"));
        await tell("xreadgroup without", read());
        await tell("xinfo GROUPS", redis.xinfo("GROUPS", "s"));
        await tell("xgroup FOO", redis.call("XGROUP", "FOO", "s", "g"));
      }),
    );

    same(
      "pending entries",
      over({ options, make }, async ({ redis, tell }) => {
        await fill(redis);
        await redis.xgroup("CREATE", "s", "g", "0");
        await tell("xpending of none", redis.xpending("s", "g"));
        await redis.xreadgroup("GROUP", "g", "ana", "COUNT", 4, "STREAMS", "s", ">");
        await tell("xpending", redis.xpending("s", "g"));
        const without = async (rows: Promise<unknown[]>) =>
          ((await rows) as unknown[][]).map(([id, consumer, , count]) => [id, consumer, count]);
        await tell("xpending range", without(redis.xpending("s", "g", "-", "+", 10)));
        await tell("xpending consumer", without(redis.xpending("s", "g", "-", "+", 10, "ben")));
        await tell("xpending IDLE", redis.xpending("s", "g", "IDLE", 60000, "-", "+", 10));
        await tell("xclaim", redis.xclaim("s", "g", "ben", 0, "1-1", "9-9"));
        await tell("xclaim JUSTID", redis.xclaim("s", "g", "ben", 0, "2-1", "JUSTID"));
        await tell(
          "xclaim all",
          redis.xclaim("s", "g", "ben", 0, "3-1", "IDLE", 5, "RETRYCOUNT", 7),
        );
        await tell(
          "xclaim FORCE",
          redis.xclaim("s", "g", "cho", 0, "5-1", "FORCE", "LASTID", "5-1"),
        );
        await tell("xclaim TIME", redis.xclaim("s", "g", "cho", 0, "4-1", "TIME", 1));
        await tell("xclaim too young", redis.xclaim("s", "g", "cho", 60000, "1-1"));
        await tell("xpending after", without(redis.xpending("s", "g", "-", "+", 10)));
        await redis.xdel("s", "2-1");
        await tell("xautoclaim", redis.xautoclaim("s", "g", "dan", 0, "0", "COUNT", 3));
        await tell("xautoclaim JUSTID", redis.xautoclaim("s", "g", "dan", 0, "4", "JUSTID"));
        const delref = ["DELREF", "IDS", "2", "1-1", "9-9"];
        await tell("xackdel", method(redis, "xackdel", "s", "g", ...delref));
        await tell("xpending summary", redis.xpending("s", "g"));
        await tell("xclaim without", redis.xclaim("s", "nog", "cho", 0, "1-1"));
      }),
    );

    same(
      "XINFO",
      over({ options, make }, async ({ redis, tell }) => {
        await fill(redis);
        await redis.xgroup("CREATE", "s", "g", "0");
        await redis.xgroup("CREATECONSUMER", "s", "g", "new");
        await redis.xreadgroup("GROUP", "g", "ana", "COUNT", 2, "STREAMS", "s", ">");
        await tell("xinfo GROUPS", redis.xinfo("GROUPS", "s"));
        await tell("xinfo STREAM FULL", redis.xinfo("STREAM", "s", "FULL", "COUNT", 1));
        await tell("xinfo CONSUMERS", redis.xinfo("CONSUMERS", "s", "g"));
        await tell("xinfo HELP", redis.xinfo("HELP"));
        await tell("xgroup HELP", redis.xgroup("HELP"));
        await tell("xinfo CONSUMERS without", redis.xinfo("CONSUMERS", "s", "nog"));
      }),
    );

    newer(
      "what Redis 8.4 to 8.10 added",
      {
        "xadd IDMP twice is one ID": true,
        "xadd IDMPAUTO twice is one ID": true,
        xlen: 2,
        xcfgset: "OK",
        xidmprecord: "OK",
        "xadd IDMP with an ID": {
          error: "ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs",
        },
        "xnack FAIL": 2,
        "xnack SILENT": 1,
        "xpending after": [
          ["1-1", "", -1, 1],
          ["2-1", "", -1, 1],
          ["3-1", "", -1, 0],
        ],
        "xreadgroup CLAIM": [
          ["1-1", ["n", "1", "word", "w1"], 1],
          ["2-1", ["n", "2", "word", "w2"], 1],
          ["3-1", ["n", "3", "word", "w3"], 0],
          ["4-1", ["n", "4", "word", "w4"], 0],
        ],
        "xread MAXCOUNT": [
          ["a", 2],
          ["b", 1],
        ],
        "xread MAXSIZE": [["a", 1]],
        "xread MAXCOUNT below COUNT": {
          error: "ERR MAXCOUNT must be greater than or equal to COUNT",
        },
      },
      over({ options, make }, async ({ redis, tell }) => {
        const idmp = () => redis.call("XADD", "i", "IDMP", "producer", "1", "*", "a", "1");
        const id = await idmp();
        await tell("xadd IDMP twice is one ID", id === (await idmp()));
        const auto = () => redis.call("XADD", "i", "IDMPAUTO", "producer", "*", "a", "2");
        const other = await auto();
        await tell("xadd IDMPAUTO twice is one ID", other === (await auto()));
        await tell("xlen", redis.xlen("i"));
        await tell(
          "xcfgset",
          method(redis, "xcfgset", "i", "IDMP-DURATION", "60", "IDMP-MAXSIZE", "50"),
        );
        await tell("xidmprecord", method(redis, "xidmprecord", "i", "producer", "2", String(id)));
        await tell(
          "xadd IDMP with an ID",
          redis.call("XADD", "i", "IDMP", "p", "1", "9-9", "a", "1"),
        );

        await fill(redis);
        await redis.xgroup("CREATE", "s", "g", "0");
        await redis.xreadgroup("GROUP", "g", "ana", "COUNT", 3, "STREAMS", "s", ">");
        await tell(
          "xnack FAIL",
          method(redis, "xnack", "s", "g", "FAIL", "IDS", "2", "1-1", "2-1"),
        );
        await tell("xnack SILENT", method(redis, "xnack", "s", "g", "SILENT", "IDS", "1", "3-1"));
        await tell("xpending after", redis.xpending("s", "g", "-", "+", 10));
        const claimed = await redis.xreadgroup(
          ...(["GROUP", "g", "ben", "COUNT", 4, "CLAIM", 0, "STREAMS", "s", ">"] as const),
        );
        await tell(
          "xreadgroup CLAIM",
          rows(claimed, "s").map(([id, fields, , count]) => [id, fields, count]),
        );
        await fill(redis, "a");
        await fill(redis, "b");
        const both = ["STREAMS", "a", "b", "3-1", "4-1"] as const;
        const counts = (reply: unknown) =>
          ["a", "b"].map((key) => [key, rows(reply, key).length]).filter(([, count]) => count);
        await tell("xread MAXCOUNT", counts(await redis.xread("MAXCOUNT", 3, ...both)));
        await tell("xread MAXSIZE", counts(await redis.xread("MAXSIZE", 1, ...both)));
        await tell("xread MAXCOUNT below COUNT", redis.xread("COUNT", 2, "MAXCOUNT", 1, ...both));
      }),
    );
  });
}

/** Calls a method that the types do not know, or the command where there is no such method. */
function method(redis: Redis, name: string, ...words: string[]): unknown {
  const methods = redis as unknown as Record<string, (...words: string[]) => unknown>;
  return methods[name] ? methods[name](...words) : redis.call(name, ...words);
}

/** The entries of one stream in a reply of XREAD: pairs, or an object where RESP3 is not mapped. */
function rows(reply: unknown, key: string): unknown[][] {
  const pairs = Array.isArray(reply) ? reply : Object.entries(reply ?? {});
  return (pairs as [string, unknown[][]][]).find(([name]) => name === key)?.[1] ?? [];
}
