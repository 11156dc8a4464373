/** Code that traps in one object, on purpose, in a build made for that. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../../pkg/src/errors.ts";
import { SocketClient } from "./socket-client.ts";
import { Workerd } from "./workerd.ts";

/** A value that makes the core trap after it has written the commit. */
const TRAP = "eddyline-test-trap";

/** A key that makes the core trap when it goes on with a wait there. */
const LATER = "eddyline-test-later";

describe("an object whose engine traps", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start({ core: "generated-worker-test" });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  const trap = (key: string) => server.run("XADD", key, "*", "f", TRAP);

  test("answers that the command may be sent again", async () => {
    const response = await server.post("/", JSON.stringify(["XADD", "a", "*", "f", TRAP]));
    assert.equal(response.status, 503);
    assert.ok(response.headers.has("retry-after"));
    assert.match(((await response.json()) as { error: string }).error, /^TRYAGAIN /);
  });

  test("has not run the command", async () => {
    await server.result("XADD", "b", "1-1", "f", "v");
    assert.equal((await trap("b")).status, 503);
    assert.deepEqual(await server.result("XRANGE", "b", "-", "+"), [["1-1", ["f", "v"]]]);
  });

  test("serves the next request, many times over", async () => {
    for (let number = 1; number <= 60; number++) {
      await server.result("XADD", "c", `${number}-1`, "f", "v");
      assert.equal((await trap("c")).status, 503);
      assert.equal(await server.result("XLEN", "c"), number);
    }
  });

  test("leaves other objects working, and those that wait there waiting", async () => {
    await server.result("XADD", "other", "1-1", "f", "v");
    const reader = server.result("XREAD", "BLOCK", "20000", "STREAMS", "other", "$");
    for (let number = 1; number <= 10; number++) {
      assert.equal((await trap("d")).status, 503);
      assert.equal(await server.result("XLEN", "other"), 1);
    }
    let isWoken = false;
    const woken = reader.finally(() => {
      isWoken = true;
    });
    for (let number = 2; !isWoken; number++) {
      await server.result("XADD", "other", `${number}-1`, "f", "v");
    }
    assert.notEqual(await woken, null);
  });

  test("leaves those that wait there waiting", async () => {
    await server.result("XGROUP", "CREATE", "e", "g", "$", "MKSTREAM");
    const argv = ["XREADGROUP", "GROUP", "g", "c", "BLOCK", "20000", "STREAMS", "e", ">"];
    const reader = server.result(...argv);
    while (((await server.result("XINFO", "CONSUMERS", "e", "g")) as unknown[]).length === 0);
    assert.equal((await trap("e")).status, 503);
    await server.result("XADD", "e", "1-1", "f", "v");
    assert.deepEqual(await reader, [["e", [["1-1", ["f", "v"]]]]]);
  });

  test("spoils only its own answers in a pipeline over several objects", async () => {
    const answers = await server.pipeline([
      ["XADD", "f", "1-1", "f", "v"],
      ["XADD", "g", "*", "f", TRAP],
      ["XLEN", "f"],
      ["XLEN", "g"],
    ]);
    assert.deepEqual(answers[0], { result: "1-1" });
    assert.match(answers[1]!.error!, /^TRYAGAIN /);
    assert.deepEqual(answers[2], { result: 1 });
    assert.match(answers[3]!.error!, /^TRYAGAIN /);
    assert.equal(await server.result("XLEN", "g"), 0);
  });
});

describe("a session whose object's engine traps", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start({
      core: "generated-worker-test",
      entry: "tests/workerd/fixtures/sockets.ts",
    });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  const trap = (client: SocketClient, key: string) => client.call("XADD", key, "*", "f", TRAP);

  test("is told to try again, and goes on", async () => {
    using client = await SocketClient.open(server);
    await client.call("HELLO", "3");
    for (let number = 1; number <= 40; number++) {
      assert.equal(await client.call("XADD", "a", `${number}-1`, "f", "v"), `${number}-1`);
      const reply = await trap(client, "a");
      assert.ok(reply instanceof CommandError && /^TRYAGAIN /.test(reply.message), String(reply));
      assert.equal(await client.call("XLEN", "a"), number);
    }
    assert.deepEqual(await client.call("XREAD", "COUNT", "1", "STREAMS", "a", "0"), {
      a: [["1-1", ["f", "v"]]],
    });
  });

  test("tells each of its requests in the message that trapped", async () => {
    using client = await SocketClient.open(server);
    client.send(["XADD", "b", "1-1", "f", "v"], ["XADD", "b", "*", "f", TRAP], ["XLEN", "b"]);
    for (let reply = 0; reply < 3; reply++) {
      assert.ok((await client.next()) instanceof CommandError);
    }
    assert.equal(await client.call("XLEN", "b"), 0);
  });

  test("leaves those that wait there waiting, until their entry comes or their time is over", async () => {
    using client = await SocketClient.open(server);
    using waiting = await SocketClient.open(server);
    using brief = await SocketClient.open(server);
    await client.call("XGROUP", "CREATE", "c", "g", "$", "MKSTREAM");
    const read = ["XREADGROUP", "GROUP", "g", "me", "BLOCK", "0", "STREAMS", "c", ">"];
    waiting.send(read);
    const consumers = async () => (await client.call("XINFO", "CONSUMERS", "c", "g")) as unknown[];
    while ((await consumers()).length === 0);
    brief.send(["XREAD", "BLOCK", "1000", "STREAMS", "c", "$"]);
    for (let time = 0; time < 20; time++) await trap(client, "c");
    assert.equal(await brief.next(), null);
    assert.equal(waiting.arrived, 0);
    await client.call("XADD", "c", "1-1", "f", "v");
    assert.deepEqual(await waiting.next(), [["c", [["1-1", ["f", "v"]]]]]);
  });

  test("goes on to listen when the channels' engine traps", async () => {
    using client = await SocketClient.open(server);
    using listener = await SocketClient.open(server);
    await listener.call("SUBSCRIBE", "news");
    const reply = await client.call("PUBLISH", "news", TRAP);
    assert.ok(reply instanceof CommandError && /^TRYAGAIN /.test(reply.message), String(reply));
    assert.equal(await client.call("PUBLISH", "news", "hello"), 1);
    assert.deepEqual(await listener.next(), ["message", "news", "hello"]);
  });

  test("cannot keep the object from working by what it waits for", async () => {
    using client = await SocketClient.open(server);
    using waiting = await SocketClient.open(server);
    await client.call("XADD", LATER, "1-1", "f", "v");
    waiting.send(["XREAD", "BLOCK", "0", "STREAMS", LATER, "$"]);
    // The wait is there when its client is told so; nothing else shows it.
    await sleep(300);
    await trap(client, LATER);
    while ((await client.call("XLEN", LATER)) !== 1);
    let number = 1;
    while (waiting.arrived === 0) await client.call("XADD", LATER, `${++number}-1`, "f", "v");
    const [[key, [[id]]]] = (await waiting.next()) as [[string, [[string, unknown]]]];
    assert.deepEqual([key, id], [LATER, "2-1"]);
  });
});
