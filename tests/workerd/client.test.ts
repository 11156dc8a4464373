/** The typed client: what it answers over HTTP is what it answers in this process. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { TOKEN, Workerd } from "./workerd.ts";

let server: Workerd;
let remote: Eddyline;
let local: Eddyline;

before(async () => {
  server = await Workerd.start();
  remote = await Eddyline.open(server.address, { token: TOKEN });
  local = await Eddyline.open("memory://");
});

after(async () => {
  await remote?.close();
  await local?.close();
  await server?.[Symbol.asyncDispose]();
});

type Call = (db: Eddyline) => Promise<unknown>;

/** What a call came to: its value, or its error. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  return await call.catch(({ name, code, message }) => ({ name, code, message }));
}

async function collect(pages: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** Makes the calls of both, one by one, and compares. */
async function agree(calls: readonly Call[]): Promise<void> {
  for (const call of calls) {
    assert.deepEqual(await outcome(call(remote)), await outcome(call(local)), String(call));
  }
}

describe("the typed client over HTTP and in this process", () => {
  test("append, read and trim alike", async () => {
    const png = Uint8Array.from({ length: 256 }, (_, i) => i);
    await agree([
      (db) => db.xAdd("a", "1-1", { text: "é", ["__proto__"]: "x" }),
      (db) => db.xAdd("a", "1-2", { png }, { TRIM: { strategy: "MAXLEN", threshold: 5 } }),
      (db) => db.xAdd("a", "1-1", { text: "old" }),
      (db) =>
        db.xAdd("a", "1-3", [
          ["b", "1"],
          ["b", "2"],
        ]),
      (db) => db.xAddNoMkStream("none", "*", { a: "1" }),
      (db) => db.xLen("a"),
      (db) => db.xRange("a", "-", "+"),
      (db) => db.withBytes().xRange("a", "-", "+"),
      (db) => db.xRange("a", "-", "+", { COUNT: 0 }),
      (db) => db.xRevRange("a", "+", "(1-1", { COUNT: 1 }),
      (db) => collect(db.xRangeIterator("a", "-", "+", { COUNT: 2 })),
      (db) => collect(db.withBytes().xRevRangeIterator("a", "+", "-", { COUNT: 1 })),
      (db) => collect(db.xRangeIterator("a", "-", "+", { signal: new AbortController().signal })),
      (db) => db.xRead({ key: "a", id: "1-1" }, { COUNT: 1 }),
      (db) => db.xRead({ key: "a", id: "$" }),
      (db) => db.xDel("a", ["1-1", "9-9"]),
      (db) => db.xTrim("a", "MINID", "1-3"),
      (db) => db.exists(["a"]),
      (db) => db.type("a"),
      (db) => db.del("a"),
      (db) => db.type("a"),
    ]);
  });

  test("share a stream in a group alike", async () => {
    await agree([
      (db) => db.xReadGroup("g", "c", { key: "b", id: ">" }),
      (db) => db.xGroupCreate("b", "g", "0", { MKSTREAM: true }),
      (db) => db.xGroupCreate("b", "g", "0"),
      (db) => db.xAdd("b", "1-1", { n: "1" }),
      (db) => db.xAdd("b", "1-2", { n: "2" }),
      (db) => db.xAdd("b", "1-3", { n: "3" }),
      (db) => db.xReadGroup("g", "c", { key: "b", id: ">" }, { COUNT: 2 }),
      (db) => db.xReadGroup("g", "d", { key: "b", id: ">" }),
      (db) => db.xReadGroup("g", "d", { key: "b", id: ">" }),
      (db) => db.xAck("b", "g", ["1-1", "1-9"]),
      (db) => db.xPending("b", "g"),
      (db) => db.xClaim("b", "g", "d", 0, "1-2"),
      (db) => db.xClaimJustId("b", "g", "c", 0, ["1-2"], { RETRYCOUNT: 7 }),
      (db) => db.xDel("b", "1-3"),
      (db) => db.xReadGroup("g", "d", { key: "b", id: "0" }),
      (db) => db.xAutoClaim("b", "g", "e", 0, "0"),
      (db) => db.xAutoClaimJustId("b", "g", "e", 0, "0"),
      (db) => db.xInfoGroups("b"),
      (db) => db.xInfoStream("b"),
      (db) => db.xGroupSetId("b", "g", "0"),
      (db) => db.xGroupCreateConsumer("b", "g", "f"),
      (db) => db.xGroupDelConsumer("b", "g", "f"),
      (db) => db.xGroupDestroy("b", "g"),
    ]);
  });

  test("decode raw commands alike", async () => {
    await agree([
      (db) => db.sendCommand(["XADD", "c", "1-1", "a", "1"]),
      (db) => db.sendCommand(["XREAD", "STREAMS", "c", "0"]),
      (db) => db.sendCommand(["XINFO", "STREAM", "c"]),
      (db) => db.sendCommand(["NOSUCH"]),
    ]);
  });

  test("keep the order of calls made at once", async () => {
    const ids = Array.from({ length: 2500 }, (_, i) => `${i + 1}-1`);
    assert.deepEqual(await Promise.all(ids.map((id) => remote.xAdd("d", id, { id }))), ids);
    assert.deepEqual(
      (await remote.xRange("d", "-", "+")).map(({ id }) => id),
      ids,
    );
  });

  test("wait for entries, `$` meaning those after the call", async () => {
    await remote.xAdd("e", "1-1", { n: "1" });
    const read = remote.xRead({ key: "e", id: "$" }, { BLOCK: 20_000 });
    const added = remote.xAdd("e", "*", { n: "2" });
    // The read may have come behind that entry; then this one is its.
    const later = setInterval(() => void remote.xAdd("e", "*", { n: "3" }), 200);
    const [stream] = (await read) ?? [];
    clearInterval(later);
    await added;
    assert.notEqual(stream?.messages[0]?.message["n"], "1");
  });

  test("end a wait by its signal", async () => {
    const signal = AbortSignal.timeout(50);
    await assert.rejects(remote.xRead({ key: "f", id: "$" }, { BLOCK: 0, signal }), {
      name: "TimeoutError",
    });
    assert.equal(await remote.xRead({ key: "f", id: "$" }, { BLOCK: 20 }), null);
  });

  test("are told when the token is wrong", async () => {
    await using stranger = await Eddyline.open(server.address, { token: "guessed" });
    await assert.rejects(stranger.xLen("a"), { code: "TRANSPORT", status: 401 });
  });
});
