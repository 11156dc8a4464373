/**
 * An IndexedDB database of the browser, through the `idb` package: `idb://name`.
 *
 * ```text
 * blob     [kind, stream, number, part] → bytes       a blob is its parts in order
 * journal  [number, part] → bytes                     batches that a checkpoint holds are deleted
 * ```
 *
 * A Web Lock keeps the database for this page alone; the browser gives it back when the page ends,
 * however it ends.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import {
  type EddylineError,
  StorageError,
  StorageFullError,
  StorageInUseError,
  UnsupportedError,
} from "../errors.ts";
import { limits } from "../limits.ts";
import { type Keyed, PartJoiner, splitParts } from "./parts.ts";
import {
  type BlobKey,
  type Commit,
  FIRST_COLD_KIND,
  type Storage,
  type StorageOptions,
  type Stored,
} from "./storage.ts";

const VERSION = 1;

interface Schema extends DBSchema {
  blob: { key: [kind: number, stream: number, number: number, part: number]; value: Uint8Array };
  journal: { key: [number: number, part: number]; value: Uint8Array };
}

type Writing = IDBPTransaction<Schema, ("blob" | "journal")[], "readwrite">;

/** The storage in an IndexedDB database. */
export class IndexedDbStorage implements Storage {
  readonly durable = true;
  readonly #name: string;
  readonly #durability: "strict" | "relaxed";
  readonly #unlock: () => void;
  #database: IDBPDatabase<Schema> | undefined;

  private constructor(
    name: string,
    durability: "strict" | "relaxed" | undefined,
    unlock: () => void,
  ) {
    this.#name = name;
    this.#durability = durability ?? "strict";
    this.#unlock = unlock;
  }

  /**
   * Opens the database of `address` (`idb://name`), and makes it if it is not there.
   *
   * @throws StorageInUseError when another tab or worker has it open, or this one has already
   * @throws UnsupportedError where the browser has no IndexedDB or no locks, which it has on secure
   *   pages only
   */
  static async open(address: string, options: StorageOptions = {}): Promise<IndexedDbStorage> {
    const name = databaseOf(address);
    if (globalThis.indexedDB === undefined || globalThis.navigator?.locks === undefined)
      throw new UnsupportedError("idb: storage needs a secure page (https or localhost)");
    const unlock = await lock(name);
    if (unlock === undefined)
      throw new StorageInUseError(`the database "${name}" is open in another tab, or here already`);
    return new IndexedDbStorage(name, options.durability, unlock);
  }

  /** Opens the database anew, because the browser may have closed it: that is a reason to restore. */
  async load(): Promise<Stored> {
    try {
      this.#database?.close();
      this.#database = await openDatabase(this.#name);
      const reading = this.#database.transaction(["blob", "journal"], "readonly");
      // Arrays are ordered by their elements: this is every key of a kind below the cold ones.
      const heads = IDBKeyRange.bound([0], [FIRST_COLD_KIND], false, true);
      const blobs = reading.objectStore("blob");
      const journal = reading.objectStore("journal");
      const [blobKeys, blobParts, batchKeys, batchParts] = await Promise.all([
        ...[blobs.getAllKeys(heads), blobs.getAll(heads)],
        ...[journal.getAllKeys(), journal.getAll()],
      ] as const);
      return {
        blobs: join("blob", blobKeys, blobParts).map(({ key, bytes }) => {
          const [kind = 0, stream = 0, number = 0] = key;
          return { kind, stream, number, bytes };
        }),
        journal: join("journal batch", batchKeys, batchParts).map(({ bytes }) => bytes),
      };
    } catch (cause) {
      throw storageError(this.#name, cause);
    }
  }

  async read(keys: readonly BlobKey[]): Promise<(Uint8Array | undefined)[]> {
    try {
      const blobs = this.#opened.transaction("blob", "readonly").store;
      const found = keys.map(async (key) => {
        const all = partsOf(key, 0);
        const [partKeys, parts] = await Promise.all([blobs.getAllKeys(all), blobs.getAll(all)]);
        return join("blob", partKeys, parts)[0]?.bytes;
      });
      return await Promise.all(found);
    } catch (cause) {
      throw storageError(this.#name, cause);
    }
  }

  async commit(commit: Commit): Promise<void> {
    try {
      const options = { durability: this.#durability };
      const writing = this.#opened.transaction(["blob", "journal"], "readwrite", options);
      try {
        await write(writing, commit);
      } catch (cause) {
        abort(writing);
        const end: unknown = await writing.done.catch((reason: unknown) => reason);
        // A request that went down with its transaction knows no reason.
        throw isAbort(cause) ? end : cause;
      }
      await writing.done;
    } catch (cause) {
      throw storageError(this.#name, cause);
    }
  }

  close(): void {
    this.#database?.close();
    this.#unlock();
  }

  get #opened(): IDBPDatabase<Schema> {
    if (this.#database === undefined) throw new StorageError("the database was not loaded");
    return this.#database;
  }
}

function databaseOf(address: string): string {
  const name = decodeURIComponent(address.replace(/^idb:(\/\/)?/, ""));
  if (name === "") throw new UnsupportedError(`"${address}" names no database: idb://name`);
  return name;
}

/** Takes the lock; what is returned gives it back. A page that is being reloaded holds it for a moment. */
function lock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const options = { signal: AbortSignal.timeout(limits.lockMs) };
    const held = () => new Promise<void>((unlock) => resolve(unlock));
    navigator.locks.request(`eddyline/${name}`, options, held).catch((cause: unknown) => {
      if (options.signal.aborted) resolve(undefined);
      else reject(cause);
    });
  });
}

function openDatabase(name: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(`eddyline/${name}`, VERSION, {
    upgrade: (database) => {
      database.createObjectStore("blob");
      database.createObjectStore("journal");
    },
  });
}

/** Asks for every write of the commit at once: each settles with its transaction. */
async function write(writing: Writing, { journal, checkpoint }: Commit): Promise<void> {
  const [blobs, batches] = [writing.objectStore("blob"), writing.objectStore("journal")];
  const requests: Promise<unknown>[] = [];
  try {
    for (const { number, bytes } of journal) {
      for (const [part, piece] of split(bytes)) requests.push(batches.put(piece, [number, part]));
    }
    for (const key of checkpoint?.delete ?? []) requests.push(blobs.delete(partsOf(key, 0)));
    for (const { bytes, ...key } of checkpoint?.put ?? []) {
      const parts = split(bytes);
      requests.push(blobs.delete(partsOf(key, parts.length)));
      for (const [part, piece] of parts)
        requests.push(blobs.put(piece, [key.kind, key.stream, key.number, part]));
    }
    if (checkpoint !== undefined)
      requests.push(batches.delete(IDBKeyRange.upperBound([checkpoint.journalStart], true)));
  } finally {
    // Also when a later one could not be made: nobody else hears of their failures.
    for (const request of requests) request.catch(() => {});
  }
  await Promise.all(requests);
}

/** Copies: a view would be stored with all of the buffer behind it. */
function split(bytes: Uint8Array): [part: number, bytes: Uint8Array][] {
  const parts = splitParts(bytes, limits.partBytes, limits.partBytes);
  return parts.map((piece, part) => [part, piece.slice()]);
}

/** The parts of a blob from `first` on. An array is greater than every number. */
function partsOf({ kind, stream, number }: BlobKey, first: number): IDBKeyRange {
  return IDBKeyRange.bound([kind, stream, number, first], [kind, stream, number, []]);
}

function join(
  what: string,
  keys: readonly (readonly number[])[],
  parts: readonly Uint8Array[],
): Keyed[] {
  const joiner = new PartJoiner(what);
  for (const [at, key] of keys.entries())
    joiner.add(key.slice(0, -1), key.at(-1) as number, parts[at] as Uint8Array);
  return joiner.finish();
}

function abort(writing: Writing): void {
  try {
    writing.abort();
  } catch {
    // It has ended by itself already.
  }
}

function isAbort(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === "AbortError";
}

function storageError(name: string, cause: unknown): EddylineError {
  if (cause instanceof DOMException && cause.name === "QuotaExceededError")
    return new StorageFullError(`the browser gives the database "${name}" no more room`, { cause });
  const text = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(`the database "${name}": ${text}`, { cause });
}
