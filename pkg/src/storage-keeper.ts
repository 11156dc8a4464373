/**
 * What keeps an engine in a storage: turns pass its output gate, blobs are read when the engine
 * needs them, and the storage hears when commits have to be on the disk.
 */

import type { Held } from "./call.ts";
import type { WasmEngine } from "./engine.ts";
import { StorageError } from "./errors.ts";
import type { TurnFrame } from "./frame.ts";
import { OutputGate } from "./gate.ts";
import type { EngineHost, Keeper } from "./host.ts";
import {
  type Appendfsync,
  type BlobKey,
  FIRST_COLD_KIND,
  type Storage,
} from "./storage/storage.ts";
import {
  appendfsyncOf,
  isCheckpointDue,
  readBatch,
  readCheckpoint,
  readNeeds,
} from "./storage-frame.ts";

/** Keeps one engine, whose host is given once it is there. */
export class StorageKeeper implements Keeper {
  readonly #storage: Storage;
  readonly #engine: WasmEngine;
  readonly #gate: OutputGate;
  #host: EngineHost | undefined;
  /** Blobs on their way from storage, as {@link addressOf} names them. */
  readonly #loading = new Set<string>();
  /** What the engine says of it; the engine begins with its own default. */
  #appendfsync: Appendfsync | undefined;
  #writeFailure: unknown;

  constructor(storage: Storage, engine: WasmEngine) {
    this.#storage = storage;
    this.#engine = engine;
    this.#gate = new OutputGate(
      storage,
      () => engine.checkpoint(readCheckpoint),
      (cause) => {
        this.#writeFailure = cause;
        this.#host?.lose(cause);
      },
    );
  }

  serve(host: EngineHost): void {
    this.#host = host;
  }

  get writeFailure(): unknown {
    return this.#writeFailure;
  }

  get backlogBytes(): number {
    return this.#gate.backlogBytes;
  }

  settled(): Promise<void> {
    return this.#gate.settled();
  }

  drop(): readonly Held[] {
    return this.#gate.drop();
  }

  hold({ journalLength }: TurnFrame): Held[] | undefined {
    return journalLength === 0 && this.#gate.isOpen ? undefined : [];
  }

  pass(frame: TurnFrame, held: Held[] | undefined): void {
    const batch = readBatch(frame);
    const checkpointDue = isCheckpointDue(frame);
    const needs = readNeeds(frame);
    this.#setAppendfsync(appendfsyncOf(frame));
    // Everything is out of the frame now: a commit may call the engine.
    if (held !== undefined || checkpointDue) this.#gate.pass(batch, held ?? [], checkpointDue);
    if (needs.length > 0) void this.#load(needs);
  }

  /** Changes it where a client has: what the storage was opened with stands until then. */
  #setAppendfsync(appendfsync: Appendfsync): void {
    if (appendfsync === this.#appendfsync) return;
    if (this.#appendfsync !== undefined) this.#storage.setAppendfsync?.(appendfsync);
    this.#appendfsync = appendfsync;
  }

  async #load(needs: readonly BlobKey[]): Promise<void> {
    const wanted = needs.filter((key) => !this.#loading.has(addressOf(key)));
    if (wanted.length === 0) return;
    for (const key of wanted) this.#loading.add(addressOf(key));
    try {
      // A blob may have been given up to a checkpoint that is still being written.
      await this.#gate.settled();
      const found = await this.#storage.read(wanted);
      if (this.#host?.isOver) return;
      for (const [i, key] of wanted.entries()) this.#supply(key, found[i]);
    } catch (cause) {
      this.#host?.lose(cause);
      return;
    }
    this.#host?.tick();
  }

  #supply(key: BlobKey, bytes: Uint8Array | undefined): void {
    this.#loading.delete(addressOf(key));
    if (bytes === undefined) {
      throw new StorageError(`${addressOf(key)} is missing`);
    }
    this.#engine.supply(key, bytes);
  }
}

/** How errors name a cold blob, as the engine's own do. */
function addressOf({ kind, stream, number }: BlobKey): string {
  const name = kind === FIRST_COLD_KIND ? "segment" : "pending page";
  return `${name} ${number} of stream ${stream}`;
}
