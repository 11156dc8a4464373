/** What each method sends, and how it takes the replies of both RESP versions. No engine involved. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamClient } from "../src/client.ts";
import type { XAddOptions } from "../src/commands/xadd.ts";
import { type Argument, type Argv, type ReadReply, ReplyReader, readText } from "../src/resp.ts";
import type { Transport, Wait } from "../src/transport.ts";

/** A transport that answers one reply to everything and keeps what was sent. */
class Echo implements Transport {
  sent: Argument[] = [];
  wait: Wait | undefined;
  readonly #reply: Uint8Array;

  constructor(reply: string) {
    this.#reply = new TextEncoder().encode(reply);
  }

  send<T>(argv: readonly Argument[], read: ReadReply<T>, wait?: Wait): Promise<T> {
    this.sent = [...argv];
    this.wait = wait;
    return Promise.resolve(read(new ReplyReader(this.#reply)));
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    return this.send(commands.flat(), read);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

type Call = (client: StreamClient) => Promise<unknown>;

async function sends(call: Call, line: string, reply = ":0\r\n"): Promise<void> {
  const echo = new Echo(reply);
  await call(new StreamClient(echo, readText));
  assert.equal(echo.sent.join(" "), line);
}

async function reads(call: Call, reply: string, value: unknown): Promise<void> {
  assert.deepEqual(await call(new StreamClient(new Echo(reply), readText)), value);
}

describe("what is sent", () => {
  const text = "+x\r\n";
  const empty = "*0\r\n";

  it("XADD", async () => {
    await sends((db) => db.xAdd("s", "*", { a: "1", b: "2" }), "XADD s * a 1 b 2", text);
    await sends(
      (db) => db.xAddNoMkStream("s", "1-*", { a: "1" }),
      "XADD s NOMKSTREAM 1-* a 1",
      text,
    );
    await sends(
      (db) =>
        db.xAdd("s", "*", [
          ["a", "1"],
          ["a", "2"],
        ]),
      "XADD s * a 1 a 2",
      text,
    );
    await sends((db) => db.xAdd("s", "*", new Map([["a", "1"]])), "XADD s * a 1", text);
    const limited = {
      strategy: "MINID",
      strategyModifier: "~",
      threshold: "5-0",
      limit: 0,
    } as const;
    await sends(
      (db) => db.xAdd("s", "*", { a: "1" }, { TRIM: limited }),
      "XADD s MINID ~ 5-0 LIMIT 0 * a 1",
      text,
    );
    const exact = { strategy: "MAXLEN", threshold: 10 } as const;
    await sends(
      (db) => db.xAdd("s", "*", { a: "1" }, { TRIM: exact }),
      "XADD s MAXLEN 10 * a 1",
      text,
    );
  });

  it("XLEN, XRANGE, XREVRANGE, XDEL, XTRIM", async () => {
    await sends((db) => db.xLen("s"), "XLEN s");
    await sends((db) => db.xRange("s", "-", "+"), "XRANGE s - +", empty);
    await sends((db) => db.xRange("s", "(1", "2", { COUNT: 0 }), "XRANGE s (1 2 COUNT 0", empty);
    await sends(
      (db) => db.xRevRange("s", "+", "-", { COUNT: 3 }),
      "XREVRANGE s + - COUNT 3",
      empty,
    );
    await sends((db) => db.xDel("s", "1-1"), "XDEL s 1-1");
    await sends((db) => db.xDel("s", ["1-1", "1-2"]), "XDEL s 1-1 1-2");
    await sends((db) => db.xTrim("s", "MAXLEN", 5), "XTRIM s MAXLEN 5");
    await sends(
      (db) => db.xTrim("s", "MINID", "5-1", { strategyModifier: "=" }),
      "XTRIM s MINID = 5-1",
    );
    await sends(
      (db) => db.xTrim("s", "MAXLEN", 5, { strategyModifier: "~", LIMIT: 7 }),
      "XTRIM s MAXLEN ~ 5 LIMIT 7",
    );
  });

  it("XREAD and XREADGROUP", async () => {
    const a = { key: "a", id: "0" };
    const b = { key: "b", id: "$" };
    await sends((db) => db.xRead(a), "XREAD STREAMS a 0", "_\r\n");
    await sends(
      (db) => db.xRead([a, b], { COUNT: 2, BLOCK: 0 }),
      "XREAD COUNT 2 BLOCK 0 STREAMS a b 0 $",
      "_\r\n",
    );
    await sends((db) => db.xReadGroup("g", "c", a), "XREADGROUP GROUP g c STREAMS a 0", "_\r\n");
    const options = { COUNT: 2, BLOCK: 5, NOACK: true };
    await sends(
      (db) => db.xReadGroup("g", "c", [a, b], options),
      "XREADGROUP GROUP g c COUNT 2 BLOCK 5 NOACK STREAMS a b 0 $",
      "_\r\n",
    );
  });

  it("what Redis has had since 8.2", async () => {
    const added = [
      ["XADD s ACKED IDMP p 7 MAXLEN ~ 5 DELREF * a 1", { IDMP: { pid: "p", iid: "7" } }],
      ["XADD s ACKED IDMPAUTO p MAXLEN ~ 5 DELREF * a 1", { IDMPAUTO: { pid: "p" } }],
    ] as const;
    const TRIM = { strategy: "MAXLEN", strategyModifier: "~", threshold: 5, policy: "DELREF" };
    for (const [line, options] of added) {
      const all = { ...options, policy: "ACKED", TRIM } as XAddOptions;
      await sends((db) => db.xAdd("s", "*", { a: "1" }, all), line, text);
    }
    const streams = { key: "s", id: ">" };
    await sends(
      (db) => db.xReadGroup("g", "c", streams, { CLAIM: 9, MAXCOUNT: 5, MAXSIZE: 7, COUNT: 3 }),
      "XREADGROUP GROUP g c COUNT 3 MAXCOUNT 5 MAXSIZE 7 CLAIM 9 STREAMS s >",
      "_\r\n",
    );
    await sends(
      (db) => db.xTrim("s", "MAXLEN", 5, { policy: "KEEPREF" }),
      "XTRIM s MAXLEN 5 KEEPREF",
    );
    await sends((db) => db.xDelEx("s", ["1-1", "2-1"]), "XDELEX s IDS 2 1-1 2-1", empty);
    await sends((db) => db.xAckDel("s", "g", "1-1", "ACKED"), "XACKDEL s g ACKED IDS 1 1-1", empty);
    await sends(
      (db) => db.xNack("s", "g", "FAIL", "1-1", { RETRYCOUNT: 0, FORCE: true }),
      "XNACK s g FAIL IDS 1 1-1 RETRYCOUNT 0 FORCE",
    );
    await sends(
      (db) => db.xCfgSet("s", { IDMP_MAXSIZE: 5, IDMP_DURATION: 9 }),
      "XCFGSET s IDMP-DURATION 9 IDMP-MAXSIZE 5",
      text,
    );
    await sends(
      (db) => db.xSetId("s", "5-1", { MAXDELETEDID: "4-1", ENTRIESADDED: 0 }),
      "XSETID s 5-1 ENTRIESADDED 0 MAXDELETEDID 4-1",
      text,
    );
  });

  it("commands on keys and plain values", async () => {
    const ok = "+OK\r\n";
    await sends((db) => db.set("k", 7), "SET k 7", ok);
    await sends((db) => db.set("k", "v", { PX: 5, NX: true }), "SET k v PX 5 NX", ok);
    await sends((db) => db.set("k", "v", { expiration: "KEEPTTL" }), "SET k v KEEPTTL", ok);
    const expiration = { type: "EX", value: 9 } as const;
    await sends(
      (db) => db.set("k", "v", { expiration, condition: "XX", GET: true }),
      "SET k v EX 9 XX GET",
      ok,
    );
    await sends((db) => db.expire("k", 5, "NX"), "EXPIRE k 5 NX");
    await sends((db) => db.hSet("k", "f", 1), "HSET k f 1");
    await sends((db) => db.hSet("k", { f: 1, g: "2" }), "HSET k f 1 g 2");
    await sends((db) => db.hSet("k", new Map([["f", 1]])), "HSET k f 1");
    await sends((db) => db.hSet("k", ["f", 1, "g", 2]), "HSET k f 1 g 2");
    await sends((db) => db.lPush("k", ["1", "2"]), "LPUSH k 1 2");
    await sends((db) => db.blPop(["k", "l"], 1.5), "BLPOP k l 1.5", "_\r\n");
    await sends((db) => db.copy("k", "l", { REPLACE: true, DB: 0 }), "COPY k l DB 0 REPLACE");
    await sends(
      (db) => db.scan("0", { TYPE: "stream", MATCH: "a*" }),
      "SCAN 0 MATCH a* TYPE stream",
      "*2\r\n$1\r\n0\r\n*0\r\n",
    );
    await sends((db) => db.configSet({ a: "1", b: "2" }), "CONFIG SET a 1 b 2", ok);
    await sends((db) => db.configSet("a", "1"), "CONFIG SET a 1", ok);
  });

  it("XGROUP, XACK, XPENDING", async () => {
    await sends((db) => db.xGroupCreate("s", "g", "$"), "XGROUP CREATE s g $", "+OK\r\n");
    const options = { MKSTREAM: true, ENTRIESREAD: -1 };
    await sends(
      (db) => db.xGroupCreate("s", "g", "0", options),
      "XGROUP CREATE s g 0 MKSTREAM ENTRIESREAD -1",
      "+OK\r\n",
    );
    await sends((db) => db.xAck("s", "g", ["1-1", "2-1"]), "XACK s g 1-1 2-1");
    await sends((db) => db.xPending("s", "g"), "XPENDING s g", "*4\r\n:0\r\n_\r\n_\r\n_\r\n");
    await sends((db) => db.xPendingRange("s", "g", "-", "+", 9), "XPENDING s g - + 9", empty);
    const filter = { IDLE: 5, consumer: "c" };
    await sends(
      (db) => db.xPendingRange("s", "g", "-", "+", 9, filter),
      "XPENDING s g IDLE 5 - + 9 c",
      empty,
    );
  });

  it("DEL, EXISTS, TYPE, PING and anything else", async () => {
    await sends((db) => db.del(["a", "b"]), "DEL a b");
    await sends((db) => db.exists("a"), "EXISTS a");
    await sends((db) => db.type("a"), "TYPE a", "+OK\r\n");
    await sends((db) => db.ping(), "PING", text);
    await sends((db) => db.ping("hi"), "PING hi", text);
    await sends((db) => db.sendCommand(["FOO", "bar"]), "FOO bar", text);
  });

  it("tells the transport which commands may wait", async () => {
    const signal = new AbortController().signal;
    const waits = async (call: Call) => {
      const echo = new Echo("_\r\n");
      await call(new StreamClient(echo, readText));
      return echo.wait;
    };
    const streams = { key: "BLOCK", id: "0" };
    assert.equal(await waits((db) => db.xRead(streams)), undefined);
    assert.equal((await waits((db) => db.xRead(streams, { BLOCK: 0, signal })))?.signal, signal);
    assert.equal(
      (await waits((db) => db.xReadGroup("g", "c", streams, { BLOCK: 1, signal })))?.signal,
      signal,
    );
    assert.equal(
      await waits((db) => db.sendCommand(["xread", "STREAMS", "BLOCK", "0"])),
      undefined,
    );
    assert.ok(await waits((db) => db.sendCommand(["xread", "block", "0", "STREAMS", "s", "0"])));
    assert.ok(
      await waits((db) =>
        db.sendCommand([Buffer.from("XreadGroup"), "GROUP", "g", "c", Buffer.from("BLOCK"), "0"]),
      ),
    );
    assert.ok(
      await waits((db) =>
        db.sendCommand(["XREADGROUP", "GROUP", "STREAMS", "c", "BLOCK", "0", "STREAMS", "s", ">"]),
      ),
    );
    const options = [
      "XREADGROUP",
      "BLOCK",
      "0",
      "COUNT",
      "1",
      "GROUP",
      "g",
      "c",
      "STREAMS",
      "s",
      ">",
    ];
    assert.ok(await waits((db) => db.sendCommand(options)), "options may stand before the group");
    const named = ["XREADGROUP", "GROUP", "BLOCK", "BLOCK", "STREAMS", "BLOCK", ">"];
    assert.equal(await waits((db) => db.sendCommand(named)), undefined);
    assert.equal(await waits((db) => db.sendCommand(["XADD", "s", "*", "BLOCK", "1"])), undefined);
  });
});

describe("what is read", () => {
  const entry = "*2\r\n$3\r\n1-1\r\n*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n";
  const message = { id: "1-1", message: { a: "1", b: "2" } };

  it("entries", async () => {
    await reads((db) => db.xRange("s", "-", "+"), `*1\r\n${entry}`, [message]);
    await reads((db) => db.xRange("s", "-", "+", { COUNT: 0 }), "*-1\r\n", null);
    await reads((db) => db.xAddNoMkStream("s", "*", {}), "$-1\r\n", null);
  });

  it("what a read with CLAIM tells of an entry", async () => {
    const claimed = entry.replace("*2", "*4");
    const counts = { millisElapsedFromDelivery: 1500, deliveriesCounter: 2 };
    await reads((db) => db.xRead([]), `%1\r\n$1\r\ns\r\n*1\r\n${claimed}:1500\r\n:2\r\n`, [
      { name: "s", messages: [{ ...message, ...counts }] },
    ]);
  });

  it("plain values", async () => {
    const pair = "*2\r\n$1\r\nk\r\n$1\r\nv\r\n";
    await reads((db) => db.blPop("k", 0), pair, { key: "k", element: "v" });
    await reads((db) => db.hGetAll("k"), pair, { k: "v" });
    await reads((db) => db.hGetAll("k"), "%1\r\n$1\r\nk\r\n$1\r\nv\r\n", { k: "v" });
    await reads((db) => db.scan("0"), `*2\r\n$2\r\n17\r\n${pair}`, {
      cursor: "17",
      keys: ["k", "v"],
    });
    await reads((db) => db.pubSubNumSub("c"), "*2\r\n$1\r\nc\r\n:3\r\n", { c: 3 });
    await reads((db) => db.xDelEx("s", "1-1"), "*1\r\n:-1\r\n", [-1]);
  });

  it("streams, from RESP2 and from RESP3", async () => {
    const streams = [{ name: "s", messages: [message] }];
    await reads((db) => db.xRead([]), `*1\r\n*2\r\n$1\r\ns\r\n*1\r\n${entry}`, streams);
    await reads((db) => db.xRead([]), `%1\r\n$1\r\ns\r\n*1\r\n${entry}`, streams);
    await reads((db) => db.xRead([]), "_\r\n", null);
  });

  it("a pending entry that is no longer in the stream", async () => {
    const reply = "%1\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n_\r\n";
    const messages = [{ id: "1-1", message: {}, deleted: true }];
    await reads((db) => db.xReadGroup("g", "c", []), reply, [{ name: "s", messages }]);
  });

  it("pending entries", async () => {
    const summary = "*4\r\n:3\r\n$3\r\n1-1\r\n$3\r\n1-3\r\n*1\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n";
    const consumers = [{ name: "c", deliveriesCounter: 3 }];
    await reads((db) => db.xPending("s", "g"), summary, {
      pending: 3,
      firstId: "1-1",
      lastId: "1-3",
      consumers,
    });
    const empty = "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n";
    await reads((db) => db.xPending("s", "g"), empty, {
      pending: 0,
      firstId: null,
      lastId: null,
      consumers: null,
    });
    const row = "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:5\r\n:2\r\n";
    const pending = {
      id: "1-1",
      consumer: "c",
      millisecondsSinceLastDelivery: 5,
      deliveriesCounter: 2,
    };
    await reads((db) => db.xPendingRange("s", "g", "-", "+", 1), row, [pending]);
  });

  it("bytes, when asked for", async () => {
    const client = new StreamClient(new Echo(`*1\r\n${entry}`), readText).withBytes();
    const bytes = { a: new Uint8Array([0x31]), b: new Uint8Array([0x32]) };
    assert.deepEqual(await client.xRange("s", "-", "+"), [{ id: "1-1", message: bytes }]);
    assert.deepEqual(await client.sendCommand(["X"]), [
      [
        new TextEncoder().encode("1-1"),
        ["a", "1", "b", "2"].map((text) => new TextEncoder().encode(text)),
      ],
    ]);
  });
});
