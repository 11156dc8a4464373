/** A stream many times larger than `maxResidentBytes`: the process does not grow with it. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Eddyline } from "../../pkg/src/entry/node.ts";

const PROGRAM = fileURLToPath(new URL("../storage/large-program.ts", import.meta.url));
const MAX_RESIDENT_BYTES = 4 << 20;
const STREAM_BYTES = 45 * MAX_RESIDENT_BYTES;
/** What an engine, a storage and a runtime may take besides. Still far less than the stream. */
const LEEWAY_BYTES = 120 << 20;

it("a stream 45 times larger than its memory is read from anywhere, in that memory", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "eddyline-large-"));
  try {
    const args = ["--expose-gc", PROGRAM, folder, `${STREAM_BYTES}`, `${MAX_RESIDENT_BYTES}`];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { entries, seen, grownBytes } = JSON.parse(stdout);
    assert.ok(entries * 1000 > 0.9 * STREAM_BYTES);
    assert.equal(seen.end, entries);
    assert.deepEqual([seen.range, seen.reverse], [entries, entries]);
    assert.ok(Math.abs(seen.front - entries / 20) <= 100);
    assert.ok(Math.abs(seen.middle - entries / 2) <= 100);
    assert.ok(grownBytes < MAX_RESIDENT_BYTES + LEEWAY_BYTES, `it grew by ${grownBytes} bytes`);
    await using db = await Eddyline.open(`file:${folder}`, {
      maxResidentBytes: MAX_RESIDENT_BYTES,
    });
    assert.equal(await db.xLen("s"), entries);
    const groups = await db.xInfoGroups("s");
    const lags = Object.fromEntries(groups.map(({ name, lag }) => [name, lag]));
    const left = (group: string) => entries - seen[group];
    assert.deepEqual(lags, { end: 0, front: left("front"), middle: left("middle") });
    context.diagnostic(`it grew by ${(grownBytes / 2 ** 20).toFixed(0)} MiB`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
