/**
 * The output gate: nobody hears of a change before it is durable.
 *
 * Batches of turns are committed one commit at a time; those that come meanwhile share the next
 * one, and so do those that a storage gathers before it begins. The answers of a turn wait for the
 * commit that carries its batch, and answers of a turn that changed nothing wait as long, because
 * they may tell of changes before it.
 */

import type { Held } from "./call.ts";
import * as limits from "./limits.ts";
import type { KeptAnswers } from "./storage/answers.ts";
import type { Checkpoint, JournalBatch, MaybePromise, Storage } from "./storage/storage.ts";

/** Turns that are committed together. */
interface Group {
  journal: JournalBatch[];
  bytes: number;
  held: Held[];
  /** Answers of turns with a batch, of senders who may ask again. */
  answers: KeptAnswers[];
}

/** The gate between one engine and its callers. */
export class OutputGate {
  readonly #storage: Storage;
  readonly #takeCheckpoint: () => Checkpoint;
  readonly #onFailure: (cause: unknown) => void;
  #waiting: Group[] = [];
  #committing: Group | undefined;
  /** While a commit is under way, or what shares the next one is gathered. */
  #settled: Promise<void> | undefined;
  #checkpointDue = false;
  #backlogBytes = 0;

  /**
   * @param takeCheckpoint collects what changed, right before the commit that writes it
   * @param onFailure hears of the first commit that fails; the gate is of no use afterwards
   */
  constructor(
    storage: Storage,
    takeCheckpoint: () => Checkpoint,
    onFailure: (cause: unknown) => void,
  ) {
    this.#storage = storage;
    this.#takeCheckpoint = takeCheckpoint;
    this.#onFailure = onFailure;
  }

  /** Whether answers of a turn without a batch may go out at once. */
  get isOpen(): boolean {
    return this.#committing === undefined && this.#waiting.length === 0;
  }

  /** Resolves when no commit is under way and none waits. */
  async settled(): Promise<void> {
    while (this.#settled !== undefined) await this.#settled;
  }

  /** Bytes of journal that wait for their commit. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  /** Takes a turn's batch and answers; the answers go out when the batch is durable. */
  pass(batch: JournalBatch | undefined, held: readonly Held[], checkpointDue: boolean): void {
    this.#checkpointDue ||= checkpointDue;
    const group = this.#openGroup();
    if (batch !== undefined) {
      group.journal.push(batch);
      group.bytes += batch.bytes.byteLength;
      this.#backlogBytes += batch.bytes.byteLength;
      for (const { kept } of held) if (kept !== undefined) group.answers.push(kept);
    }
    for (const one of held) group.held.push(one);
    if (this.#committing === undefined) this.#begin();
  }

  /** Gives up: the answers that will not go out. */
  drop(): Held[] {
    const groups =
      this.#committing === undefined ? this.#waiting : [this.#committing, ...this.#waiting];
    this.#waiting = [];
    this.#committing = undefined;
    return groups.flatMap((group) => group.held);
  }

  #begin(): void {
    const storage = this.#storage;
    if (storage.gather === undefined) this.#commitNext();
    else
      this.#settled ??= new Promise((resolve) => storage.gather?.(() => resolve(this.#gathered())));
  }

  #gathered(): void {
    this.#settled = undefined;
    this.#commitNext();
  }

  #openGroup(): Group {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.bytes < limits.commitBytes) return last;
    const group: Group = { journal: [], bytes: 0, held: [], answers: [] };
    this.#waiting.push(group);
    return group;
  }

  #commitNext(): void {
    for (let group = this.#waiting.shift(); group !== undefined; group = this.#waiting.shift()) {
      this.#committing = group;
      const pending = this.#commit(group);
      if (pending !== undefined) {
        this.#settled = this.#finish(group, pending);
        return;
      }
      if (!this.#open(group)) return;
    }
  }

  #commit(group: Group): MaybePromise<void> {
    if (group.journal.length === 0 && !this.#checkpointDue) return;
    try {
      const checkpoint = this.#checkpointDue ? this.#takeCheckpoint() : undefined;
      this.#checkpointDue = false;
      if (checkpoint !== undefined) this.#coverWaiting(group, checkpoint);
      const { journal, answers } = group;
      return this.#storage.commit({ journal, checkpoint, answers });
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  /**
   * A checkpoint holds what every turn before it did, so all that wait share its commit, and the
   * batches that it covers need not be written.
   */
  #coverWaiting(group: Group, { journalStart }: Checkpoint): void {
    for (const waiting of this.#waiting.splice(0)) {
      group.journal.push(...waiting.journal);
      group.bytes += waiting.bytes;
      for (const one of waiting.held) group.held.push(one);
      group.answers.push(...waiting.answers);
    }
    group.journal = group.journal.filter(({ number }) => number >= journalStart);
  }

  async #finish(group: Group, pending: Promise<void>): Promise<void> {
    try {
      await pending;
    } catch (cause) {
      this.#settled = undefined;
      if (this.#committing === group) this.#onFailure(cause);
      return;
    }
    this.#settled = undefined;
    if (this.#open(group)) this.#commitNext();
  }

  /** Lets the group's answers out; `false` when the gate was dropped meanwhile. */
  #open(group: Group): boolean {
    if (this.#committing !== group) return false;
    this.#committing = undefined;
    this.#backlogBytes -= group.bytes;
    for (const one of group.held) one.release();
    return true;
  }
}
