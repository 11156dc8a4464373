/**
 * `eddyline check`: whether everything in a folder can be read, and what is wrong with it.
 *
 * SQLite looks at its file, the engine at every blob and batch, and every entry of every stream is
 * read. Nothing is written, unless it is told to repair. Then the journal is cut after its last
 * batch that can be replayed, which gives the state after the last whole change; and where entries
 * cannot be read, everything else is copied to a new file, which takes the place of the old one.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "../errors.ts";
import { LocalTransport } from "../local.ts";
import { DATABASE_FILE, SqliteStorage } from "../storage/sqlite.ts";
import type { Storage, Stored } from "../storage/storage.ts";
import { copyReadable, replaceDatabase } from "./copy.ts";
import { readEntries } from "./entries.ts";
import { addressOf, forEachKey, type Gaps } from "./keys.ts";

/** Options of {@link checkFolder}. */
export interface CheckOptions {
  /** Cut what cannot be replayed off the journal. */
  repair?: boolean;
  /** Hears of every key before it is read. */
  onKey?: (name: string) => void;
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

/**
 * Looks at everything in a folder.
 *
 * @throws StorageError when there is nothing to look at
 * @throws StorageInUseError when somebody has the folder open
 */
export async function checkFolder(dir: string, options: CheckOptions = {}): Promise<CheckReport> {
  const report: CheckReport = { keys: 0, entries: 0, batches: 0, problems: [], repairs: [] };
  if (!existsSync(join(dir, DATABASE_FILE)))
    throw new StorageError(`there is no ${DATABASE_FILE} in ${dir}`);
  const storage = await SqliteStorage.open(`file:${dir}`);
  try {
    report.problems.push(...storage.damages());
    const stored = await attempt(report, () => storage.load());
    if (stored === undefined) return report;
    report.batches = stored.journal.length;
    const whole = await replayable(storage, stored, report);
    if (whole === undefined) return report;
    if (whole < stored.journal.length && options.repair) {
      storage.cutJournal(stored.journal.length - whole);
      report.problems.pop();
      report.repairs.push(`the last ${stored.journal.length - whole} journal batches are cut off`);
    }
    const readable = readOnly(storage, { ...stored, journal: stored.journal.slice(0, whole) });
    const gaps = await readKeys(readable, report, options);
    if (report.problems.length === 0 || !options.repair) return report;
    await copyReadable(readable, dir, gaps);
  } finally {
    await storage.close();
  }
  const old = replaceDatabase(dir);
  report.repairs.push(...report.problems.splice(0));
  report.repairs.push(`what can be read is in a new file; the old one is ${old}`);
  return report;
}

/** Runs something that may find a damage; what it gave, if it found none. */
async function attempt<T>(report: CheckReport, run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    report.problems.push(error.message);
    return undefined;
  }
}

/** The number of journal batches, from the first on, with which the engine can be restored. */
async function replayable(
  storage: Storage,
  stored: Stored,
  report: CheckReport,
): Promise<number | undefined> {
  const { journal } = stored;
  const failure = await restoringError(storage, stored, journal.length);
  if (failure === undefined) return journal.length;
  report.problems.push(failure);
  if ((await restoringError(storage, stored, 0)) !== undefined) return undefined;
  // It can with `good` batches and cannot with `bad`.
  let [good, bad] = [0, journal.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if ((await restoringError(storage, stored, middle)) === undefined) good = middle;
    else bad = middle;
  }
  const lost = journal.length - good;
  const text = `${failure}; without the last ${lost} of ${journal.length} journal batches the rest opens`;
  report.problems.splice(-1, 1, text);
  return good;
}

/** Why the engine cannot be restored with the first `batches` of the journal; nothing if it can. */
async function restoringError(
  storage: Storage,
  stored: Stored,
  batches: number,
): Promise<string | undefined> {
  try {
    const part = { ...stored, journal: stored.journal.slice(0, batches) };
    const transport = await LocalTransport.open(readOnly(storage, part), {});
    await transport.close();
    return undefined;
  } catch (error) {
    if (error instanceof StorageError) return error.message;
    throw error;
  }
}

/** Reads every key; the streams that have gaps, by {@link addressOf}. */
async function readKeys(
  readable: Storage,
  report: CheckReport,
  { onKey }: CheckOptions,
): Promise<Gaps> {
  const gaps: Gaps = new Map();
  await forEachKey(readable, async ({ client, database, key, select }) => {
    const name = `key ${JSON.stringify(new TextDecoder().decode(key))} of database ${database}`;
    onKey?.(name);
    report.keys += 1;
    if ((await client.type(key)) !== "stream") return;
    const length = await client.xLen(key);
    const { entries, gap } = await readEntries(client, key, select);
    report.entries += entries;
    if (gap !== undefined) {
      gaps.set(addressOf(database, key), gap);
      const where = `after ${gap.after} and before ${gap.before}`;
      report.problems.push(`${name}: ${length - entries} entries ${where} are lost: ${gap.reason}`);
    } else if (entries !== length) {
      report.problems.push(`${name}: it says that it has ${length} entries and has ${entries}`);
    }
  });
  return gaps;
}

/** What was loaded, over a storage that only gives cold blobs. */
function readOnly(storage: Storage, stored: Stored): Storage {
  return {
    durable: true,
    load: () => stored,
    read: (keys) => storage.read(keys),
    commit: () => {
      throw new StorageError("a check writes nothing");
    },
    close: () => {},
  };
}
