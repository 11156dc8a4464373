/**
 * What works at the tail, counts, or trims leaves cold segments where they are: the reads that a
 * storage is asked for are written down and looked at.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { SqliteStorage } from "../../pkg/src/storage/sqlite.ts";
import type { BlobKey, Commit, Storage, Stored } from "../../pkg/src/storage/storage.ts";
import { textOf } from "../storage/text.ts";

const MAX_RESIDENT_BYTES = 512 << 10;
const ENTRIES = 8000;
const AT_ONCE = 100;
/** What is not loaded at opening, by the kind of its blob. */
const KINDS: Readonly<Record<number, string>> = { 3: "segment", 4: "page of a pending list" };
const TEXT_BYTES = 1000;

/** A folder that tells what was read from it. */
class Watched implements Storage {
  readonly durable = true;
  readonly reads: string[] = [];
  readonly #inner: SqliteStorage;

  constructor(inner: SqliteStorage) {
    this.#inner = inner;
  }

  load(): Stored {
    return this.#inner.load();
  }

  read(keys: readonly BlobKey[]): (Uint8Array | undefined)[] {
    this.reads.push(...keys.map(({ kind, number }) => `${KINDS[kind]} ${number}`));
    return this.#inner.read(keys);
  }

  commit(commit: Commit): void {
    this.#inner.commit(commit);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

let folder: string;
let storage: Watched;
let db: Eddyline;
/** Number of the last entry. */
let last = 0;

async function reopen(): Promise<void> {
  await db?.close();
  storage = new Watched(await SqliteStorage.open(`file:${folder}`, { appendfsync: "no" }));
  db = await Eddyline.open(storage, { maxResidentBytes: MAX_RESIDENT_BYTES });
}

/** Appends so many entries, each with an ID of its number. */
async function append(count: number): Promise<void> {
  for (let left = count; left > 0; left -= AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, left) }, () => ++last);
    await Promise.all(some.map((n) => db.xAdd("s", `${n}-0`, { text: textOf(n, TEXT_BYTES) })));
  }
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "eddyline-cold-"));
  await reopen();
  for (const group of ["front", "tail"]) await db.xGroupCreate("s", group, "0", { MKSTREAM: true });
  await append(ENTRIES);
  // A third of it is read, and the last tenth of that not acknowledged.
  for (let read = 0; read < ENTRIES / 3; read += AT_ONCE) {
    const streams = { key: "s", id: ">" };
    const reads = await db.xReadGroup("front", "c", streams, { COUNT: AT_ONCE });
    const ids = (reads?.[0]?.messages ?? []).map(({ id }) => id);
    if (read < (ENTRIES / 3) * 0.9) await db.xAck("s", "front", ids);
  }
  await db.xGroupSetId("s", "tail", "$");
});

beforeEach(async () => {
  await reopen();
  assert.ok(takeReads().length <= 4, "what the few batches of the journal change, and no more");
});

after(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

/** What was read from the storage since the last question. */
function takeReads(): string[] {
  return storage.reads.splice(0);
}

describe("a stream sixteen times larger than its memory", () => {
  it("is counted and asked about without reading of it", async () => {
    assert.equal(await db.xLen("s"), last);
    const groups = await db.xInfoGroups("s");
    const front = groups.find(({ name }) => name === "front");
    const lags = groups.map(({ name, lag }) => [name, lag]);
    assert.deepEqual(lags.toSorted(), [
      ["front", last - (front?.["entries-read"] ?? 0)],
      ["tail", 0],
    ]);
    assert.ok((front?.pending ?? 0) > 0);
    assert.equal((await db.xPending("s", "front")).pending, front?.pending);
    assert.equal((await db.xInfoConsumers("s", "front")).length, 1);
    assert.deepEqual(takeReads(), []);
  });

  it("is appended to, read and acknowledged at the tail without its other segments", async () => {
    await append(1);
    assert.ok(takeReads().length <= 1, "the one that an entry is appended to");
    const latest = await db.xRevRange("s", "+", "-", { COUNT: 1 });
    assert.deepEqual([latest?.[0]?.id, takeReads()], [`${last}-0`, []], "it was the last one");
    for (let round = 0; round < 50; round++) {
      await append(AT_ONCE);
      const reads = await db.xReadGroup("tail", "c", { key: "s", id: ">" }, { COUNT: AT_ONCE + 1 });
      const ids = (reads?.[0]?.messages ?? []).map(({ id }) => id);
      assert.equal(ids.at(-1), `${last}-0`);
      assert.equal(await db.xAck("s", "tail", ids), ids.length);
    }
    assert.deepEqual(takeReads(), []);
    assert.equal(await db.xLen("s"), last);
  });

  it("is trimmed with its head segment alone", async () => {
    const length = last;
    // In the middle of a segment far behind the head: the ones before it go unread.
    const removed = await db.xTrim("s", "MAXLEN", length - 1234);
    assert.deepEqual([removed, takeReads().length], [1234, 1]);
    const head = (await db.xRange("s", "-", "+", { COUNT: 1 }))?.[0]?.id;
    assert.deepEqual([head, takeReads()], ["1235-0", []]);
    assert.equal(await db.xTrim("s", "MINID", "3001-0"), 1766);
    assert.ok(takeReads().length <= 1);
    const trim = await db.xTrim("s", "MAXLEN", 3000, { strategyModifier: "~", LIMIT: 0 });
    assert.ok(trim > 0 && takeReads().length <= 1);
  });

  it("is trimmed as it is appended to, a segment read for all of its nodes", async () => {
    const threshold = await db.xLen("s");
    await append(1);
    takeReads();
    const TRIM = { strategy: "MAXLEN", strategyModifier: "~", threshold } as const;
    for (let round = 0; round < 1000; round++)
      await db.xAdd("s", `${++last}-0`, { text: textOf(last, TEXT_BYTES) }, { TRIM });
    const reads = takeReads();
    assert.equal(new Set(reads).size, reads.length, "none is read twice");
    // A segment holds 128 KiB: more than a hundred such entries.
    assert.ok(reads.length > 0 && reads.length <= 1000 / 100 + 1, `${reads.length} reads`);
    assert.ok((await db.xLen("s")) - threshold < 10);
  });
});
