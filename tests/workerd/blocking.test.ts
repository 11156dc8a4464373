/** Blocking reads over HTTP: woken, timed out, left alone by who had asked. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Workerd } from "./workerd.ts";

describe("a blocking read", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  const read = (key: string, blockMs: number) =>
    server.result("XREAD", "BLOCK", blockMs, "STREAMS", key, "$");

  /** Adds entries until one of them has woken the reader. */
  async function addUntil<T>(key: string, reader: Promise<T>): Promise<T> {
    let isWoken = false;
    const woken = reader.finally(() => {
      isWoken = true;
    });
    for (let number = 1; !isWoken; number++) {
      await server.result("XADD", key, `${number}-1`, "n", number);
    }
    return woken;
  }

  test("is woken by the next entry", async () => {
    const reply = await addUntil("woken", read("woken", 20_000));
    const [[key, entries]] = reply as [[string, [string, string[]][]]];
    assert.equal(key, "woken");
    assert.equal(entries.length, 1);
  });

  // Less than the time after which any request ends.
  test("ends with null when its time is over", { timeout: 15_000 }, async () => {
    assert.equal(await read("late", 50), null);
  });

  test("may be one of many", async () => {
    const readers = Array.from({ length: 20 }, () => read("many", 20_000));
    const replies = await addUntil("many", Promise.all(readers));
    assert.equal(replies.filter((reply) => reply !== null).length, 20);
  });

  test("does not outlive its sender", async () => {
    // An entry given to a reader that is gone would be lost to its group until it is claimed. That
    // the sender has gone takes a moment to be known, so not every round tells.
    for (let round = 0; round < 20; round++) {
      const key = `left${round}`;
      await server.result("XGROUP", "CREATE", key, "g", "$", "MKSTREAM");
      const argv = ["XREADGROUP", "GROUP", "g", "gone", "BLOCK", "0", "STREAMS", key, ">"];
      const gone = server.send(JSON.stringify(argv));
      // The consumer exists from the moment that its read waits.
      while (((await server.result("XINFO", "CONSUMERS", key, "g")) as unknown[]).length === 0);
      gone.hangUp();
      await assert.rejects(gone.answer, { code: "ECONNRESET" });
      await server.result("XADD", key, "1-1", "f", "v");
      const next = ["XREADGROUP", "GROUP", "g", "there", "STREAMS", key, ">"];
      if ((await server.result(...next)) !== null) return;
    }
    assert.fail("entries go to readers that have left");
  });
});

test("a blocking read ends with null when a request has waited long enough", async () => {
  await using server = await Workerd.start({ waitMs: 200 });
  assert.equal(await server.result("XREAD", "BLOCK", 0, "STREAMS", "s", "$"), null);
  const read = ["XREAD", "BLOCK", 0, "STREAMS", "s", "$"];
  const answers = await server.pipeline([
    read,
    ["XADD", "s", "1-1", "f", "v"],
    read,
    ["XLEN", "s"],
  ]);
  assert.deepEqual(answers, [{ result: null }, { result: "1-1" }, { result: null }, { result: 1 }]);
});
