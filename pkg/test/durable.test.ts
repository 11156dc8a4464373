/** The engine over a storage: nothing is told before it is kept, nothing told is ever lost. */

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { WasmEngine } from "../src/engine.ts";
import { Eddyline, EngineLostError, StorageError } from "../src/entry/node.ts";
import { type Kept, ScriptedStorage } from "./scripted-storage.ts";

/** Lets everything happen that waits for nothing but its turn. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What a promise has come to so far. */
function watch(promise: Promise<unknown>): { state: string } {
  const watched = { state: "pending" };
  promise.then(
    () => (watched.state = "fulfilled"),
    () => (watched.state = "rejected"),
  );
  return watched;
}

const copyOf = (kept: Kept): Kept => ({
  blobs: new Map(kept.blobs),
  journal: new Map(kept.journal),
});

describe("the output gate of an engine", () => {
  it("answers an append only when it is durable, and so a read that saw it", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage);
    storage.isHolding = true;
    const added = watch(db.xAdd("s", "1-1", { a: "1" }));
    await settle();
    const read = watch(db.xLen("s"));
    await settle();
    assert.deepEqual([added.state, read.state, storage.held], ["pending", "pending", 1]);
    storage.letGo();
    await settle();
    assert.deepEqual([added.state, read.state], ["fulfilled", "fulfilled"]);
  });

  it("wakes a reader only when the entry is durable", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage);
    const read = watch(db.xRead({ key: "s", id: "$" }, { BLOCK: 0 }));
    await settle();
    storage.isHolding = true;
    void db.xAdd("s", "1-1", { a: "1" });
    await settle();
    assert.equal(read.state, "pending");
    storage.letGo();
    await settle();
    assert.equal(read.state, "fulfilled");
  });

  it("keeps an answer that is on its way from a signal that comes too late", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage);
    await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    await db.xAdd("s", "1-1", { a: "1" });
    const controller = new AbortController();
    const options = { BLOCK: 0, signal: controller.signal };
    storage.isHolding = true;
    const read = db.xReadGroup("g", "c", { key: "s", id: ">" }, options);
    await settle();
    controller.abort();
    storage.letGo();
    assert.equal((await read)?.[0]?.messages[0]?.id, "1-1");
    const next = db.xReadGroup("g", "c", { key: "s", id: ">" }, { BLOCK: 0 });
    await db.xAdd("s", "1-2", { a: "2" });
    assert.equal((await next)?.[0]?.messages[0]?.id, "1-2");
  });

  it("makes one commit of the turns that come during one", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage);
    storage.isHolding = true;
    const added: Promise<string>[] = [];
    for (let i = 1; i <= 10; i++) {
      added.push(db.xAdd("s", `1-${i}`, { i: `${i}` }));
      await settle();
    }
    assert.equal(storage.commits.length, 1);
    storage.letGo();
    await Promise.all(added);
    assert.deepEqual(
      storage.commits.map(({ journal }) => journal.length),
      [1, 9],
    );
  });

  it("makes one batch of a pipeline, and none of reads", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage);
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => db.xAdd("s", `1-${i + 1}`, { i: `${i}` })),
    );
    assert.deepEqual(
      storage.commits.map(({ journal }) => journal.length),
      [1],
    );
    await db.xRange("s", "-", "+");
    assert.equal(storage.commits.length, 1);
  });
});

describe("a failed commit", () => {
  it("fails what waits and goes on from what was kept", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage);
    await db.xAdd("s", "1-1", { a: "kept" });
    const waiting = assert.rejects(db.xRead({ key: "s", id: "$" }, { BLOCK: 0 }), EngineLostError);
    await settle();
    storage.isHolding = true;
    const cause = new Error("disk full");
    storage.failure = cause;
    const lost = assert.rejects(db.xAdd("s", "1-2", { a: "lost" }), (error) => {
      assert.ok(error instanceof EngineLostError);
      assert.deepEqual([error.code, error.stateLost, error.cause], ["ENGINE_LOST", false, cause]);
      return true;
    });
    await settle();
    const behind = assert.rejects(db.xLen("s"), EngineLostError);
    await settle();
    storage.letGo();
    storage.failure = undefined;
    // Made in the moment of the loss: they meet the engine that comes after.
    await Promise.all([waiting, lost, behind]);
    assert.deepEqual(await db.xRange("s", "-", "+"), [{ id: "1-1", message: { a: "kept" } }]);
    assert.equal(await db.xAdd("s", "1-2", { a: "again" }), "1-2");
  });

  it("that leaves a storage nobody can read ends everything with its reason", async () => {
    const storage = new ScriptedStorage();
    const db = await Eddyline.open(storage);
    storage.failure = new Error("disk gone");
    storage.load = () => {
      throw new Error("still gone");
    };
    await assert.rejects(db.xAdd("s", "1-1", { a: "1" }), EngineLostError);
    await assert.rejects(db.xLen("s"), /still gone/);
    await db.close();
  });
});

describe("a trap", () => {
  const trap = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };

  it("costs nothing that was kept", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage);
    await db.xAdd("s", "1-1", { a: "1" });
    mock.method(WasmEngine.prototype, "turn", trap, { times: 1 });
    await assert.rejects(db.xAdd("s", "1-2", { a: "2" }), EngineLostError);
    assert.equal(await db.xLen("s"), 1);
  });

  it("at every turn ends everything, and does not try for ever", async () => {
    const storage = new ScriptedStorage();
    const db = await Eddyline.open(storage);
    const turn = mock.method(WasmEngine.prototype, "turn", trap);
    try {
      await assert.rejects(db.xAdd("s", "1-1", { a: "1" }), EngineLostError);
      await assert.rejects(db.xLen("s"), { code: "STORAGE", message: /unreachable/ });
      await assert.rejects(Eddyline.open(storage), StorageError);
    } finally {
      turn.mock.restore();
    }
    await db.close();
  });

  it("on the way in ends everything as well", async () => {
    const db = await Eddyline.open("memory://");
    mock.method(WasmEngine.prototype, "write", trap, { times: 1 });
    await assert.rejects(db.xLen("s"), { code: "ENGINE_LOST" });
    await assert.rejects(db.xLen("s"), { code: "ENGINE_LOST" });
    await db.close();
  });

  it("in memory says that the state is lost, to this call and every later one", async () => {
    const db = await Eddyline.open("memory://");
    const other = await Eddyline.open("memory://");
    const turn = mock.method(WasmEngine.prototype, "turn", trap);
    const waiting = assert.rejects(db.xRead({ key: "s", id: "$" }, { BLOCK: 0 }), EngineLostError);
    try {
      await assert.rejects(db.xAdd("s", "1-1", { a: "1" }), {
        code: "ENGINE_LOST",
        stateLost: true,
      });
    } finally {
      turn.mock.restore();
    }
    await waiting;
    await assert.rejects(db.xLen("s"), { code: "ENGINE_LOST", stateLost: true });
    assert.equal(await other.xLen("s"), 0, "another keyspace goes on");
    await Promise.all([db.close(), other.close()]);
  });
});

describe("opening again", () => {
  it("finds entries, groups and pending entries", async () => {
    const storage = new ScriptedStorage();
    const db = await Eddyline.open(storage);
    await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    for (let i = 1; i <= 5; i++) await db.xAdd("s", `1-${i}`, { i: `${i}` });
    await db.xReadGroup("g", "c", { key: "s", id: ">" }, { COUNT: 3 });
    await db.xAck("s", "g", "1-1");
    const [entries, pending] = [await db.xRange("s", "-", "+"), await db.xPending("s", "g")];
    await db.close();
    assert.ok(storage.closed);
    await using again = await Eddyline.open(new ScriptedStorage(copyOf(storage.kept)));
    assert.deepEqual(await again.xRange("s", "-", "+"), entries);
    assert.deepEqual(await again.xPending("s", "g"), pending);
  });

  it("finds what was acknowledged, wherever the process ended", async () => {
    const storage = new ScriptedStorage();
    await using db = await Eddyline.open(storage, { maxResidentBytes: 1 });
    for (let i = 1; i <= 300; i++) {
      await db.xAdd("s", `${i}-1`, { text: "x".repeat(5000) });
      if (i % 50 !== 0) continue;
      await using again = await Eddyline.open(new ScriptedStorage(copyOf(storage.kept)));
      assert.equal(await again.xLen("s"), i);
      assert.equal((await again.xRange("s", "-", "+")).length, i);
    }
  });

  it("names what is damaged", async () => {
    const storage = new ScriptedStorage();
    const db = await Eddyline.open(storage);
    await db.xAdd("s", "1-1", { a: "1" });
    await db.close();
    for (const bytes of storage.kept.journal.values()) bytes[bytes.length >> 1]! ^= 0x55;
    await assert.rejects(Eddyline.open(storage), (error) => {
      assert.ok(error instanceof StorageError);
      assert.match(error.message, /at byte \d+ of /);
      return true;
    });
  });
});

describe("a stream larger than memory", () => {
  const text = "x".repeat(10_000);
  const entries = 200;

  async function open() {
    const storage = new ScriptedStorage();
    const db = await Eddyline.open(storage, { maxResidentBytes: 64 << 10 });
    for (let i = 1; i <= entries; i++) await db.xAdd("s", `${i}-1`, { text });
    return { storage, db };
  }

  it("is read through segments that come back from storage", async () => {
    const { storage, db } = await open();
    assert.ok(
      storage.commits.some(({ checkpoint }) => checkpoint !== undefined),
      "it was checkpointed",
    );
    const all = await db.xRange("s", "-", "+");
    assert.deepEqual(
      all.map(({ id }) => id),
      Array.from({ length: entries }, (_, i) => `${i + 1}-1`),
    );
    assert.ok(storage.reads.length > 0, "segments were read");
    await db.close();
  });

  it("keeps the order of a pipeline over a missing segment", async () => {
    const { storage, db } = await open();
    const before = storage.reads.length;
    const [first, added, length] = await Promise.all([
      db.xRange("s", "-", "+", { COUNT: 1 }),
      db.xAdd("s", `${entries + 1}-1`, { text }),
      db.xLen("s"),
    ]);
    assert.deepEqual([first?.[0]?.id, added, length], ["1-1", `${entries + 1}-1`, entries + 1]);
    assert.ok(storage.reads.length > before, "a segment was read");
    await db.close();
  });

  it("asks once for a segment that several need", async () => {
    const { storage, db } = await open();
    const before = storage.reads.length;
    const ranges = [db.xRange("s", "-", "+", { COUNT: 1 })];
    const waiting = db.xRead({ key: "s", id: "0" }, { COUNT: 1, BLOCK: 0 });
    await Promise.all([...ranges, waiting]);
    const asked = storage.reads.slice(before).map(({ number }) => number);
    assert.deepEqual(asked, [...new Set(asked)]);
    assert.ok(asked.length > 0);
    await db.close();
  });

  it("reads no segment while a commit may still be writing it", async () => {
    const { storage, db } = await open();
    storage.isHolding = true;
    const added = db.xAdd("s", `${entries + 1}-1`, { text });
    await settle();
    const before = storage.reads.length;
    const read = db.xRange("s", "-", "+", { COUNT: 1 });
    await settle();
    assert.equal(storage.reads.length, before);
    storage.letGo();
    await Promise.all([added, read]);
    assert.ok(storage.reads.length > before);
    await db.close();
  });

  it("says so when a segment is gone, and acknowledges nothing it cannot keep", async () => {
    const { storage, db } = await open();
    for (const [address, { kind }] of storage.kept.blobs)
      if (kind === 3) storage.kept.blobs.delete(address);
    await assert.rejects(db.xRange("s", "-", "+"), (error) => {
      assert.ok(error instanceof EngineLostError);
      assert.ok(error.cause instanceof StorageError);
      assert.match(error.cause.message, /segment \d+ of stream \d+ is missing/);
      return true;
    });
    await db.close();
  });
});
