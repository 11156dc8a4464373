/** `appendfsync everysec`: a flush that fails is not passed over. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { StorageError } from "../src/errors.ts";
import * as limits from "../src/limits.ts";
import { EverySecond } from "../src/storage/every-second.ts";

/** Until the flush of what was written before has certainly been. */
const FLUSHED_MS = limits.fsyncMs + 500;

it("a file that cannot be flushed takes no more", async () => {
  // What the operating system never flushes.
  const file = new EverySecond("/dev/null");
  file.wrote();
  file.wrote();
  await sleep(FLUSHED_MS);
  assert.throws(() => file.wrote(), StorageError);
  assert.throws(() => file.wrote(), StorageError);
  await file.close();
});

it("a file that can goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "eddyline-flush-"));
  const path = join(folder, "file");
  writeFileSync(path, "something");
  const file = new EverySecond(path);
  file.wrote();
  await sleep(FLUSHED_MS);
  file.wrote();
  await file.close();
  rmSync(folder, { recursive: true });
});
