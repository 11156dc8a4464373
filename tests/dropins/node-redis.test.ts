/** `eddyline/redis` in what is its own: the life of a connection, views of a client, pools. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AbortError,
  ClientClosedError,
  createClient,
  createClientPool,
  DisconnectsClientError,
  ErrorReply,
  MultiErrorReply,
  RESP_TYPES,
} from "eddyline/redis";
import type { createClient as original } from "redis";

describe("a connection", () => {
  it("says what becomes of it", async () => {
    const client = createClient({ url: "memory://life" });
    const events: string[] = [];
    for (const event of ["connect", "ready", "end", "error"])
      client.on(event, () => events.push(event));
    assert.deepEqual([client.isOpen, client.isReady], [false, false]);
    await assert.rejects(client.get("k"), ClientClosedError);
    assert.equal(await client.connect(), client);
    assert.deepEqual([client.isOpen, client.isReady], [true, true]);
    await assert.rejects(client.connect(), /already opened/);
    const [last, closed] = [client.set("k", "v"), client.close()];
    assert.deepEqual([await last, await closed], ["OK", undefined]);
    assert.deepEqual(events, ["connect", "ready", "end"]);
    await assert.rejects(client.get("k"), ClientClosedError);
    assert.throws(() => client.destroy(), ClientClosedError);
    await client.connect();
    assert.equal(await client.quit(), "OK");
  });

  it("rejects what waits when it is destroyed", async () => {
    const client = await createClient({ url: "memory://waits" }).connect();
    const waits = client.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
    const other = client.xRead({ key: "t", id: "$" }, { BLOCK: 0 });
    await client.xAdd("t", "1-1", { a: "1" });
    assert.equal((await other)?.[0]?.name, "t");
    const gone = assert.rejects(waits, DisconnectsClientError);
    client.destroy();
    await gone;
  });

  it("tells of an address that cannot be opened", async () => {
    const client = createClient({ url: "file:/dev/null/nowhere" });
    const heard: Error[] = [];
    client.on("error", (error) => heard.push(error));
    const waiting = client.get("k");
    await assert.rejects(waiting, ClientClosedError);
    await assert.rejects(client.connect());
    assert.equal(heard.length, 1);
    assert.equal(client.isOpen, false);
  });
});

describe("commands", () => {
  it("have views of the client with other options", async () => {
    const client = await createClient({ url: "memory://views", keyPrefix: "p:" }).connect();
    const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    await binary.set("k", Buffer.from([0, 255]));
    assert.deepEqual(await binary.get("k"), Buffer.from([0, 255]));
    assert.equal(await client.get("k"), "\0\ufffd");
    assert.deepEqual(await client.keys("*"), ["p:k"]);
    const aborted = client.withAbortSignal(AbortSignal.abort());
    await assert.rejects(aborted.get("k"), AbortError);
    const stop = new AbortController();
    const waits = client.withAbortSignal(stop.signal).xRead({ key: "s", id: "$" }, { BLOCK: 0 });
    stop.abort(new Error("enough"));
    await assert.rejects(waits, { message: "enough" });
    client.destroy();
  });

  it("have their names in capitals, too", async () => {
    const client = await createClient({ url: "memory://capitals" }).connect();
    assert.equal(await client.XADD("s", "1-1", { a: "1" }), "1-1");
    assert.equal(await client.XADD_NOMKSTREAM("none", "*", { a: "1" }), null);
    assert.equal(await client.XGROUP_CREATE("s", "g", "0"), "OK");
    await client.xReadGroup("g", "c", { key: "s", id: ">" });
    assert.equal((await client.XPENDING_RANGE("s", "g", "-", "+", 1)).length, 1);
    assert.deepEqual(await client.XAUTOCLAIM_JUSTID("s", "g", "d", 0, "0"), {
      nextId: "0-0",
      messages: ["1-1"],
      deletedMessages: [],
    });
    assert.equal((await client.XINFO_GROUPS("s")).length, 1);
    client.destroy();
  });

  it("fail with the errors of node-redis", async () => {
    const client = await createClient({ url: "memory://errors" }).connect();
    await client.xAdd("s", "1-1", { a: "1" });
    await assert.rejects(client.get("s"), ErrorReply);
    await assert.rejects(client.multi().xLen("s").get("s").exec(), (error) => {
      return error instanceof MultiErrorReply && error.errorIndexes[0] === 1;
    });
    await assert.rejects(
      client.sSubscribe("c", () => {}),
      /shards/,
    );
    client.destroy();
  });

  it("go over a pool, and what needs a connection of its own over one of its own", async () => {
    const pool = createClientPool({ url: "memory://pool" });
    await pool.connect();
    await pool.set("n", "1");
    const seen = await pool.execute(async (client) => {
      await client.watch("n");
      await pool.incr("n");
      return await client
        .multi()
        .incr("n")
        .exec()
        .catch((error: Error) => error.constructor.name);
    });
    assert.equal(seen, "WatchError");
    assert.equal(await pool.get("n"), "2");
    await pool.close();
  });
});

it("makes clients as node-redis does, by its types", () => {
  const make: typeof original = createClient;
  assert.equal(make, createClient);
});
