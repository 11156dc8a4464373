/**
 * What a storage does for an engine: keep blobs and a journal, and write both in one transaction.
 * It understands nothing of what it keeps.
 */

import type { KeptAnswers } from "./answers.ts";

/** A value, or a promise of it: storages may be synchronous, and then nothing waits for a tick. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * The address of a blob, three whole numbers below 2^53. Kinds: 0 the keyspace's one meta blob,
 * 1 a key, 2 a consumer group, 3 a segment (a run of entries), 4 a page (a run of a group's pending
 * entries list). Segments and pages are cold: opening does not load them, they are read on need.
 */
export interface BlobKey {
  kind: number;
  stream: number;
  number: number;
}

/** A blob and its address. */
export interface Blob extends BlobKey {
  bytes: Uint8Array;
}

/** The first kind of the cold blobs: {@link Storage.load} gives the kinds below it. */
export const FIRST_COLD_KIND = 3;

/** The changes of one turn of the engine. Numbers count up by one. */
export interface JournalBatch {
  number: number;
  bytes: Uint8Array;
}

/** What replaces the journal written so far. */
export interface Checkpoint {
  /** Blobs to write, replacing what is there. */
  put: Blob[];
  /** Blobs to delete. */
  delete: BlobKey[];
  /**
   * Batches below this number are no longer needed. They may stay: a storage that bills rows lets
   * later batches overwrite them. {@link Storage.load} may still return them.
   */
  journalStart: number;
}

/** Everything that is written together or not at all. */
export interface Commit {
  /** Batches to append, in order. */
  journal: readonly JournalBatch[];
  /** To be written after the batches, in the same transaction. */
  checkpoint: Checkpoint | undefined;
  /** Answers to keep as well. Only for storages whose users ask them again: `idb:`, for its tabs. */
  answers?: readonly KeptAnswers[];
}

/** What a storage holds at opening. */
export interface Stored {
  /** Every blob that is not cold, in any order. */
  blobs: readonly Blob[];
  /** Every batch, in any order. */
  journal: readonly Uint8Array[];
}

/**
 * A place where the state of one engine is kept.
 *
 * The engine's host calls one method at a time: it never reads while a commit is under way, nor
 * commits before the last commit ended. One storage serves one engine.
 */
export interface Storage {
  /** Whether what was committed can be loaded again. `false`: nothing is kept, no commit ever comes. */
  readonly durable: boolean;
  /** Everything but the cold blobs. Comes first, and again after a commit that failed. */
  load(): MaybePromise<Stored>;
  /** The blobs asked for, in that order; `undefined` for one that is not there. */
  read(keys: readonly BlobKey[]): MaybePromise<readonly (Uint8Array | undefined)[]>;
  /**
   * Writes all of `commit` in one transaction. When it returns, or its promise resolves, the replies
   * that depend on it go out; when it fails the engine is dropped and restored from {@link load}.
   */
  commit(commit: Commit): MaybePromise<void>;
  /**
   * Tries whether anything can be written, and changes nothing by it. With this method a server
   * refuses writes after a commit that failed until it succeeds, and reads go on.
   *
   * @throws StorageError when a commit would fail
   */
  probe?(): MaybePromise<void>;
  /** Ends the use of the storage. Nothing else is called afterwards. */
  close(): MaybePromise<void>;
  /** Changes when commits reach the disk, from the next one on. For storages that know a difference. */
  setAppendfsync?(appendfsync: Appendfsync): void;
  /**
   * Calls `begin` once, when what is to share a commit has come. For storages whose commits keep
   * the thread busy: nothing can come during such a commit, so it has to be waited for before.
   * Without this method a commit begins with the first turn that wants one.
   */
  gather?(begin: () => void): void;
}

/**
 * When what was written reaches the disk itself, in the words of Redis: at every commit, before
 * anybody hears of it; once a second; when the operating system sees fit. Either way the operating
 * system has it before anybody hears of it, so the end of the process alone loses nothing.
 */
export type Appendfsync = "always" | "everysec" | "no";

/** Options of the storages that come with the package. */
export interface StorageOptions {
  /** For `file:`; by default `"always"`. */
  appendfsync?: Appendfsync;
  /**
   * For `idb:`: whether the browser flushes each commit to the disk before it says that it is done
   * (`"strict"`, the default), or leaves that to the operating system (`"relaxed"`).
   */
  durability?: "strict" | "relaxed";
}

/** Opens the storage at an address such as `file:./dir`. */
export type OpenStorage = (address: string, options: StorageOptions) => Promise<Storage>;
