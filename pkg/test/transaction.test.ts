/** `multi()`: in this process, where all calls share a client, and over HTTP, where batches are cut. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CommandError, Eddyline, MultiErrorReply } from "../src/entry/node.ts";

describe("a transaction", () => {
  it("answers each command as its method does", async () => {
    await using db = await Eddyline.open("memory://");
    const [first, second, entries, length, nothing] = await db
      .multi()
      .xAdd("s", "1-1", { a: "1" })
      .xAdd("s", "1-2", { a: "2" })
      .xRange("s", "-", "+")
      .xLen("s")
      .get("none")
      .exec();
    assert.deepEqual([first, second, length, nothing], ["1-1", "1-2", 2, null]);
    assert.deepEqual(entries, [
      { id: "1-1", message: { a: "1" } },
      { id: "1-2", message: { a: "2" } },
    ]);
    assert.deepEqual(await db.multi().exec(), []);
    assert.deepEqual(await db.multi().addCommand(["XLEN", "s"]).exec(), [2]);
  });

  it("is not entered by calls made at the same time, nor by a read that waits", async () => {
    await using db = await Eddyline.open("memory://");
    const waits = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
    const before = db.incr("n");
    const together = db.multi().incr("n").xAdd("s", "1-1", { a: "1" }).incr("n").exec();
    const after = db.incr("n");
    assert.deepEqual(await Promise.all([before, together, after]), [1, [2, "1-1", 3], 4]);
    assert.equal((await waits)?.[0]?.messages.length, 1);
  });

  it("tells which commands were refused, and what the others answered", async () => {
    await using db = await Eddyline.open("memory://");
    const done = db.multi().xAdd("s", "1-1", { a: "1" }).get("s").xLen("s").exec();
    await assert.rejects(done, (error) => {
      assert.ok(error instanceof MultiErrorReply);
      assert.deepEqual(error.errorIndexes, [1]);
      assert.deepEqual([error.replies[0], error.replies[2]], ["1-1", 1]);
      const [refusal] = error.errors();
      return refusal instanceof CommandError && refusal.code === "WRONGTYPE";
    });
  });

  it("does nothing when a command is malformed, and says which mistake it was", async () => {
    await using db = await Eddyline.open("memory://");
    const malformed = db.multi().incr("n").addCommand(["XADD", "s"]).exec();
    await assert.rejects(malformed, { code: "ERR", message: /wrong number of arguments/ });
    const unsent = db
      .multi()
      .incr("n")
      .xDel("s", [7 as unknown as string])
      .exec();
    await assert.rejects(unsent, TypeError);
    const refused = db.multi().incr("n").addCommand(["SELECT", "1"]).exec();
    await assert.rejects(refused, { code: "UNSUPPORTED" });
    assert.equal(await db.exists("n"), 0);
  });

  it("can be a pipeline", async () => {
    await using db = await Eddyline.open("memory://");
    assert.deepEqual(await db.multi().incr("n").incr("n").execAsPipeline(), [1, 2]);
    const partly = db.multi().incr("n").xLen("n").execAsPipeline();
    await assert.rejects(partly, { code: "MULTI", errorIndexes: [1] });
    await db.close();
    await assert.rejects(db.multi().incr("n").execAsPipeline(), { code: "CLOSED" });
    await assert.rejects(db.multi().incr("n").exec(), { code: "CLOSED" });
  });

  it("takes bytes where the client does", async () => {
    await using db = await Eddyline.open("memory://");
    const bytes = new Uint8Array([0, 255]);
    const [, value] = await db.withBytes().multi().set("k", bytes).get("k").exec();
    assert.deepEqual(value, bytes);
  });
});

describe("a transaction over HTTP", () => {
  it("is one part of a request, its replies told from those around it", async () => {
    const sent: string[] = [];
    const ok = "+OK\r\n";
    const replies = `%0\r\n:1\r\n${ok}+QUEUED\r\n+QUEUED\r\n*2\r\n:2\r\n:3\r\n:4\r\n`;
    const db = await over(sent, replies);
    const calls = [db.incr("n"), db.multi().incr("n").incr("n").exec(), db.incr("n")];
    assert.deepEqual(await Promise.all(calls), [1, [2, 3], 4]);
    assert.equal(sent.length, 1);
    const names = [...(sent[0] ?? "").matchAll(/[A-Z]{4,}/g)].map(([name]) => name);
    assert.deepEqual(names, ["HELLO", "INCR", "MULTI", "INCR", "INCR", "EXEC", "INCR"]);
  });

  it("says why a command was not queued rather than that nothing was done", async () => {
    const refusal = "-ERR wrong number of arguments for 'incr' command\r\n";
    const db = await over([], `%0\r\n+OK\r\n${refusal}-EXECABORT discarded\r\n:1\r\n`);
    const [done, after] = [db.multi().addCommand(["INCR"]).exec(), db.incr("n")];
    await assert.rejects(done, { code: "ERR", message: /wrong number/ });
    assert.equal(await after, 1);
  });

  function over(sent: string[], replies: string): Promise<Eddyline> {
    const headers = { "content-type": "application/octet-stream" };
    return Eddyline.open("https://streams.example", {
      fetch: async (request) => {
        sent.push(await request.text());
        return new Response(replies, { headers });
      },
    });
  }
});
