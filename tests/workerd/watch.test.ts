/** WATCH in sessions that last: within one object, and what becomes of it when that is lost. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CommandError } from "../../pkg/src/errors.ts";
import { SocketClient } from "./socket-client.ts";
import { Workerd } from "./workerd.ts";

const messageOf = (value: unknown) => {
  assert.ok(value instanceof CommandError, String(value));
  return value.message;
};

describe("WATCH", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start({
      entry: "tests/workerd/fixtures/sockets.ts",
      core: "generated-worker-test",
    });
  });
  after(() => server[Symbol.asyncDispose]());

  /** A transaction of one command. */
  async function transact(client: SocketClient, ...argv: string[]): Promise<unknown> {
    assert.equal(await client.call("MULTI"), "OK");
    assert.equal(await client.call(...argv), "QUEUED");
    return await client.call("EXEC");
  }

  test("lets a transaction run when nothing has changed, and only then", async () => {
    using client = await SocketClient.open(server);
    assert.equal(await client.call("WATCH", "w", "{w}other"), "OK");
    assert.equal(await client.call("XLEN", "w"), 0);
    assert.deepEqual(await transact(client, "XADD", "w", "1-1", "f", "v"), ["1-1"]);
    for (const key of ["w", "{w}other"]) {
      assert.equal(await client.call("WATCH", "w", "{w}other"), "OK");
      await server.result("XADD", key, "*", "f", "v");
      assert.equal(await transact(client, "XADD", "w", "*", "f", "v"), null);
    }
    assert.equal(await server.result("XLEN", "w"), 2);
    // It holds for one transaction, also for one that names no key, or is discarded.
    assert.deepEqual(await transact(client, "XLEN", "w"), [2]);
    await client.call("WATCH", "w");
    await server.result("XADD", "w", "*", "f", "v");
    assert.equal(await transact(client, "PING"), null);
    await client.call("WATCH", "w");
    await server.result("XADD", "w", "*", "f", "v");
    await client.call("MULTI");
    assert.equal(await client.call("DISCARD"), "OK");
    assert.deepEqual(await transact(client, "XLEN", "w"), [4]);
  });

  test("is taken back", async () => {
    using client = await SocketClient.open(server);
    await client.call("WATCH", "back");
    await server.result("XADD", "back", "*", "f", "v");
    assert.equal(await client.call("UNWATCH"), "OK");
    assert.deepEqual(await transact(client, "XLEN", "back"), [1]);
    assert.equal(await client.call("UNWATCH"), "OK");
  });

  test("is for the keys of one object", async () => {
    using client = await SocketClient.open(server);
    assert.match(messageOf(await client.call("WATCH", "one", "two")), /^CROSSSLOT/);
    assert.equal(await client.call("WATCH", "one"), "OK");
    assert.match(messageOf(await client.call("WATCH", "two")), /^CROSSSLOT/);
    await client.call("MULTI");
    assert.match(messageOf(await client.call("XLEN", "two")), /^CROSSSLOT/);
    assert.match(messageOf(await client.call("WATCH", "one")), /inside MULTI is not allowed/);
    assert.match(messageOf(await client.call("EXEC")), /^EXECABORT/);
    assert.deepEqual(await transact(client, "XLEN", "two"), [0]);
  });

  test("wants a session that lasts", async () => {
    const { status, body } = await server.run("WATCH", "key");
    assert.equal(status, 400);
    assert.match((body as { error: string }).error, /WATCH/);
  });

  /** It has not run; the session may learn of the loss only by it. */
  function assertRefused(reply: unknown): void {
    if (reply !== null) assert.match(messageOf(reply), /^TRYAGAIN /);
  }

  test("is broken when the object is lost: nobody has seen what became of the keys", async () => {
    using client = await SocketClient.open(server);
    await client.call("WATCH", "lost");
    await fetch(new URL("end/lost", server.address));
    while ((await server.run("XLEN", "lost")).status !== 200);
    assertRefused(await transact(client, "XADD", "lost", "*", "f", "v"));
    assert.equal(await server.result("XLEN", "lost"), 0);
    assert.deepEqual(await transact(client, "XLEN", "lost"), [0]);
  });

  test("is broken when the engine is lost", async () => {
    using client = await SocketClient.open(server);
    await client.call("WATCH", "trapped");
    assert.equal((await server.run("XADD", "trapped", "*", "f", "eddyline-test-trap")).status, 503);
    await server.result("XADD", "trapped", "*", "f", "v");
    assertRefused(await transact(client, "XADD", "trapped", "*", "f", "v"));
    assert.equal(await server.result("XLEN", "trapped"), 1);
  });
});
