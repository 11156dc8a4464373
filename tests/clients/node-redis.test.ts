/** node-redis, unmodified: every stream method it has, in RESP2 and in RESP3. */

import { RESP_TYPES } from "redis";
import { conversations } from "./conversation.ts";
import { type Client, over } from "./node-redis.ts";

/** A stream of five entries, `1-1` to `5-1`. */
async function fill(client: Client, key = "s"): Promise<void> {
  for (let n = 1; n <= 5; n++) await client.xAdd(key, `${n}-1`, { n: `${n}`, word: `w${n}` });
}

for (const protocol of [2, 3]) {
  // The types are those of RESP3; the replies are meant to be equal.
  const options = { RESP: protocol as 3 };
  conversations(`node-redis, RESP${protocol}`, ({ same, newer }) => {
    same(
      "appends",
      over(options, async ({ client, tell }) => {
        await tell("xAdd", client.xAdd("s", "1-1", { a: "1", b: "2" }));
        await tell("xAdd ms-*", client.xAdd("s", "1-*", { a: "1" }));
        const trim = (TRIM: object) =>
          client.xAdd("s", `${Object.keys(TRIM).length + 1}-*`, { a: "1" }, { TRIM } as object);
        await tell("xAdd MAXLEN", trim({ strategy: "MAXLEN", threshold: 2 }));
        await tell("xAdd ~", trim({ strategy: "MAXLEN", strategyModifier: "~", threshold: 2 }));
        await tell("xAdd MINID", trim({ strategy: "MINID", strategyModifier: "=", threshold: 2 }));
        await tell(
          "xAdd LIMIT",
          trim({ strategy: "MINID", strategyModifier: "~", threshold: 3, limit: 5 }),
        );
        await tell("xAdd policy", client.xAdd("s", "9-1", { a: "1" }, { policy: "KEEPREF" }));
        await tell("xAddNoMkStream", client.xAddNoMkStream("none", "*", { a: "1" }));
        await tell("xAddNoMkStream to one", client.xAddNoMkStream("s", "9-2", { a: "1" }));
        await tell("xAdd too small", client.xAdd("s", "1-1", { a: "1" }));
        await tell("xAdd of nothing", client.xAdd("s", "*", {}));
        await tell("xLen", client.xLen("s"));
        await tell("xRange", client.xRange("s", "-", "+"));
        await tell("xAdd * is an ID", /^\d{13}-\d+$/.test(await client.xAdd("s", "*", { a: "1" })));
      }),
    );

    same(
      "keeps bytes",
      over(options, async ({ client, tell }) => {
        const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
        const key = Buffer.from([0, 13, 10, 255]);
        const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
        await tell("xAdd", binary.xAdd(key, "1-1", { bytes }));
        await tell("xRange", binary.xRange(key, "-", "+"));
        await tell("xRead", binary.xRead({ key, id: "0" }));
        await client.xGroupCreate(key, bytes, "0");
        await tell("xReadGroup", binary.xReadGroup(bytes, bytes, { key, id: ">" }));
        await tell(
          "xPendingRange",
          (await binary.xPendingRange(key, bytes, "-", "+", 1))[0]?.consumer,
        );
        await tell("xInfoGroups", binary.xInfoGroups(key));
        await tell("a text of many bytes", client.xAdd("é", "1-1", { žluť: "🦦" }));
        await tell("and back", client.xRange("é", "-", "+"));
      }),
    );

    same(
      "ranges, trims and deletes",
      over(options, async ({ client, tell }) => {
        await fill(client);
        await tell("xRange", client.xRange("s", "-", "+"));
        await tell("xRange COUNT", client.xRange("s", "2", "4", { COUNT: 2 }));
        await tell("xRange of nothing", client.xRange("none", "-", "+"));
        await tell("xRange COUNT 0", client.xRange("s", "-", "+", { COUNT: 0 }));
        await tell("xRevRange", client.xRevRange("s", "+", "-", { COUNT: 2 }));
        await tell("xDel", client.xDel("s", ["2-1", "9-9"]));
        await tell("xDelEx", client.xDelEx("s", ["3-1", "9-9"], "DELREF"));
        await tell("xTrim MAXLEN", client.xTrim("s", "MAXLEN", 2));
        await tell("xTrim MINID", client.xTrim("s", "MINID", "5-1", { strategyModifier: "=" }));
        await tell(
          "xTrim ~",
          client.xTrim("s", "MAXLEN", 0, { strategyModifier: "~", LIMIT: 100, policy: "KEEPREF" }),
        );
        await tell("xSetId", client.xSetId("s", "9-9"));
        await tell(
          "xSetId more",
          client.xSetId("s", "10-0", { ENTRIESADDED: 20, MAXDELETEDID: "6-0" }),
        );
        await tell("xSetId too small", client.xSetId("s", "1-0"));
        await tell("xInfoStream", client.xInfoStream("s"));
        await tell("xInfoStream of nothing", client.xInfoStream("none"));
      }),
    );

    same(
      "reads",
      over(options, async ({ client, tell, server, another }) => {
        await fill(client, "a");
        await fill(client, "b");
        await tell("xRead", client.xRead({ key: "a", id: "0" }));
        const both = [
          { key: "a", id: "3-1" },
          { key: "b", id: "0" },
        ];
        await tell("xRead COUNT", client.xRead(both, { COUNT: 2 }));
        await tell("xRead nothing", client.xRead({ key: "a", id: "$" }));
        await tell("xRead +", client.xRead({ key: "a", id: "+" }));
        await tell("xRead BLOCK in vain", client.xRead({ key: "a", id: "$" }, { BLOCK: 20 }));
        const waits = (await another()).xRead({ key: "a", id: "$" }, { COUNT: 1, BLOCK: 4000 });
        await server.untilBlocked(1);
        await client.xAdd("a", "6-1", { n: "6" });
        await tell("xRead BLOCK served", waits);
        await tell(
          "xRead of another type",
          client.set("str", "x").then(() => client.xRead({ key: "str", id: "0" })),
        );
      }),
    );

    same(
      "groups",
      over(options, async ({ client, tell }) => {
        await fill(client);
        await tell("xGroupCreate", client.xGroupCreate("s", "g", "0"));
        await tell("xGroupCreate again", client.xGroupCreate("s", "g", "0"));
        await tell(
          "xGroupCreate MKSTREAM",
          client.xGroupCreate("new", "g", "$", { MKSTREAM: true }),
        );
        await tell("xGroupCreate without", client.xGroupCreate("none", "g", "$"));
        await tell(
          "xGroupCreate ENTRIESREAD",
          client.xGroupCreate("s", "h", "2", { ENTRIESREAD: 2 }),
        );
        await tell("xGroupCreateConsumer", client.xGroupCreateConsumer("s", "g", "ana"));
        const read = (id: string, more: object = {}) =>
          client.xReadGroup("g", "ana", { key: "s", id }, { COUNT: 2, ...more });
        await tell("xReadGroup", read(">"));
        await tell("xReadGroup more", read(">"));
        await tell("xReadGroup NOACK", read(">", { NOACK: true }));
        await tell("xReadGroup BLOCK in vain", read(">", { BLOCK: 20 }));
        await client.xDel("s", "2-1");
        await tell("xReadGroup history", read("0"));
        await tell("xAck", client.xAck("s", "g", ["1-1", "9-9"]));
        await tell("xGroupSetId", client.xGroupSetId("s", "g", "4-1", { ENTRIESREAD: 4 }));
        await tell("xInfoGroups", client.xInfoGroups("s"));
        await tell("xInfoConsumers", client.xInfoConsumers("s", "g"));
        await tell("xGroupDelConsumer", client.xGroupDelConsumer("s", "g", "ana"));
        await tell("xGroupDestroy", client.xGroupDestroy("s", "g"));
        await tell("xReadGroup without", read(">"));
        await tell("xInfoConsumers without", client.xInfoConsumers("s", "g"));
      }),
    );

    same(
      "pending entries",
      over(options, async ({ client, tell }) => {
        await fill(client);
        await client.xGroupCreate("s", "g", "0");
        await tell("xPending of none", client.xPending("s", "g"));
        await client.xReadGroup("g", "ana", { key: "s", id: ">" }, { COUNT: 4 });
        await tell("xPending", client.xPending("s", "g"));
        const range = async (more: object = {}) => {
          const rows = await client.xPendingRange("s", "g", "-", "+", 10, more);
          return rows.map(({ millisecondsSinceLastDelivery, ...row }) => row);
        };
        await tell("xPendingRange", range());
        await tell("xPendingRange consumer", range({ consumer: "ben" }));
        await tell("xPendingRange IDLE", range({ IDLE: 60000 }));
        await tell("xClaim", client.xClaim("s", "g", "ben", 0, ["1-1", "9-9"]));
        await tell("xClaimJustId", client.xClaimJustId("s", "g", "ben", 0, "2-1"));
        await tell(
          "xClaim all",
          client.xClaim("s", "g", "ben", 0, "3-1", { IDLE: 5, RETRYCOUNT: 7 }),
        );
        await tell(
          "xClaim FORCE",
          client.xClaim("s", "g", "cho", 0, "5-1", { FORCE: true, LASTID: "5" }),
        );
        await tell("xClaim TIME", client.xClaim("s", "g", "cho", 0, "4-1", { TIME: new Date(1) }));
        await tell("xClaim too young", client.xClaim("s", "g", "cho", 60000, "1-1"));
        await client.xDel("s", "2-1");
        await tell("xAutoClaim", client.xAutoClaim("s", "g", "dan", 0, "0", { COUNT: 3 }));
        await tell("xAutoClaimJustId", client.xAutoClaimJustId("s", "g", "dan", 0, "4"));
        await tell("xPendingRange after", range());
        await tell("xAckDel", client.xAckDel("s", "g", ["1-1", "9-9"], "DELREF"));
        await tell("xPending after", client.xPending("s", "g"));
        await tell("xClaim without", client.xClaim("s", "nog", "cho", 0, "1-1"));
      }),
    );

    newer(
      "what Redis 8.4 to 8.10 added",
      {
        "xAdd IDMP twice is one ID": true,
        "xAdd IDMPAUTO twice is one ID": true,
        xLen: 2,
        xCfgSet: "OK",
        "xInfoStream of idempotence": [60, 50, 0, 0, 2, 2],
        "xNack FAIL": 2,
        "xNack SILENT": 1,
        "xNack RETRYCOUNT FORCE": 1,
        "xPendingRange after": [
          { id: "1-1", consumer: "", millisecondsSinceLastDelivery: -1, deliveriesCounter: 1 },
          { id: "2-1", consumer: "", millisecondsSinceLastDelivery: -1, deliveriesCounter: 1 },
          { id: "3-1", consumer: "", millisecondsSinceLastDelivery: -1, deliveriesCounter: 0 },
          { id: "5-1", consumer: "", millisecondsSinceLastDelivery: -1, deliveriesCounter: 9 },
        ],
        "xReadGroup CLAIM": [
          { id: "1-1", message: { n: "1", word: "w1" }, deliveriesCounter: 1 },
          { id: "2-1", message: { n: "2", word: "w2" }, deliveriesCounter: 1 },
          { id: "3-1", message: { n: "3", word: "w3" }, deliveriesCounter: 0 },
        ],
        "xRead MAXCOUNT": [
          ["a", 2],
          ["b", 1],
        ],
        "xRead MAXSIZE": [["a", 1]],
      },
      over(options, async ({ client, tell }) => {
        const idmp = () => client.xAdd("i", "*", { a: "1" }, { IDMP: { pid: "p", iid: "1" } });
        const id = await idmp();
        await tell("xAdd IDMP twice is one ID", id === (await idmp()));
        const auto = () => client.xAdd("i", "*", { a: "2" }, { IDMPAUTO: { pid: "p" } });
        const other = await auto();
        await tell("xAdd IDMPAUTO twice is one ID", other === (await auto()));
        await tell("xLen", client.xLen("i"));
        await tell("xCfgSet", client.xCfgSet("i", { IDMP_DURATION: 60, IDMP_MAXSIZE: 50 }));
        const info = await client.xInfoStream("i");
        await tell("xInfoStream of idempotence", [
          ...[info["idmp-duration"], info["idmp-maxsize"], info["pids-tracked"]],
          ...[info["iids-tracked"], info["iids-added"], info["iids-duplicates"]],
        ]);

        await fill(client);
        await client.xGroupCreate("s", "g", "0");
        await client.xReadGroup("g", "ana", { key: "s", id: ">" }, { COUNT: 3 });
        await tell("xNack FAIL", client.xNack("s", "g", "FAIL", ["1-1", "2-1"]));
        await tell("xNack SILENT", client.xNack("s", "g", "SILENT", "3-1"));
        await tell(
          "xNack RETRYCOUNT FORCE",
          client.xNack("s", "g", "FAIL", "5-1", { RETRYCOUNT: 9, FORCE: true }),
        );
        await tell("xPendingRange after", client.xPendingRange("s", "g", "-", "+", 10));
        const claimed = await client.xReadGroup(
          "g",
          "ben",
          { key: "s", id: ">" },
          { CLAIM: 0, COUNT: 3 },
        );
        const rows: { millisElapsedFromDelivery?: number }[] = claimed?.[0]?.messages ?? [];
        await tell(
          "xReadGroup CLAIM",
          rows.map(({ millisElapsedFromDelivery, ...row }) => row),
        );
        await fill(client, "a");
        await fill(client, "b");
        const both = [
          { key: "a", id: "3-1" },
          { key: "b", id: "4-1" },
        ];
        const lengths = async (more: object) => {
          const reply = await client.xRead(both, more);
          const streams: { name: string; messages: unknown[] }[] = reply ?? [];
          return streams.map(({ name, messages }) => [name, messages.length]);
        };
        await tell("xRead MAXCOUNT", lengths({ MAXCOUNT: 3 }));
        await tell("xRead MAXSIZE", lengths({ MAXSIZE: 1 }));
      }),
    );
  });
}
