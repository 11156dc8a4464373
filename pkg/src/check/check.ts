/**
 * `eddyline check`: whether everything in a folder can be read, and what is wrong with it.
 *
 * SQLite looks at its file, the engine at every blob, batch and entry (`src/salvage`). Nothing is
 * written, unless it is told to repair: then all that can be read goes to a new file, which takes the
 * place of the old one. The old one is kept.
 */

import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "../errors.ts";
import { LocalTransport } from "../local.ts";
import { DATABASE_FILE, SqliteStorage } from "../storage/sqlite.ts";
import type { Blob, Storage } from "../storage/storage.ts";
import { openPieces, type Pieces } from "./pieces.ts";
import { type Left, salvage } from "./salvage.ts";

/** Options of {@link checkFolder}. */
export interface CheckOptions {
  /** Put what can be read in the place of what is damaged. */
  repair?: boolean;
  /** Hears of what is being read. */
  onProgress?: (what: string) => void;
}

/** What a folder holds and what is wrong with it. */
export interface CheckReport {
  keys: number;
  entries: number;
  batches: number;
  /** What is wrong, a line each. Empty: all of it can be read. */
  problems: string[];
  /** What a repair has changed, a line each. */
  repairs: string[];
}

/** Where in the folder the new file is made. */
const COPY = "repaired";
/** Bytes that are copied in one transaction. */
const COPIED_BYTES = 8 << 20;
/** The files of a database: the log stands beside it if nobody could close it. */
const FILES = ["", "-wal", "-shm"];

/**
 * Looks at everything in a folder.
 *
 * @throws StorageError when there is nothing to look at, or nothing that could be repaired
 * @throws StorageInUseError when somebody has the folder open
 */
export async function checkFolder(dir: string, options: CheckOptions = {}): Promise<CheckReport> {
  if (!existsSync(join(dir, DATABASE_FILE)))
    throw new StorageError(`there is no ${DATABASE_FILE} in ${dir}`);
  const report = await examine(dir, options, async (pieces, left) => {
    if (pieces.blobs.length === 0 && pieces.journal.length === 0 && pieces.cold.length === 0)
      throw new StorageError(`nothing of ${join(dir, DATABASE_FILE)} can be read`);
    await copy(pieces, left, join(dir, COPY), options);
  });
  if (report.problems.length === 0 || !options.repair) return report;
  const repaired = await examine(join(dir, COPY), {}, () => {
    throw new Error("what was repaired is damaged");
  });
  const old = replaceDatabase(dir);
  const repairs = [...report.problems, `what can be read is in a new file; the old one is ${old}`];
  return { ...repaired, batches: report.batches, repairs };
}

/** Looks at a folder; if something is wrong and it is to be repaired, `repair` has what is left. */
async function examine(
  dir: string,
  { repair, onProgress }: CheckOptions,
  mend: (pieces: Pieces, left: Left) => void | Promise<void>,
): Promise<CheckReport> {
  using pieces = openPieces(dir);
  const left = salvage(pieces, onProgress ?? (() => {}));
  const problems = [...pieces.problems, ...left.losses];
  if (problems.length === 0) problems.push(...(await refusal(pieces)));
  if (problems.length > 0 && repair) await mend(pieces, left);
  const { keys, entries } = left;
  const start = pieces.journalStart ?? 0;
  const batches = pieces.journal.filter(({ number }) => number >= start).length;
  return { keys, entries, batches, problems, repairs: [] };
}

/** Why the engine does not open with these pieces, if it does not. */
async function refusal({ blobs, journal, read }: Pieces): Promise<string[]> {
  const storage: Storage = {
    durable: true,
    load: () => ({ blobs, journal: journal.map(({ bytes }) => bytes) }),
    read: (keys) => keys.map(read),
    commit: () => {
      throw new StorageError("a check writes nothing");
    },
    close: () => {},
  };
  try {
    await (await LocalTransport.open(storage, {})).close();
    return [];
  } catch (error) {
    if (error instanceof StorageError) return [error.message];
    throw error;
  }
}

/** Writes what is left to a new folder. */
async function copy(
  pieces: Pieces,
  { copied, checkpoint }: Left,
  dir: string,
  { onProgress }: CheckOptions,
): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  const storage = await SqliteStorage.open(`file:${dir}`, { appendfsync: "no" });
  try {
    storage.load();
    const { journalStart } = checkpoint;
    const write = (put: Blob[]) =>
      storage.commit({ journal: [], checkpoint: { put, delete: [], journalStart } });
    let waiting: Blob[] = [];
    let bytes = 0;
    for (const [at, { from, to }] of copied.entries()) {
      onProgress?.(`${at + 1} of ${copied.length} segments and pages are copied`);
      const blob = { ...to, bytes: pieces.read(from) ?? new Uint8Array(0) };
      waiting.push(blob);
      bytes += blob.bytes.byteLength;
      if (bytes < COPIED_BYTES) continue;
      write(waiting);
      [waiting, bytes] = [[], 0];
    }
    // What was changed since the last checkpoint comes after what it was made from.
    write(waiting);
    storage.commit({ journal: [], checkpoint });
  } finally {
    await storage.close();
  }
}

/**
 * Puts the copy in the place of the folder's database, which stays under the name that is returned.
 * Nobody may have either open.
 */
function replaceDatabase(dir: string): string {
  const damaged = freeName(dir);
  for (const end of FILES) {
    const old = join(dir, `${DATABASE_FILE}${end}`);
    if (existsSync(old)) renameSync(old, join(dir, `${damaged}${end}`));
  }
  renameSync(join(dir, COPY, DATABASE_FILE), join(dir, DATABASE_FILE));
  rmSync(join(dir, COPY), { recursive: true });
  return damaged;
}

/** A name for the damaged file; that of an earlier repair is left alone. */
function freeName(dir: string): string {
  for (let number = 1; ; number++) {
    const name = `${DATABASE_FILE}.damaged-${number}`;
    if (!existsSync(join(dir, name))) return name;
  }
}
