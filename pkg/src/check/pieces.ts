/** Everything that a folder's database holds, in whatever state, as pieces for a survey. */

import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StorageError, StorageInUseError } from "../errors.ts";
import {
  DATABASE_FILE,
  HEADER,
  openDatabase,
  readHeader,
  storageError,
  TABLES,
} from "../storage/sqlite.ts";
import { type Blob, type BlobKey, FIRST_COLD_KIND, type JournalBatch } from "../storage/storage.ts";
import { fitFirstPage, isBlobRow, PAGE_BYTES, PageReader, type Row } from "./pages.ts";

const KEY = 1;
const PAGE = 4;
/** SQLite names a damage again and again. */
const SHOWN_DAMAGES = 5;
/** Where in the folder a file is looked at that SQLite cannot open. */
const SCRATCH = "reading";

/** What there is. */
export interface Pieces extends Disposable {
  /** Every blob that an engine is restored from. */
  readonly blobs: readonly Blob[];
  /** Every batch, with the number under which it lies there. */
  readonly journal: readonly JournalBatch[];
  /** The first batch that is needed, as the tables' own row has it. */
  readonly journalStart: number | undefined;
  /** The addresses of the others: segments, and pages of pending entries lists. */
  readonly cold: readonly BlobKey[];
  read(key: BlobKey): Uint8Array | undefined;
  /** What is wrong with the file itself, a line each. */
  readonly problems: readonly string[];
}

/**
 * Opens a folder's database and lists what is in it: with SQLite's help if it finds nothing wrong
 * with the file, else without.
 *
 * @throws StorageInUseError when somebody has it open
 */
export function openPieces(dir: string): Pieces {
  const path = join(dir, DATABASE_FILE);
  let database: DatabaseSync;
  try {
    database = openDatabase(path);
  } catch (cause) {
    const error = storageError(path, cause);
    if (error instanceof StorageInUseError) throw error;
    return scratchPieces(dir, error.message);
  }
  const problems = damagesOf(database, path);
  if (problems.length === 0) return tablePieces(database);
  // SQLite's log goes into the file, so that all of it is there.
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return pagePieces(path, problems, () => database.close());
}

/** What SQLite finds wrong with its file. */
function damagesOf(database: DatabaseSync, path: string): string[] {
  try {
    const rows = database.prepare(`PRAGMA integrity_check(${SHOWN_DAMAGES})`).all();
    const lines = rows.map(({ integrity_check: line }) => String(line));
    const { user_version: made } = database.prepare("PRAGMA user_version").get() ?? {};
    const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get();
    if (lines[0] === "ok" && made !== 0 && tables?.["n"] !== 2) lines[0] = "the tables are missing";
    return lines[0] === "ok" ? [] : lines.map((line) => `${path}: ${line}`);
  } catch (cause) {
    return [storageError(path, cause).message];
  }
}

/** The pieces of a file in which SQLite finds nothing wrong. */
function tablePieces(database: DatabaseSync): Pieces {
  const isNew = database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  return piecesOf(isNew ? [] : rowsOf(database), [], () => database.close());
}

/** The rows of both tables. */
function* rowsOf(database: DatabaseSync): Generator<Row> {
  const bytesOf = database.prepare(
    "SELECT bytes FROM blob WHERE kind = ? AND stream = ? AND number = ? AND part = ?",
  );
  for (const row of database.prepare("SELECT kind, stream, number, part FROM blob").iterate()) {
    const numbers = Object.values(row).map(Number);
    yield { numbers, read: () => bytesOf.get(...numbers)?.["bytes"] as Uint8Array };
  }
  for (const row of database.prepare("SELECT part, slot, number, bytes FROM journal").iterate()) {
    const { bytes, ...numbers } = row;
    yield { numbers: Object.values(numbers).map(Number), read: () => bytes as Uint8Array };
  }
}

/** The pieces of a file with which something is wrong. */
function pagePieces(path: string, problems: readonly string[], close: () => void): Pieces {
  const reader = new PageReader(path);
  return piecesOf(reader.rows(), problems, () => {
    reader.close();
    close();
  });
}

/** The same for a file that SQLite does not take for one of its own: its first page is replaced. */
function scratchPieces(dir: string, problem: string): Pieces {
  const scratch = join(dir, SCRATCH);
  const path = join(scratch, DATABASE_FILE);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  const fresh = join(scratch, "fresh");
  const made = openDatabase(fresh);
  made.exec(TABLES);
  made.close();
  const first = new Uint8Array(readFileSync(fresh).subarray(0, PAGE_BYTES));
  const old = join(dir, DATABASE_FILE);
  copyFileSync(old, path);
  if (existsSync(`${old}-wal`)) copyFileSync(`${old}-wal`, `${path}-wal`);
  fitFirstPage(first, readFileSync(path).subarray(0, PAGE_BYTES), statSync(path).size);
  const file = openSync(path, "r+");
  writeSync(file, first, 0, first.length, 0);
  closeSync(file);
  // Opened once, so that SQLite's log goes into the file.
  const problems = [problem];
  try {
    openDatabase(path).close();
  } catch (cause) {
    problems.push(storageError(path, cause).message);
  }
  return pagePieces(path, problems, () => rmSync(scratch, { recursive: true }));
}

/** Parts of a blob or batch. */
type Parts = Map<number, Row>;

function piecesOf(rows: Iterable<Row>, problems: readonly string[], close: () => void): Pieces {
  const blobs = new Map<string, Parts>();
  const batches = new Map<number, Parts>();
  const lines = [...problems];
  let slotted: number | undefined;
  for (const row of rows) {
    const [one = 0, two = 0, three = 0, part = 0] = row.numbers;
    if (isBlobRow(row) && !isAddress(one, two, three)) {
      lines.push(`a blob lies at (${one}, ${two}, ${three}), which is no address`);
    } else if (isBlobRow(row)) put(blobs, `${one}/${two}/${three}`, part, row);
    else {
      put(batches, three, one, row);
      if (one === 0) slotted = Math.max(slotted ?? 0, three - two);
    }
  }
  const { kind, stream, number } = HEADER;
  const header = `${kind}/${stream}/${number}`;
  const journalStart = startOf(blobs.get(header), lines, blobs.size > 0) ?? slotted;
  blobs.delete(header);
  const keyed = [...blobs].map(([key, parts]) => {
    const [kind = 0, stream = 0, number = 0] = key.split("/").map(Number);
    return { key: { kind, stream, number }, parts };
  });
  const isHead = ({ key }: { key: BlobKey }) => key.kind < FIRST_COLD_KIND;
  return {
    blobs: keyed.filter(isHead).map(({ key, parts }) => ({ ...key, bytes: joined(parts) })),
    // Also those from before the last checkpoint, whose rows are not wanted yet.
    journal: [...batches].map(([number, parts]) => ({ number, bytes: joined(parts) })),
    journalStart,
    cold: keyed.filter((one) => !isHead(one)).map(({ key }) => key),
    read: ({ kind, stream, number }) => {
      const parts = blobs.get(`${kind}/${stream}/${number}`);
      return parts && joined(parts);
    },
    problems: lines,
    [Symbol.dispose]: close,
  };
}

/** Whether such a blob can be, with the tables' own row among them. */
function isAddress(kind: number, stream: number, number: number): boolean {
  if (kind === 0) return stream === 0 && (number === 0 || number === HEADER.number);
  return kind <= PAGE && (kind !== KEY || number === 0);
}

function put<K>(into: Map<K, Parts>, key: K, part: number, row: Row): void {
  into.set(key, (into.get(key) ?? new Map<number, Row>()).set(part, row));
}

/** The first journal batch that is needed, as the tables' own row has it. */
function startOf(header: Parts | undefined, lines: string[], isUsed: boolean): number | undefined {
  try {
    return readHeader(header && joined(header));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (isUsed) lines.push(error.message);
    return undefined;
  }
}

/** The parts in order, up to the first that is missing. */
function joined(parts: Parts): Uint8Array {
  const all: Uint8Array[] = [];
  for (let part = parts.get(0); part !== undefined; part = parts.get(all.length))
    all.push(part.read());
  return Buffer.concat(all);
}
