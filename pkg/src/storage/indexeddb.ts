/**
 * An IndexedDB database of the browser, through the `idb` package: `idb://name`.
 *
 * ```text
 * blob     [kind, stream, number, part] → bytes       a blob is its parts in order
 * journal  [number, part] → bytes                     batches that a checkpoint holds are deleted
 * answer   tab → [number, bytes][]                    answers that other tabs have not acknowledged
 * holder   0 → a random text                          of who may write
 * ```
 *
 * A Web Lock keeps the database for this page alone; the browser gives it back when the page ends,
 * however it ends. The lock of a page that hangs can be taken away from it, and such a page may
 * wake up in the middle of anything: so each commit looks whether its writer is still the holder.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import {
  type EddylineError,
  StorageError,
  StorageFullError,
  StorageInUseError,
  SupersededError,
  UnsupportedError,
} from "../errors.ts";
import * as limits from "../limits.ts";
import { AnswerLedger, type NumberedAnswer } from "./answers.ts";
import { type Keyed, PartJoiner, splitParts } from "./parts.ts";
import {
  type BlobKey,
  type Commit,
  FIRST_COLD_KIND,
  type Storage,
  type StorageOptions,
  type Stored,
} from "./storage.ts";

const VERSION = 2;
/** The key of the only row about the holder. */
const HOLDER = 0;

interface Schema extends DBSchema {
  blob: { key: [kind: number, stream: number, number: number, part: number]; value: Uint8Array };
  journal: { key: [number: number, part: number]; value: Uint8Array };
  answer: { key: string; value: NumberedAnswer[] };
  holder: { key: number; value: string };
}

const STORES = ["blob", "journal", "answer", "holder"] as const;

type Reading = IDBPTransaction<Schema, typeof STORES, "readonly">;
type Writing = IDBPTransaction<Schema, typeof STORES, "readwrite">;

/** The storage in an IndexedDB database. */
export class IndexedDbStorage implements Storage {
  readonly durable = true;
  /** Answers to other tabs, as of the last commit that was begun. */
  readonly answers: AnswerLedger = new AnswerLedger();
  /** What the row about the holder says as long as nobody has taken the database away. */
  #holder: string | undefined;
  /** Whether it is known. */
  #isHolder = false;
  readonly #isSeized: boolean;
  readonly #name: string;
  readonly #durability: "strict" | "relaxed";
  readonly #unlock: () => void;
  #database: IDBPDatabase<Schema> | undefined;

  private constructor(
    name: string,
    durability: "strict" | "relaxed" | undefined,
    unlock: () => void,
    isSeized = false,
  ) {
    this.#name = name;
    this.#isSeized = isSeized;
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
    const unlock = await lock(name);
    if (unlock === undefined)
      throw new StorageInUseError(`the database "${name}" is open in another tab, or here already`);
    return new IndexedDbStorage(name, options.durability, unlock);
  }

  /**
   * The same for who has the lock already.
   *
   * @param hold how it is given back, and whether it was taken away from somebody who may still be
   *   there and is to write nothing more
   */
  static held(
    address: string,
    options: StorageOptions,
    { release, isSeized }: { release: () => void; isSeized: boolean },
  ): IndexedDbStorage {
    return new IndexedDbStorage(databaseOf(address), options.durability, release, isSeized);
  }

  /**
   * Opens the database anew, because the browser may have closed it: that is a reason to restore.
   *
   * @throws SupersededError when it is another one's by now
   */
  async load(): Promise<Stored> {
    try {
      this.#database?.close();
      this.#database = await openDatabase(this.#name);
      const reading = this.#database.transaction(STORES, "readwrite");
      await this.#claim(reading);
      // Arrays are ordered by their elements: this is every key of a kind below the cold ones.
      const heads = IDBKeyRange.bound([0], [FIRST_COLD_KIND], false, true);
      const blobs = reading.objectStore("blob");
      const journal = reading.objectStore("journal");
      const answer = reading.objectStore("answer");
      const [blobKeys, blobParts, batchKeys, batchParts, senders, answers] = await Promise.all([
        ...[blobs.getAllKeys(heads), blobs.getAll(heads)],
        ...[journal.getAllKeys(), journal.getAll()],
        ...[answer.getAllKeys(), answer.getAll()],
      ] as const);
      await reading.done;
      this.#isHolder = true;
      this.answers.load(senders.map((sender, at) => ({ sender, answers: answers[at] ?? [] })));
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
      const writing = this.#opened.transaction(STORES, "readwrite", options);
      for (const answers of commit.answers ?? []) this.answers.keep(answers);
      try {
        await Promise.all([this.#checkHolder(writing), write(writing, commit, this.answers)]);
      } catch (cause) {
        abort(writing);
        const end: unknown = await writing.done.catch((reason: unknown) => reason);
        // A request that went down with its transaction knows no reason.
        throw isAbort(cause) ? end : cause;
      }
      await writing.done;
    } catch (cause) {
      // The browser ends a commit in whose middle the page hung: then too another one may be the holder.
      const error = storageError(this.#name, cause);
      throw error instanceof StorageFullError ? error : await this.#reasonOf(error);
    }
  }

  close(): void {
    this.#database?.close();
    this.#unlock();
  }

  /** Becomes the holder: as the one before it, who has gone, or in place of one who has not. */
  async #claim(writing: Writing): Promise<void> {
    const row = writing.objectStore("holder");
    if (this.#isHolder) return await this.#checkHolder(writing);
    if (this.#isSeized) await row.put(crypto.randomUUID(), HOLDER);
    this.#holder = await row.get(HOLDER);
  }

  /** Why a commit failed: that another one has the database now, or what it says itself. */
  async #reasonOf(error: EddylineError): Promise<EddylineError> {
    try {
      await this.#checkHolder(this.#opened.transaction(STORES, "readonly"));
      return error;
    } catch (cause) {
      return cause instanceof SupersededError ? cause : error;
    }
  }

  async #checkHolder(reading: Reading | Writing): Promise<void> {
    const holder = await reading.objectStore("holder").get(HOLDER);
    if (holder !== this.#holder) throw new SupersededError();
  }

  get #opened(): IDBPDatabase<Schema> {
    if (this.#database === undefined) throw new StorageError("the database was not loaded");
    return this.#database;
  }
}

/**
 * The database that an address names.
 *
 * @throws UnsupportedError when it names none, or the browser has none on this page
 */
export function databaseOf(address: string): string {
  const name = decodeURIComponent(address.replace(/^idb:(\/\/)?/, ""));
  if (name === "") throw new UnsupportedError(`"${address}" names no database: idb://name`);
  if (globalThis.indexedDB === undefined || globalThis.navigator?.locks === undefined)
    throw new UnsupportedError("idb: storage needs a secure page (https or localhost)");
  return name;
}

/** The lock of a database: who has it may open it. */
export function lockOf(name: string): string {
  return `eddyline/${name}`;
}

/** Takes the lock; what is returned gives it back. A page that is being reloaded holds it for a moment. */
function lock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const options = { signal: AbortSignal.timeout(limits.lockMs) };
    const held = () => new Promise<void>((unlock) => resolve(unlock));
    navigator.locks.request(lockOf(name), options, held).catch((cause: unknown) => {
      if (options.signal.aborted) resolve(undefined);
      else reject(cause);
    });
  });
}

function openDatabase(name: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(`eddyline/${name}`, VERSION, {
    upgrade: (database) => {
      const there = database.objectStoreNames;
      for (const store of STORES) if (!there.contains(store)) database.createObjectStore(store);
    },
  });
}

/** Asks for every write of the commit at once: each settles with its transaction. */
async function write(
  writing: Writing,
  { journal, checkpoint }: Commit,
  ledger: AnswerLedger,
): Promise<void> {
  const [blobs, batches] = [writing.objectStore("blob"), writing.objectStore("journal")];
  const kept = writing.objectStore("answer");
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
    for (const { sender, answers } of ledger.takeChanges())
      requests.push(answers.length > 0 ? kept.put([...answers], sender) : kept.delete(sender));
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
  if (cause instanceof SupersededError) return cause;
  if (cause instanceof DOMException && cause.name === "QuotaExceededError")
    return new StorageFullError(`the browser gives the database "${name}" no more room`, { cause });
  const text = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(`the database "${name}": ${text}`, { cause });
}
