/** A storage in memory that keeps what is committed, and does what a test tells it to. */

import {
  type Blob,
  type BlobKey,
  type Commit,
  FIRST_COLD_KIND,
  type Storage,
  type Stored,
} from "../src/storage/storage.ts";

/** What a storage holds; hand it to a new {@link ScriptedStorage} to open the same data again. */
export interface Kept {
  blobs: Map<string, Blob>;
  journal: Map<number, Uint8Array>;
}

/** Commits in the order given, each in one step; says of everything when it was asked for. */
export class ScriptedStorage implements Storage {
  readonly durable = true;
  readonly kept: Kept;
  /** Every commit that was asked for. */
  readonly commits: Commit[] = [];
  /** Every blob that was read. */
  readonly reads: BlobKey[] = [];
  closed = false;
  /** While set, commits wait; {@link letGo} ends them. */
  isHolding = false;
  /** While set, commits fail with it. */
  failure: Error | undefined;
  #held: { commit: Commit; settle: () => void }[] = [];

  constructor(kept: Kept = { blobs: new Map(), journal: new Map() }) {
    this.kept = kept;
  }

  load(): Stored {
    const blobs = [...this.kept.blobs.values()].filter(({ kind }) => kind < FIRST_COLD_KIND);
    return { blobs, journal: [...this.kept.journal.values()] };
  }

  read(keys: readonly BlobKey[]): Promise<(Uint8Array | undefined)[]> {
    this.reads.push(...keys);
    return Promise.resolve(keys.map((key) => this.kept.blobs.get(address(key))?.bytes));
  }

  commit(commit: Commit): void | Promise<void> {
    this.commits.push(commit);
    if (!this.isHolding) return this.#write(commit);
    return new Promise((resolve, reject) => {
      const settle = () => {
        try {
          this.#write(commit);
          resolve();
        } catch (error) {
          reject(error);
        }
      };
      this.#held.push({ commit, settle });
    });
  }

  /** How many commits wait. */
  get held(): number {
    return this.#held.length;
  }

  /** Ends the commits that wait, and holds no further ones. */
  letGo(): void {
    this.isHolding = false;
    for (const { settle } of this.#held.splice(0)) settle();
  }

  close(): void {
    this.closed = true;
  }

  #write({ journal, checkpoint }: Commit): void {
    if (this.failure !== undefined) throw this.failure;
    for (const { number, bytes } of journal) this.kept.journal.set(number, bytes);
    if (checkpoint === undefined) return;
    for (const blob of checkpoint.put) this.kept.blobs.set(address(blob), blob);
    for (const key of checkpoint.delete) this.kept.blobs.delete(address(key));
    for (const number of this.kept.journal.keys()) {
      if (number < checkpoint.journalStart) this.kept.journal.delete(number);
    }
  }
}

function address({ kind, stream, number }: BlobKey): string {
  return `${kind}/${stream}/${number}`;
}
