/** Entries larger than a storage's row: in a batch of the journal, in a segment, cold, and gone. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { textOf } from "../storage/text.ts";

const LARGE_BYTES = 12 << 20;

/** Bytes without a period that a row's length could hide. */
function bytesOf(seed: number): Uint8Array {
  return Uint8Array.from({ length: LARGE_BYTES }, (_, at) => (at * at * seed + (at >> 11)) & 0xff);
}

async function expectEntries(db: Eddyline, entries: ReadonlyMap<string, Uint8Array>) {
  for (const [id, bytes] of entries) {
    const [entry] = await db.withBytes().xRange("s", id, id);
    assert.equal(Buffer.compare(entry?.message["bytes"] ?? new Uint8Array(0), bytes), 0, id);
  }
}

it("entries of twelve megabytes are kept, evicted, read by a group, and trimmed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "eddyline-entries-"));
  const open = () =>
    Eddyline.open(`file:${folder}`, { appendfsync: "no", maxResidentBytes: 1 << 20 });
  const entries = new Map([1, 2, 3].map((seed) => [`${seed}-0`, bytesOf(seed)]));
  try {
    let db = await open();
    await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    for (const [id, bytes] of entries) await db.xAdd("s", id, { bytes });
    await expectEntries(db, entries);
    await db.close();
    db = await open();
    await expectEntries(db, entries);
    for (const id of entries.keys()) {
      const reads = await db.withBytes().xReadGroup("g", "c", { key: "s", id: ">" }, { COUNT: 1 });
      const [entry] = reads?.[0]?.messages ?? [];
      assert.equal(entry?.id, id);
      assert.equal(Buffer.compare(entry.message["bytes"] as Uint8Array, entries.get(id)!), 0);
      assert.equal(await db.xAck("s", "g", id), 1);
    }
    assert.equal(await db.xTrim("s", "MAXLEN", 1), 2);
    // Enough for a checkpoint, which deletes what was trimmed.
    for (let n = 10; n < 300; n++) await db.xAdd("t", `${n}-0`, { text: textOf(n, 2000) });
    await expectEntries(db, new Map([["3-0", bytesOf(3)]]));
    await db.close();
    const database = new DatabaseSync(join(folder, "eddyline.sqlite"));
    const kept = database.prepare("SELECT sum(length(bytes)) AS bytes FROM blob").get();
    database.close();
    const keptBytes = Number(kept?.["bytes"]);
    assert.ok(keptBytes > LARGE_BYTES && keptBytes < 2 * LARGE_BYTES, `${keptBytes} bytes`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
