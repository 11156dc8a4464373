/** The engine in this process: pipelines, waiting reads, ending. */

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { WasmEngine } from "../src/engine.ts";
import { ClosedError, CommandError, Eddyline, UnsupportedError } from "../src/entry/node.ts";

const microtasks = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a keyspace in memory", () => {
  it("takes an entry through a group", async () => {
    await using db = await Eddyline.open("memory://");
    assert.equal(await db.xGroupCreate("s", "g", "0", { MKSTREAM: true }), "OK");
    assert.equal(await db.xAdd("s", "1-1", { a: "1", b: "2" }), "1-1");
    assert.equal(await db.xLen("s"), 1);
    const message = { id: "1-1", message: { a: "1", b: "2" } };
    assert.deepEqual(await db.xReadGroup("g", "c", { key: "s", id: ">" }), [
      { name: "s", messages: [message] },
    ]);
    const consumers = [{ name: "c", deliveriesCounter: 1 }];
    assert.deepEqual(await db.xPending("s", "g"), {
      pending: 1,
      firstId: "1-1",
      lastId: "1-1",
      consumers,
    });
    const [row] = await db.xPendingRange("s", "g", "-", "+", 10);
    assert.deepEqual([row?.id, row?.consumer, row?.deliveriesCounter], ["1-1", "c", 1]);
    assert.equal(await db.xAck("s", "g", "1-1"), 1);
    assert.equal(await db.xReadGroup("g", "c", { key: "s", id: ">" }), null);
    assert.deepEqual(await db.xRange("s", "-", "+"), [message]);
    assert.deepEqual(await db.xRevRange("s", "+", "-", { COUNT: 1 }), [message]);
    assert.deepEqual(await db.xRead({ key: "s", id: "0" }), [{ name: "s", messages: [message] }]);
    assert.equal(await db.xAddNoMkStream("none", "*", { a: "1" }), null);
    assert.equal(await db.xTrim("s", "MAXLEN", 0), 1);
    assert.equal(await db.xDel("s", "1-1"), 0);
    assert.deepEqual(
      [await db.exists(["s", "none"]), await db.type("s"), await db.del("s")],
      [1, "stream", 1],
    );
    assert.equal(await db.ping(), "PONG");
  });

  it("refuses what would change the connection that all calls share", async () => {
    await using db = await Eddyline.open("memory://");
    for (const name of ["MULTI", "select", "SUBSCRIBE"]) {
      await assert.rejects(db.sendCommand([name, "1"]), UnsupportedError);
    }
    assert.equal(await db.ping(), "PONG");
  });

  it("lets a pop wait without holding up anybody", async () => {
    await using db = await Eddyline.open("memory://");
    const popped = db.sendCommand(["BLPOP", "jobs", "5"]);
    assert.equal(await db.sendCommand(["RPUSH", "jobs", "sweep"]), 1);
    assert.deepEqual(await popped, ["jobs", "sweep"]);
  });

  it("rejects what Redis would refuse, with its text and a code", async () => {
    await using db = await Eddyline.open("memory://");
    await db.xAdd("s", "5-1", { a: "1" });
    const text = "ERR The ID specified in XADD is equal or smaller than the target stream top item";
    await assert.rejects(db.xAdd("s", "1-1", { a: "1" }), (error) => {
      assert.ok(error instanceof CommandError);
      assert.deepEqual([error.code, error.message, error.name], ["ERR", text, "CommandError"]);
      return true;
    });
    await assert.rejects(db.xReadGroup("g", "c", { key: "s", id: ">" }), { code: "NOGROUP" });
    await db.xGroupCreate("s", "g", "$");
    await assert.rejects(db.xGroupCreate("s", "g", "$"), { code: "BUSYGROUP" });
    await assert.rejects(db.xAdd("s", "*", { a: 1 as unknown as string }), TypeError);
    await assert.rejects(db.sendCommand([]), TypeError);
    assert.equal(await db.xLen("s"), 1, "and goes on");
  });

  it("sends the calls of one moment as one turn, answered in their order", async () => {
    await using db = await Eddyline.open("memory://");
    await db.ping();
    const turn = mock.method(WasmEngine.prototype, "turn");
    try {
      const ids = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => db.xAdd("s", `1-${i + 1}`, { i: `${i}` })),
      );
      assert.equal(turn.mock.callCount(), 1);
      assert.deepEqual(
        ids,
        Array.from({ length: 1000 }, (_, i) => `1-${i + 1}`),
      );
    } finally {
      turn.mock.restore();
    }
  });

  it("takes and returns bytes", async () => {
    await using db = await Eddyline.open("memory://");
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await db.xAdd(bytes, new TextEncoder().encode("1-1"), { png: bytes, text: "é" });
    await db.xAdd(bytes, "1-2", [[bytes, bytes]]);
    const [first] = await db.withBytes().xRange(bytes, "-", "+");
    assert.deepEqual(first, {
      id: "1-1",
      message: { png: bytes, text: new TextEncoder().encode("é") },
    });
    const reply = await db.withBytes().sendCommand(["XRANGE", bytes, "1-2", "+"]);
    assert.deepEqual(reply, [[new TextEncoder().encode("1-2"), [bytes, bytes]]]);
  });

  it("passes text of every kind through unharmed", async () => {
    await using db = await Eddyline.open("memory://");
    const texts = [
      "",
      "é",
      "日本語",
      "🐟",
      "\0\r\n$5\r\n",
      "x".repeat(100_000),
      "é".repeat(50_000),
      "__proto__",
    ];
    for (const [i, text] of texts.entries()) await db.xAdd("s", `1-${i + 1}`, [[text, text]]);
    const entries = await db.xRange("s", "-", "+");
    assert.deepEqual(
      entries.map(({ message }) => Object.entries(message)),
      texts.map((text) => [[text, text]]),
    );
  });

  it("decodes raw commands as node-redis does: RESP3, maps as plain objects", async () => {
    await using db = await Eddyline.open("memory://");
    await db.sendCommand(["XADD", "s", "1-1", "a", "1"]);
    assert.deepEqual(await db.sendCommand(["XREAD", "STREAMS", "s", "0"]), {
      s: [["1-1", ["a", "1"]]],
    });
    assert.equal(await db.sendCommand(["XREAD", "STREAMS", "s", "$"]), null);
    await assert.rejects(db.sendCommand(["NOSUCH"]), CommandError);
  });

  it("says which addresses it does not know", async () => {
    await assert.rejects(Eddyline.open("idb://name"), {
      code: "UNSUPPORTED",
      message: "this platform has no idb: storage: it has memory:, file:, https:",
    });
    await assert.rejects(Eddyline.open("redis://localhost"), { message: /eddyline pull/ });
    await assert.rejects(Eddyline.open("nonsense"), UnsupportedError);
    await assert.rejects(Eddyline.open(undefined as unknown as string), {
      message: 'open takes an address, as "memory://", or a storage, not undefined',
    });
  });
});

describe("reads that wait", () => {
  it("get the next entry, and hold up nobody", async () => {
    await using db = await Eddyline.open("memory://");
    const first = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
    const second = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
    const raw = db.sendCommand(["XREAD", "BLOCK", "0", "STREAMS", "s", "$"]);
    await db.xAdd("s", "1-1", { a: "1" });
    const streams = [{ name: "s", messages: [{ id: "1-1", message: { a: "1" } }] }];
    assert.deepEqual([await first, await second], [streams, streams]);
    assert.deepEqual(await raw, { s: [["1-1", ["a", "1"]]] });
  });

  it("take effect in the order of the calls", async () => {
    await using db = await Eddyline.open("memory://");
    const added = db.xAdd("s", "1-1", { a: "1" });
    const read = db.xRead({ key: "s", id: "0" }, { BLOCK: 0 });
    const cut = db.xTrim("s", "MAXLEN", 0);
    assert.equal((await read)?.[0]?.messages.length, 1);
    assert.deepEqual([await added, await cut], ["1-1", 1]);
  });

  it("share entries of a group in the order of waiting", async () => {
    await using db = await Eddyline.open("memory://");
    await db.xGroupCreate("s", "g", "$", { MKSTREAM: true });
    const consumers = ["a", "b", "c"];
    const reads = consumers.map((name) =>
      db.xReadGroup("g", name, { key: "s", id: ">" }, { BLOCK: 0, COUNT: 1 }),
    );
    for (const i of [1, 2, 3]) await db.xAdd("s", `1-${i}`, { i: `${i}` });
    const ids = (await Promise.all(reads)).map((read) => read?.[0]?.messages[0]?.id);
    assert.deepEqual(ids, ["1-1", "1-2", "1-3"]);
  });

  it("end with null when their time is over", async () => {
    await using db = await Eddyline.open("memory://");
    assert.equal(await db.xRead({ key: "s", id: "$" }, { BLOCK: 20 }), null);
    const long = db.xRead({ key: "s", id: "$" }, { BLOCK: 60_000 });
    const short = db.xRead({ key: "s", id: "$" }, { BLOCK: 20 });
    assert.equal(await short, null);
    await db.xAdd("s", "1-1", { a: "1" });
    assert.notEqual(await long, null);
  });

  it("end with the signal's reason, and are forgotten", async () => {
    await using db = await Eddyline.open("memory://");
    await db.xGroupCreate("s", "g", "$", { MKSTREAM: true });
    const controller = new AbortController();
    const { signal } = controller;
    const read = db.xReadGroup("g", "gone", { key: "s", id: ">" }, { BLOCK: 0, signal });
    const reason = new Error("no longer");
    setImmediate(() => controller.abort(reason));
    await assert.rejects(read, reason);
    await assert.rejects(db.xRead({ key: "s", id: "$" }, { BLOCK: 0, signal }), reason);
    await db.xAdd("s", "1-1", { a: "1" });
    assert.equal((await db.xPending("s", "g")).pending, 0, "the entry went to nobody");
  });

  it("ended in the moment of the call, leave nothing behind", async () => {
    await using db = await Eddyline.open("memory://");
    const controller = new AbortController();
    const read = db.xRead({ key: "s", id: "$" }, { BLOCK: 0, signal: controller.signal });
    controller.abort();
    await assert.rejects(read, { name: "AbortError" });
    assert.equal(await db.xAdd("s", "1-1", { a: "1" }), "1-1");
  });

  it("that were answered stay answered, whatever the signal says later", async () => {
    await using db = await Eddyline.open("memory://");
    await db.xAdd("s", "1-1", { a: "1" });
    const controller = new AbortController();
    const read = db.xRead({ key: "s", id: "0" }, { BLOCK: 0, signal: controller.signal });
    controller.abort();
    assert.notEqual(await read, null);
  });

  it("with wrong arguments keep nothing alive and cost no client", async () => {
    const db = await Eddyline.open("memory://");
    const key = 7 as unknown as string;
    await assert.rejects(db.xRead({ key, id: "$" }, { BLOCK: 60_000 }), TypeError);
    const read = db.xRead({ key: "s", id: "$" }, { BLOCK: 60_000 });
    await db.xAdd("s", "1-1", { a: "1" });
    assert.equal((await read)?.length, 1);
    await db.close();
  });

  it("come again and again on few clients", async () => {
    await using db = await Eddyline.open("memory://");
    const turn = mock.method(WasmEngine.prototype, "turn");
    try {
      for (let i = 1; i <= 20; i++) {
        const read = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
        await db.xAdd("s", `1-${i}`, { i: `${i}` });
        assert.equal((await read)?.[0]?.messages[0]?.id, `1-${i}`);
      }
      const clients = new Set(turn.mock.calls.map(({ arguments: [, client] }) => client));
      assert.equal(clients.size, 2);
    } finally {
      turn.mock.restore();
    }
  });
});

describe("closing", () => {
  it("answers what was called before, ends what waits, refuses what comes", async () => {
    const db = await Eddyline.open("memory://");
    const added = db.xAdd("s", "1-1", { a: "1" });
    const waiting = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
    const refused = assert.rejects(waiting, ClosedError);
    await Promise.all([db.close(), db.close()]);
    assert.equal(await added, "1-1");
    await refused;
    await assert.rejects(db.ping(), ClosedError);
  });

  it("leaves no timer behind", async () => {
    const db = await Eddyline.open("memory://");
    const waiting = db.xRead({ key: "s", id: "$" }, { BLOCK: 60_000 });
    const refused = assert.rejects(waiting, ClosedError);
    await microtasks();
    await db.close();
    await refused;
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((name) => name === "Timeout"),
      [],
    );
  });
});
