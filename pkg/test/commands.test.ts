/** What each method sends, and how it takes the replies of both RESP versions. No engine involved. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamClient } from "../src/client.ts";
import { type Argument, type ReadReply, ReplyReader, readText } from "../src/resp.ts";
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
