/** Exports and imports in this process. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CommandError, Eddyline, type ExportSource } from "../src/entry/node.ts";

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A stream with groups, pending entries and a deleted one. */
async function fill(db: Eddyline, key = "orders", entries = 500): Promise<void> {
  for (let i = 1; i <= entries; i++)
    void db.xAdd(key, `${i}-1`, { item: `tea ${i}`, price: `${i}` });
  await db.xGroupCreate(key, "billing", "0");
  await db.xReadGroup("billing", "worker-1", { key, id: ">" }, { COUNT: 40 });
  await db.xReadGroup("billing", "worker-2", { key, id: ">" }, { COUNT: 3 });
  await db.xAck(key, "billing", ["1-1", "7-1"]);
  await db.xDel(key, ["9-1", "100-1"]);
}

/** All that there is to know of a stream. */
async function known(db: Eddyline, key = "orders"): Promise<unknown> {
  return await db.sendCommand(["XINFO", "STREAM", key, "FULL", "COUNT", "0"]);
}

test("a stream that is exported and imported is the same", async () => {
  await using db = await Eddyline.open("memory://");
  await using other = await Eddyline.open("memory://");
  await fill(db);
  await db.sendCommand(["SET", "greeting", "hello", "PXAT", "99999999999999"]);
  assert.equal(await other.import(db.export()), 2);
  assert.deepEqual(await known(other), await known(db));
  assert.equal(await other.sendCommand(["PEXPIRETIME", "greeting"]), 99_999_999_999_999);
});

test("one key, several keys, another name", async () => {
  await using db = await Eddyline.open("memory://");
  await fill(db, "a", 5);
  await fill(db, "b", 5);
  await using other = await Eddyline.open("memory://");
  assert.equal(await other.import(db.export("a"), { as: "copy" }), 1);
  assert.equal(await other.import(db.export(["a", "b"])), 2);
  assert.deepEqual(await other.sendCommand(["KEYS", "*"]), ["a", "b", "copy"]);
  await assert.rejects(bytesOf(db.export("none")), { code: "ERR", message: "ERR no such key" });
});

test("every kind of source is taken", async () => {
  await using db = await Eddyline.open("memory://");
  await fill(db);
  const bytes = await bytesOf(db.export());
  const sources: ExportSource[] = [
    bytes,
    [bytes.subarray(0, 100), bytes.subarray(100)],
    new Blob([new Uint8Array(bytes)]).stream(),
    db.export(),
  ];
  for (const source of sources) {
    await using other = await Eddyline.open("memory://");
    assert.equal(await other.import(source), 1);
    assert.deepEqual(await known(other), await known(db));
  }
});

test("an export is the moment of its beginning", async () => {
  await using db = await Eddyline.open("memory://");
  await fill(db, "orders", 20_000);
  const was = await known(db);
  const reader = db.export().getReader();
  const pieces: Uint8Array[] = [];
  for (let step = 0; ; step++) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    await db.xAdd("orders", "*", { step: `${step}` });
    await db.xDel("orders", [`${19_000 - step}-1`]);
    await db.xTrim("orders", "MAXLEN", 15_000 - step * 100);
    if (step === 3) await db.del("orders");
    if (step === 4) await fill(db, "later", 10);
  }
  await using other = await Eddyline.open("memory://");
  await other.import(pieces);
  assert.deepEqual(await known(other), was);
});

test("what is there already is replaced only where that is said", async () => {
  await using db = await Eddyline.open("memory://");
  await fill(db);
  const bytes = await bytesOf(db.export());
  const refusal = await db.import(bytes).catch((error: unknown) => error);
  assert.ok(refusal instanceof CommandError);
  assert.equal(refusal.code, "BUSYKEY");
  await db.xAdd("orders", "*", { more: "1" });
  assert.equal(await db.import(bytes, { replace: true }), 1);
  assert.equal(await db.xLen("orders"), 498);
});

test("a damaged and a cut export are refused and leave nothing", async () => {
  await using db = await Eddyline.open("memory://");
  await fill(db);
  const bytes = await bytesOf(db.export());
  await using other = await Eddyline.open("memory://");
  const damaged = bytes.slice();
  damaged[bytes.length >> 1]! ^= 1;
  for (const bad of [damaged, bytes.subarray(0, -1), bytes.subarray(0, 0), Buffer.from("{}")])
    await assert.rejects(other.import(bad), {
      code: "DAMAGED",
      message: /at byte \d+ of the export/,
    });
  assert.deepEqual(await other.sendCommand(["KEYS", "*"]), []);
});

test("both can be given up", async () => {
  await using db = await Eddyline.open("memory://");
  await fill(db, "orders", 20_000);
  const controller = new AbortController();
  const reason = new Error("enough");
  const pieces = db.export("orders", { signal: controller.signal })[Symbol.asyncIterator]();
  await pieces.next();
  controller.abort(reason);
  await assert.rejects(async () => {
    for (;;) if ((await pieces.next()).done) return;
  }, reason);
  await using other = await Eddyline.open("memory://");
  const again = new AbortController();
  const source = async function* () {
    let count = 0;
    for await (const piece of db.export()) {
      yield piece;
      if (++count === 3) again.abort(reason);
    }
  };
  await assert.rejects(other.import(source(), { signal: again.signal }), reason);
  assert.deepEqual(await other.sendCommand(["KEYS", "*"]), []);
  // An iteration that is broken off lets go what it held.
  for await (const _ of db.export()) break;
});

test("a folder's export opens in memory, and the other way round", async () => {
  const dir = mkdtempSync(join(tmpdir(), "eddyline-moving-"));
  try {
    await using db = await Eddyline.open(`file:${dir}`, { appendfsync: "no" });
    await using other = await Eddyline.open("memory://");
    await fill(other);
    await db.import(other.export());
    assert.deepEqual(await known(db), await known(other));
    await using again = await Eddyline.open("memory://");
    await again.import(db.export());
    assert.deepEqual(await known(again), await known(other));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
