/** Objects that sleep while only sockets are idle, and go on with every session when they wake. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SocketClient } from "./socket-client.ts";
import { Workerd } from "./workerd.ts";

/** workerd throws an object out that was idle for ten seconds; a new key's alarm comes before that. */
const SLEEP_MS = 13_800;
/** A busy machine may need more than one time to fall asleep. */
const ROUNDS = 4;

let server: Workerd;

before(async () => {
  server = await Workerd.start({ entry: "tests/workerd/fixtures/sockets.ts" });
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

async function births(name: string): Promise<number> {
  const response = await fetch(new URL(`born/${encodeURIComponent(name)}`, server.address));
  return (await response.json()) as number;
}

/** Lets an object sleep, then runs what wakes it, until it had been asleep so many times. */
async function sleepThen(
  name: string,
  wake: (round: number) => Promise<void>,
  times = 1,
): Promise<void> {
  let slept = 0;
  for (let round = 0; slept < times; round++) {
    assert.ok(round < ROUNDS, "it never sleeps");
    const before = await births(name);
    await sleep(SLEEP_MS);
    await wake(round);
    if ((await births(name)) > before) slept++;
  }
}

describe("an object with idle sockets", { concurrency: true }, () => {
  test("sleeps while a read waits, which misses nothing and has nothing twice", async () => {
    using reader = await SocketClient.open(server);
    using group = await SocketClient.open(server);
    await reader.call("HELLO", "3");
    await server.result("XADD", "nap", "1-1", "n", "1");
    await server.result("XGROUP", "CREATE", "nap", "g", "$");
    reader.send(["XREAD", "BLOCK", "0", "STREAMS", "nap", "$"]);
    group.send([
      "XREADGROUP",
      "GROUP",
      "g",
      "c",
      "BLOCK",
      "0",
      "COUNT",
      "1",
      "STREAMS",
      "nap",
      ">",
    ]);
    while (((await server.result("XINFO", "CONSUMERS", "nap", "g")) as unknown[]).length === 0);
    let number = 1;
    const wake = async () => {
      number++;
      await server.result("XADD", "nap", `${number}-1`, "n", String(number));
      const entry = [`${number}-1`, ["n", String(number)]];
      assert.deepEqual(await reader.next(), { nap: [entry] });
      assert.deepEqual(await group.next(), [["nap", [entry]]]);
      reader.send(["XREAD", "BLOCK", "0", "STREAMS", "nap", `${number}-1`]);
      group.send(["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "nap", ">"]);
    };
    await sleepThen("nap", wake, 2);
    const pending = (await server.result("XPENDING", "nap", "g")) as unknown[];
    assert.equal(pending[0], number - 1);
  });

  test("sleeps while sessions listen to channels, which hear the next message", async () => {
    using plain = await SocketClient.open(server);
    using pattern = await SocketClient.open(server);
    await plain.call("SUBSCRIBE", "lull");
    await pattern.call("PSUBSCRIBE", "lu*");
    await sleepThen("%channels", async () => {
      assert.equal(await server.result("PUBLISH", "lull", "awake"), 2);
      assert.deepEqual(await plain.next(), ["message", "lull", "awake"]);
      assert.deepEqual(await pattern.next(), ["pmessage", "lu*", "lull", "awake"]);
    });
  });

  test("sleeps until a read's time is over, when an alarm wakes it", async () => {
    using client = await SocketClient.open(server);
    await client.call("XLEN", "doze");
    await sleepThen("doze", async () => {
      client.send(["XREAD", "BLOCK", String(SLEEP_MS), "STREAMS", "doze", "$"]);
      assert.equal(await client.next(), null);
    });
    client.send(["XREAD", "BLOCK", "0", "STREAMS", "doze", "$"]);
    let count = 0;
    while (client.arrived === 0) await server.result("XADD", "doze", "*", "n", String(++count));
  });

  test("goes on with a session that has done nothing yet but speaks RESP3", async () => {
    using client = await SocketClient.open(server);
    await client.call("HELLO", "3");
    await client.call("XADD", "idle", "1-1", "f", "v");
    await sleepThen("idle", async () => {
      assert.deepEqual(await client.call("XREAD", "STREAMS", "idle", "0"), {
        idle: [["1-1", ["f", "v"]]],
      });
    });
  });

  test("stays awake for a session that is too large to sleep", async () => {
    using client = await SocketClient.open(server);
    const keys = Array.from({ length: 100 }, (_, at) => `{large}${String(at).padStart(200, "0")}`);
    client.send(["XREAD", "BLOCK", "0", "STREAMS", ...keys, ...keys.map(() => "$")]);
    await sleep(SLEEP_MS);
    assert.equal(await births("large"), 1);
    await server.result("XADD", keys[7]!, "1-1", "f", "v");
    assert.equal(await births("large"), 1, "it has not been asleep");
    assert.deepEqual(await client.next(), [[keys[7], [["1-1", ["f", "v"]]]]]);
  });
});

describe("an object that was started anew", () => {
  test("has its key removed by an alarm, and the index told, though nobody asks", async () => {
    await server.result("XADD", "brief", "1-1", "f", "v");
    await server.result("XADD", "kept", "1-1", "f", "v");
    await server.result("PEXPIRE", "brief", "1500");
    const keys = async () => (await server.result("KEYS", "*")) as string[];
    assert.ok((await keys()).includes("brief"));
    const deadline = performance.now() + 20_000;
    while ((await keys()).includes("brief") && performance.now() < deadline) await sleep(100);
    assert.ok(!(await keys()).includes("brief"));
    assert.ok((await keys()).includes("kept"));
  });
});
