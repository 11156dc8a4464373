/** Sessions that last, over several objects: order, transactions, channels, reads over objects. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../../pkg/src/errors.ts";
import { encodeRequests } from "../../pkg/src/framing.ts";
import { SocketClient } from "./socket-client.ts";
import { Workerd } from "./workerd.ts";

/** Long enough for a request to be on its way; when it is not, a test shows less. */
const SETTLE_MS = 300;

let server: Workerd;

before(async () => {
  server = await Workerd.start({ entry: "tests/workerd/fixtures/sockets.ts" });
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

const messageOf = (value: unknown) => {
  assert.ok(value instanceof CommandError, String(value));
  return value.message;
};

/** Whether a client waits at a stream, by what a group says of its consumer. */
async function untilConsumerWaits(key: string, group: string): Promise<void> {
  while (((await server.result("XINFO", "CONSUMERS", key, group)) as unknown[]).length === 0);
}

describe("a session over several objects", () => {
  test("has its replies in the order of its requests", async () => {
    using client = await SocketClient.open(server);
    const expected: unknown[] = [];
    for (let round = 1; round <= 30; round++) {
      for (const key of ["o1", "o2", "{o1}x"]) {
        client.send(["XADD", key, `${round}-1`, "n", String(round)], ["XLEN", key]);
        expected.push(`${round}-1`, round);
      }
      client.send(["PING"], ["XLEN"]);
      expected.push("PONG", undefined);
    }
    for (const reply of expected) {
      const next = await client.next();
      if (reply === undefined) assert.match(messageOf(next), /^ERR wrong number/);
      else assert.equal(next, reply);
    }
  });

  test("takes requests in pieces", async () => {
    using client = await SocketClient.open(server);
    const bytes = encodeRequests([
      ["XADD", "pieces", "1-1", "f", "v".repeat(100)],
      ["XLEN", "pieces"],
    ]);
    for (const byte of bytes) client.sendBytes(Uint8Array.of(byte));
    assert.equal(await client.next(), "1-1");
    assert.equal(await client.next(), 1);
  });

  test("speaks RESP3 after HELLO 3, and goes back", async () => {
    using client = await SocketClient.open(server);
    await client.call("XADD", "hello", "1-1", "f", "v");
    const read = ["XREAD", "STREAMS", "hello", "0"];
    assert.ok(Array.isArray(await client.call(...read)));
    assert.equal(((await client.call("HELLO", "3")) as { proto: number }).proto, 3);
    assert.deepEqual(await client.call(...read), { hello: [["1-1", ["f", "v"]]] });
    await client.call("HELLO", "2");
    assert.ok(Array.isArray(await client.call(...read)));
    assert.match(messageOf(await client.call("HELLO", "4")), /^NOPROTO/);
  });

  test("waits with what comes behind a read that waits", async () => {
    using client = await SocketClient.open(server);
    await server.result("XGROUP", "CREATE", "behind", "g", "$", "MKSTREAM");
    client.send(
      ["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "behind", ">"],
      ["XADD", "elsewhere", "*", "f", "v"],
      ["XLEN", "behind"],
    );
    await untilConsumerWaits("behind", "g");
    assert.equal(await server.result("XLEN", "elsewhere"), 0);
    await server.result("XADD", "behind", "1-1", "f", "v");
    assert.deepEqual(await client.next(), [["behind", [["1-1", ["f", "v"]]]]]);
    assert.match(String(await client.next()), /-0$/);
    assert.equal(await client.next(), 1);
  });

  test("ends with QUIT", async () => {
    using client = await SocketClient.open(server);
    client.send(["XLEN", "quit"], ["QUIT"], ["XLEN", "quit"]);
    assert.equal(await client.next(), 0);
    assert.equal(await client.next(), "OK");
    await assert.rejects(client.next(), /closed/);
  });

  test("is told of bytes that are no requests, and ends", async () => {
    using client = await SocketClient.open(server);
    client.sendBytes(new TextEncoder().encode("GET / HTTP/1.1\r\n") as Uint8Array<ArrayBuffer>);
    assert.match(messageOf(await client.next()), /^ERR Protocol error/);
    await assert.rejects(client.next(), /closed/);
  });

  test("may do what its rules say, also where several objects or none take part", async () => {
    using client = await SocketClient.open(server, ["+@read", "+xadd", "~mine:*"]);
    assert.equal(await client.call("XADD", "mine:1", "1-1", "f", "v"), "1-1");
    assert.equal(await client.call("EXISTS", "mine:1", "mine:2"), 1);
    for (const argv of [
      ["XADD", "other", "1-1", "f", "v"],
      ["DEL", "mine:1"],
      ["EXISTS", "mine:1", "other"],
      ["XREAD", "STREAMS", "mine:1", "other", "0", "0"],
      ["KEYS", "*"],
      ["PUBLISH", "a", "b"],
    ]) {
      assert.match(messageOf(await client.call(...argv)), /^NOPERM/, argv.join(" "));
    }
  });
});

describe("a transaction", () => {
  test("runs in one object, all or nothing", async () => {
    using client = await SocketClient.open(server);
    assert.equal(await client.call("MULTI"), "OK");
    assert.equal(await client.call("XADD", "{t}a", "1-1", "f", "v"), "QUEUED");
    assert.equal(await client.call("XLEN", "{t}b"), "QUEUED");
    assert.equal(await server.result("XLEN", "{t}a"), 0);
    assert.deepEqual(await client.call("EXEC"), ["1-1", 0]);
    assert.equal(await server.result("XLEN", "{t}a"), 1);
    assert.match(messageOf(await client.call("EXEC")), /^ERR EXEC without MULTI/);
  });

  test("does not cross objects", async () => {
    using client = await SocketClient.open(server);
    await client.call("MULTI");
    assert.equal(await client.call("XADD", "c1", "1-1", "f", "v"), "QUEUED");
    assert.match(messageOf(await client.call("XADD", "c2", "1-1", "f", "v")), /^CROSSSLOT/);
    assert.match(messageOf(await client.call("EXEC")), /^EXECABORT/);
    assert.equal(await server.result("XLEN", "c1"), 0);
  });

  test("refuses what cannot be understood, and can be discarded", async () => {
    using client = await SocketClient.open(server);
    await client.call("MULTI");
    assert.match(messageOf(await client.call("NOSUCH")), /^ERR unknown command/);
    assert.match(messageOf(await client.call("EXEC")), /^EXECABORT/);
    await client.call("MULTI");
    assert.match(messageOf(await client.call("MULTI")), /nested/);
    await client.call("XADD", "discarded", "1-1", "f", "v");
    assert.equal(await client.call("DISCARD"), "OK");
    assert.equal(await server.result("XLEN", "discarded"), 0);
  });

  test("may be one request", async () => {
    const answers = await server.pipeline([
      ["MULTI"],
      ["XADD", "{m}1", "1-1", "f", "v"],
      ["XLEN", "{m}1"],
      ["EXEC"],
      ["XLEN", "{m}1"],
    ]);
    assert.deepEqual(
      answers.map(({ result }) => result),
      ["OK", "QUEUED", "QUEUED", ["1-1", 1], 1],
    );
  });
});

describe("channels", () => {
  test("reach all who listen, in both versions of RESP", async () => {
    using two = await SocketClient.open(server);
    using three = await SocketClient.open(server);
    await three.call("HELLO", "3");
    two.send(["SUBSCRIBE", "news", "other"], ["PSUBSCRIBE", "n*"]);
    three.send(["SUBSCRIBE", "news"], ["XLEN", "nothing"]);
    assert.deepEqual(await two.next(), ["subscribe", "news", 1]);
    assert.deepEqual(await two.next(), ["subscribe", "other", 2]);
    assert.deepEqual(await two.next(), ["psubscribe", "n*", 3]);
    assert.deepEqual(await three.next(), ["subscribe", "news", 1]);
    assert.equal(await three.next(), 0);
    assert.equal(await server.result("PUBLISH", "news", "hello"), 3);
    assert.deepEqual(await two.next(), ["message", "news", "hello"]);
    assert.deepEqual(await two.next(), ["pmessage", "n*", "news", "hello"]);
    assert.deepEqual(await three.next(), ["message", "news", "hello"]);
    assert.deepEqual(await server.result("PUBSUB", "NUMSUB", "news", "none"), [
      "news",
      2,
      "none",
      0,
    ]);
  });

  test("leave a session of RESP2 little else to do", async () => {
    using client = await SocketClient.open(server);
    await client.call("SUBSCRIBE", "busy");
    assert.match(messageOf(await client.call("XLEN", "s")), /^ERR Can't execute 'xlen'/);
    assert.deepEqual(await client.call("PING", "there?"), ["pong", "there?"]);
    assert.deepEqual(await client.call("UNSUBSCRIBE"), ["unsubscribe", "busy", 0]);
    assert.deepEqual(await client.call("UNSUBSCRIBE"), ["unsubscribe", null, 0]);
    assert.equal(await client.call("XLEN", "s"), 0);
    assert.equal(await server.result("PUBLISH", "busy", "hello"), 0);
  });

  test("are left when the session ends", async () => {
    {
      using client = await SocketClient.open(server);
      await client.call("SUBSCRIBE", "left");
      assert.equal(await server.result("PUBLISH", "left", "1"), 1);
    }
    while ((await server.result("PUBLISH", "left", "2")) !== 0);
  });
});

describe("a read over several objects", () => {
  test("has the entries of all", async () => {
    await server.result("XADD", "r1", "1-1", "n", "1");
    await server.result("XADD", "r2", "2-1", "n", "2");
    const read = ["XREAD", "STREAMS", "r1", "none", "r2", "0", "0", "0"];
    assert.deepEqual(await server.result(...read), [
      ["r1", [["1-1", ["n", "1"]]]],
      ["r2", [["2-1", ["n", "2"]]]],
    ]);
    using client = await SocketClient.open(server);
    await client.call("HELLO", "3");
    assert.deepEqual(await client.call(...read), {
      r1: [["1-1", ["n", "1"]]],
      r2: [["2-1", ["n", "2"]]],
    });
    assert.equal(await server.result("XREAD", "STREAMS", "none1", "none2", "0", "0"), null);
    assert.match(
      (
        (await server.run("XREAD", "MAXCOUNT", "1", "STREAMS", "r1", "r2", "0", "0")).body as {
          error: string;
        }
      ).error,
      /^CROSSSLOT/,
    );
  });

  test("is woken by whichever has something first", async () => {
    for (const key of ["w1", "w2"]) {
      using client = await SocketClient.open(server);
      client.send(["XREAD", "BLOCK", "0", "STREAMS", "w1", "w2", "$", "$"]);
      let count = 0;
      while (client.arrived === 0) {
        await server.result("XADD", key, "*", "n", String(++count));
      }
      const [[name, entries]] = (await client.next()) as [[string, unknown[]]];
      assert.equal(name, key);
      assert.equal(entries.length, 1);
      // The other one was let go.
      assert.equal(await client.call("XLEN", "nothing"), 0);
    }
  });

  test("ends with null when its time is over", async () => {
    using client = await SocketClient.open(server);
    assert.equal(await client.call("XREAD", "BLOCK", "50", "STREAMS", "e1", "e2", "$", "$"), null);
    assert.equal(
      await server.result("XREAD", "BLOCK", "50", "STREAMS", "e1", "e2", "$", "$"),
      null,
    );
  });

  test("delivers to a group what all of them have, and nothing when a group is missing", async () => {
    for (const key of ["g1", "g2"]) {
      await server.result("XADD", key, "1-1", "n", "1");
      await server.result("XGROUP", "CREATE", key, "g", "0");
    }
    const read = ["XREADGROUP", "GROUP", "g", "c", "STREAMS"];
    const { body } = await server.run(...read, "g1", "missing", ">", ">");
    assert.match((body as { error: string }).error, /^NOGROUP .*'missing'.* XREADGROUP/);
    const both = (await server.result(...read, "g1", "g2", ">", ">")) as unknown[];
    assert.equal(both.length, 2);
    for (const key of ["g1", "g2"]) {
      assert.equal(((await server.result("XPENDING", key, "g")) as unknown[])[0], 1);
    }
  });

  test("tells a group's consumer of every entry that was delivered to it", async () => {
    const keys = ["d1", "d2", "d3"];
    for (const key of keys) await server.result("XGROUP", "CREATE", key, "g", "$", "MKSTREAM");
    using client = await SocketClient.open(server);
    const told = new Set<string>();
    const rounds = 40;
    for (let round = 1; round <= rounds; round++) {
      const argv = [
        "XREADGROUP",
        "GROUP",
        "g",
        "c",
        "BLOCK",
        "0",
        "STREAMS",
        ...keys,
        ">",
        ">",
        ">",
      ];
      client.send(argv);
      const add = (key: string) => server.result("XADD", key, `${round}-1`, "n", String(round));
      await Promise.all(keys.map(add));
      const streams = (await client.next()) as [string, [string, unknown][]][];
      for (const [key, entries] of streams) for (const [id] of entries) told.add(`${key} ${id}`);
      // What came later is read with the next round, or here at the end.
    }
    const rest = ["XREADGROUP", "GROUP", "g", "c", "STREAMS", ...keys, ">", ">", ">"];
    const left = ((await client.call(...rest)) ?? []) as [string, [string, unknown][]][];
    for (const [key, entries] of left) for (const [id] of entries) told.add(`${key} ${id}`);
    assert.equal(told.size, rounds * keys.length);
  });

  test("sums what each object has of a list of keys", async () => {
    await server.pipeline([
      ["XADD", "s1", "1-1", "f", "v"],
      ["XADD", "s2", "1-1", "f", "v"],
      ["SET", "s3", "v"],
    ]);
    assert.equal(await server.result("EXISTS", "s1", "s2", "s3", "s1", "s4"), 4);
    assert.equal(await server.result("DEL", "s1", "s2", "s4"), 2);
    assert.equal(await server.result("UNLINK", "s1", "s3"), 1);
  });
});

describe("an object that is lost while the front door lives", () => {
  async function end(name: string): Promise<void> {
    const response = await fetch(new URL(`end/${encodeURIComponent(name)}`, server.address));
    assert.equal(await response.json(), "ended");
  }

  test("is asked again for a read that waits, which misses nothing", async () => {
    using client = await SocketClient.open(server);
    await client.call("XADD", "lost", "1-1", "n", "1");
    client.send(["XREAD", "BLOCK", "0", "STREAMS", "lost", "$"]);
    await sleep(SETTLE_MS);
    await end("lost");
    await server.result("XADD", "lost", "1-2", "n", "2");
    assert.deepEqual(await client.next(), [["lost", [["1-2", ["n", "2"]]]]]);
  });

  test("has the rest of a wait's time", async () => {
    using client = await SocketClient.open(server);
    client.send(["XREAD", "BLOCK", "1500", "STREAMS", "rest", "$"]);
    await sleep(SETTLE_MS);
    await end("rest");
    assert.equal(await client.next(), null);
  });

  test("is asked again for a group's read that was given nothing", async () => {
    using client = await SocketClient.open(server);
    await server.result("XGROUP", "CREATE", "work", "STREAMS", "$", "MKSTREAM");
    await server.result("XADD", "work", "1-1", "f", "v");
    const read = ["XREADGROUP", "GROUP", "STREAMS", "BLOCK"];
    const given = [["work", [["1-1", ["f", "v"]]]]];
    assert.deepEqual(await client.call(...read, "STREAMS", "work", ">"), given);
    await server.result("XACK", "work", "STREAMS", "1-1");
    await sleep(SETTLE_MS);
    client.send([...read, "BLOCK", "0", "STREAMS", "work", ">"]);
    await sleep(SETTLE_MS);
    await end("work");
    // It waits again.
    await sleep(SETTLE_MS);
    await server.result("XADD", "work", "1-2", "f", "v");
    assert.deepEqual(await client.next(), [["work", [["1-2", ["f", "v"]]]]]);
    assert.equal(await client.call("XLEN", "work"), 2);
  });

  test("has the rest of a group's wait", async () => {
    using client = await SocketClient.open(server);
    await server.result("XGROUP", "CREATE", "group rest", "g", "$", "MKSTREAM");
    client.send(["XREADGROUP", "GROUP", "g", "c", "BLOCK", "1500", "STREAMS", "group rest", ">"]);
    await untilConsumerWaits("group rest", "g");
    await end("group rest");
    assert.equal(await client.next(), null);
  });

  test("is not asked again when the consumer was given something: that is said", async () => {
    using client = await SocketClient.open(server);
    await server.result("XADD", "given", "1-1", "f", "v");
    await server.result("XGROUP", "CREATE", "given", "g", "0");
    await server.result("XREADGROUP", "GROUP", "g", "other", "STREAMS", "given", ">");
    client.send(["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "given", ">"]);
    await sleep(SETTLE_MS);
    // Afterwards nobody can tell it from an entry that the read was given.
    const claimed = await server.result("XCLAIM", "given", "g", "c", "0", "1-1", "JUSTID");
    assert.deepEqual(claimed, ["1-1"]);
    await end("given");
    assert.match(messageOf(await client.next()), /^TRYAGAIN /);
    assert.equal(await client.call("XADD", "given", "1-2", "f", "v"), "1-2");
  });

  test("is not asked again for what may have had an effect: that is said", async () => {
    using client = await SocketClient.open(server);
    await server.result("XGROUP", "CREATE", "no ack", "g", "$", "MKSTREAM");
    for (const [key, ...argv] of [
      ["list", "BLPOP", "list", "0"],
      ["no ack", "XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "NOACK", "STREAMS", "no ack", ">"],
    ] as [string, ...string[]][]) {
      client.send(argv);
      await sleep(SETTLE_MS);
      await end(key);
      assert.match(messageOf(await client.next()), /^TRYAGAIN /);
    }
    assert.equal(await client.call("RPUSH", "list", "v"), 1);
  });

  test("is told again what sessions listen to", async () => {
    using client = await SocketClient.open(server);
    await client.call("SUBSCRIBE", "again");
    await client.call("PSUBSCRIBE", "aga*");
    await end("%channels");
    while ((await server.result("PUBLISH", "again", "hello")) !== 2) await sleep(20);
    assert.deepEqual(await client.next(), ["message", "again", "hello"]);
    assert.deepEqual(await client.next(), ["pmessage", "aga*", "again", "hello"]);
  });
});
