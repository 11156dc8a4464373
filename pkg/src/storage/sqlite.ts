/**
 * A folder with an SQLite database, through Node's own `node:sqlite`: `file:./dir`.
 *
 * Tables and rows are those of a Durable Object (`sql/src/lib.rs`, with which the statements here
 * must agree), so the database of an object opens as a folder's and the other way round.
 *
 * SQLite takes the file for this process alone (`locking_mode = EXCLUSIVE`): a lock of the
 * operating system, which the end of the process gives back however it comes.
 */

import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import {
  type EddylineError,
  StorageError,
  StorageFullError,
  StorageInUseError,
} from "../errors.ts";
import * as limits from "../limits.ts";
import { EverySecond } from "./every-second.ts";
import { type Keyed, PartJoiner, splitParts } from "./parts.ts";
import {
  type Appendfsync,
  type Blob,
  type BlobKey,
  type Checkpoint,
  type Commit,
  FIRST_COLD_KIND,
  type JournalBatch,
  type Storage,
  type StorageOptions,
  type Stored,
} from "./storage.ts";

/** The database in a folder. */
export const DATABASE_FILE = "eddyline.sqlite";
/** Bytes of the first part of a journal batch: these rows stay behind until they are overwritten. */
const JOURNAL_FIRST_PART_BYTES = 64 << 10;
/** SQLite cuts its log down to this after it has grown for a large commit. */
const LOG_BYTES = 64 << 20;

/** The row of the tables themselves: a version, and the first journal batch still needed. */
export const HEADER = { kind: 0, stream: 0, number: 1 } as const;
const HEADER_VERSION = 1;
const HEADER_BYTES = 17;

/**
 * In write-ahead mode NORMAL writes a commit to the operating system, FULL flushes it to the disk
 * besides. OFF would let the end of power damage the file, and wins nothing that counts.
 */
const SYNCHRONOUS: Readonly<Record<Appendfsync, string>> = {
  always: "FULL",
  everysec: "NORMAL",
  no: "NORMAL",
};

/** Set with the tables; 0 in a file without, and in a Durable Object's. */
const TABLES_VERSION = 1;
export const TABLES = `
  CREATE TABLE IF NOT EXISTS blob (kind INTEGER NOT NULL, stream INTEGER NOT NULL,
    number INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (kind, stream, number, part)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS journal (part INTEGER NOT NULL, slot INTEGER NOT NULL,
    number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (part, slot)) WITHOUT ROWID;`;

type Statement = keyof typeof STATEMENTS;

const STATEMENTS = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  tables: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'blob'",
  loadBlobs: `SELECT kind, stream, number, part, bytes FROM blob WHERE kind < ${FIRST_COLD_KIND}
    ORDER BY kind, stream, number, part`,
  loadJournal: "SELECT number, part, bytes FROM journal WHERE number >= ? ORDER BY number, part",
  readBlob: `SELECT part, bytes FROM blob WHERE kind = ? AND stream = ? AND number = ?
    ORDER BY part`,
  putBlob: "REPLACE INTO blob (kind, stream, number, part, bytes) VALUES (?, ?, ?, ?, ?)",
  deleteParts: "DELETE FROM blob WHERE kind = ? AND stream = ? AND number = ? AND part >= ?",
  putBatch: "REPLACE INTO journal (part, slot, number, bytes) VALUES (?, ?, ?, ?)",
  shedJournal: "DELETE FROM journal WHERE part > 0 AND number < ?",
} as const;

/** The storage in a folder. */
export class SqliteStorage implements Storage {
  readonly durable = true;
  readonly #path: string;
  readonly #database: DatabaseSync;
  /** What it was opened with. */
  readonly #appendfsync: Appendfsync;
  readonly #statements = new Map<Statement, StatementSync>();
  /** Number of the first journal batch still needed, which goes to slot 0; none: nothing is stored. */
  #journalStart: number | undefined;
  /** While commits are flushed once a second. */
  #everySecond: EverySecond | undefined;
  /** Its last flush, when there was one. */
  #flushed: Promise<void> | undefined;

  private constructor(path: string, database: DatabaseSync, appendfsync: Appendfsync) {
    this.#path = path;
    this.#database = database;
    this.#appendfsync = appendfsync;
  }

  /**
   * Opens the folder of `address` (`file:./dir`, `file:///var/dir`), and makes it if it is not there.
   *
   * @throws StorageInUseError when another process has it open, or this one has already
   * @throws StorageError when there is no database in the folder's file
   */
  static async open(address: string, options: StorageOptions = {}): Promise<SqliteStorage> {
    const folder = folderOf(address);
    const path = join(folder, DATABASE_FILE);
    try {
      makeFolder(folder);
      return new SqliteStorage(path, openDatabase(path), options.appendfsync ?? "always");
    } catch (cause) {
      throw storageError(path, cause);
    }
  }

  load(): Stored {
    return this.#run(() => {
      this.#journalStart = undefined;
      // An engine begins with what it was opened with, also one that follows another.
      this.setAppendfsync(this.#appendfsync);
      if (!this.#hasTables()) return { blobs: [], journal: [] };
      this.#checkJournal();
      const blobs = joinRows("blob", ["kind", "stream", "number"], this.#all("loadBlobs"));
      const isHeader = ({ key }: Keyed) => key[0] === HEADER.kind && key[2] === HEADER.number;
      const start = readHeader(blobs.find(isHeader)?.bytes);
      const batches = joinRows("journal batch", ["number"], this.#all("loadJournal", start));
      this.#journalStart = start;
      return {
        blobs: blobs.filter((blob) => !isHeader(blob)).map(toBlob),
        journal: batches.map(({ bytes }) => bytes),
      };
    });
  }

  read(keys: readonly BlobKey[]): (Uint8Array | undefined)[] {
    if (this.#journalStart === undefined) return keys.map(() => undefined);
    return this.#run(() => keys.map((key) => this.#readBlob(key)));
  }

  /** Waits for the end of this pass of the event loop: a commit keeps the thread busy. */
  gather(begin: () => void): void {
    setImmediate(begin);
  }

  setAppendfsync(appendfsync: Appendfsync): void {
    this.#database.exec(`PRAGMA synchronous = ${SYNCHRONOUS[appendfsync]}`);
    if (appendfsync === "everysec") this.#everySecond ??= new EverySecond(`${this.#path}-wal`);
    else {
      this.#flushed = this.#everySecond?.close() ?? this.#flushed;
      this.#everySecond = undefined;
    }
  }

  commit(commit: Commit): void {
    const [first] = commit.journal;
    if (first === undefined && commit.checkpoint === undefined) return;
    this.#run(() => {
      const start = this.#journalStart;
      if (start !== undefined && first !== undefined && isOneRow(commit)) {
        // One statement is a transaction by itself, and takes two thirds of the time.
        this.#putBatch(first, start);
      } else {
        this.#journalStart = this.#transact(commit);
      }
      this.#everySecond?.wrote();
    });
  }

  probe(): void {
    const journalStart = this.#journalStart ?? 0;
    // The tables' own row is written as it is.
    if (this.#journalStart !== undefined)
      this.commit({ journal: [], checkpoint: { put: [], delete: [], journalStart } });
  }

  async close(): Promise<void> {
    await this.#everySecond?.close();
    await this.#flushed;
    this.#database.close();
  }

  /** Tables that are gone are not taken for an empty folder: the file says that they were made. */
  #hasTables(): boolean {
    const hasTables = this.#statement("tables").get() !== undefined;
    const { user_version: made } = this.#database.prepare("PRAGMA user_version").get() ?? {};
    if (!hasTables && made !== 0) throw new StorageError("the tables are missing");
    return hasTables;
  }

  /**
   * Rows that a spoilt page has lost at the journal's end would be missed by nobody; other rows are
   * named somewhere, and what they hold has a checksum.
   */
  #checkJournal(): void {
    const { quick_check: result } =
      this.#database.prepare("PRAGMA quick_check(journal)").get() ?? {};
    if (result !== "ok") throw new StorageError(`the journal's table: ${result}`);
  }

  #readBlob({ kind, stream, number }: BlobKey): Uint8Array | undefined {
    const rows = this.#all("readBlob", kind, stream, number);
    const joiner = new PartJoiner("blob");
    const key = [kind, stream, number];
    for (const { part, bytes } of rows) joiner.add(key, part as number, bytes as Uint8Array);
    return joiner.finish()[0]?.bytes;
  }

  /** Writes a commit in a transaction; the number of the first batch that is needed after it. */
  #transact({ journal, checkpoint }: Commit): number {
    this.#statement("begin").run();
    const start = checkpoint?.journalStart ?? this.#journalStart ?? journal[0]?.number ?? 0;
    if (this.#journalStart === undefined) this.#create(start);
    for (const batch of journal) this.#putBatch(batch, start);
    if (checkpoint !== undefined) this.#putCheckpoint(checkpoint);
    this.#statement("commit").run();
    return start;
  }

  #create(journalStart: number): void {
    this.#database.exec(TABLES);
    this.#database.exec(`PRAGMA user_version = ${TABLES_VERSION}`);
    this.#putBlob({ ...HEADER, bytes: headerOf(journalStart) });
  }

  #putCheckpoint(checkpoint: Checkpoint): void {
    const { kind, stream, number } = HEADER;
    for (const key of checkpoint.delete) this.#deleteParts(key, 0);
    for (const blob of checkpoint.put) this.#putBlob(blob);
    this.#statement("putBlob").run(kind, stream, number, 0, headerOf(checkpoint.journalStart));
    this.#statement("shedJournal").run(checkpoint.journalStart);
  }

  #putBlob(blob: Blob): void {
    const { kind, stream, number } = blob;
    const parts = splitParts(blob.bytes, limits.partBytes, limits.partBytes);
    this.#deleteParts(blob, parts.length);
    for (const [part, bytes] of parts.entries())
      this.#statement("putBlob").run(kind, stream, number, part, bytes);
  }

  #deleteParts({ kind, stream, number }: BlobKey, firstPart: number): void {
    this.#statement("deleteParts").run(kind, stream, number, firstPart);
  }

  /** A batch that the checkpoint holds already is left out. */
  #putBatch({ number, bytes }: JournalBatch, journalStart: number): void {
    if (number < journalStart) return;
    const parts = splitParts(bytes, JOURNAL_FIRST_PART_BYTES, limits.partBytes);
    for (const [part, piece] of parts.entries())
      this.#statement("putBatch").run(part, number - journalStart, number, piece);
  }

  #statement(name: Statement): StatementSync {
    let statement = this.#statements.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare(STATEMENTS[name]);
      this.#statements.set(name, statement);
    }
    return statement;
  }

  #all(name: Statement, ...params: number[]): Iterable<Record<string, unknown>> {
    return this.#statement(name).iterate(...params);
  }

  /** Runs statements; when one fails, none has happened. */
  #run<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      this.#rollBack();
      throw storageError(this.#path, cause);
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // There is no transaction: SQLite has rolled back itself, or the failure was before or after it.
    }
  }
}

function isOneRow({ journal, checkpoint }: Commit): boolean {
  const isSmall = (journal[0]?.bytes.byteLength ?? 0) <= JOURNAL_FIRST_PART_BYTES;
  return checkpoint === undefined && journal.length === 1 && isSmall;
}

function folderOf(address: string): string {
  if (address.startsWith("file://")) return fileURLToPath(address);
  return resolve(address.slice("file:".length));
}

/** Makes the folder so that it survives the end of power: its own entry is flushed as well. */
function makeFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true });
  if (made === undefined) return;
  const parent = openSync(dirname(made), "r");
  fsyncSync(parent);
  closeSync(parent);
}

export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // In this order: so the log has no shared memory beside it, and the lock is kept to the end.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
    database.exec("BEGIN IMMEDIATE; COMMIT");
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function joinRows(
  what: string,
  columns: readonly string[],
  rows: Iterable<Record<string, unknown>>,
): Keyed[] {
  const joiner = new PartJoiner(what);
  for (const row of rows) {
    const key = columns.map((column) => row[column] as number);
    joiner.add(key, row["part"] as number, row["bytes"] as Uint8Array);
  }
  return joiner.finish();
}

function toBlob({ key: [kind = 0, stream = 0, number = 0], bytes }: Keyed): Blob {
  return { kind, stream, number, bytes };
}

/** ```text
 * 0  u8  version, 1
 * 1  u64 number of the first journal batch still needed, little-endian
 * 9  u64 the same, every bit turned over
 * ``` */
function headerOf(journalStart: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes[0] = HEADER_VERSION;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(1, BigInt(journalStart), true);
  view.setBigUint64(9, ~BigInt(journalStart), true);
  return bytes;
}

export function readHeader(bytes: Uint8Array | undefined): number {
  if (bytes === undefined) throw new StorageError("the header of the SQLite tables is missing");
  if (bytes[0] !== HEADER_VERSION || bytes.byteLength !== HEADER_BYTES)
    throw new StorageError("the SQLite tables have a version that this build does not know");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = view.getBigUint64(1, true);
  if (view.getBigUint64(9, true) !== BigInt.asUintN(64, ~start))
    throw new StorageError("the header of the SQLite tables is damaged");
  return Number(start);
}

/** SQLite's codes, without what distinguishes them further. */
const CODES = { busy: 5, locked: 6, full: 13 } as const;

export function storageError(path: string, cause: unknown): EddylineError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const error = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
  if (error === CODES.busy || error === CODES.locked)
    return new StorageInUseError(`${path} is open already, here or in another process`, { cause });
  if (error === CODES.full) return new StorageFullError(`${path}: the disk is full`, { cause });
  return new StorageError(`${path}: ${text}`, { cause });
}
