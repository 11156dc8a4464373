/**
 * The frames in which the engine hands over what a call brought about; must agree with
 * `write_frame` in `src/turn.rs`, where their layout is written down.
 */

import type { Appendfsync, Blob, BlobKey, Checkpoint } from "./storage/storage.ts";

const PARKED = 1;
const CLOSE = 2;
const CHECKPOINT_DUE = 4;
const EVERY_SECOND = 8;
const NO_FSYNC = 16;
const SHUTDOWN = 32;
const UNFINISHED = 64;
/** The flags from this bit on are those of the module's parts. */
const PARTS_SHIFT = 7;
const HEAD_BYTES = 36;

/** Replies for a client other than the caller: a range of the frame's bytes. */
export interface Wake {
  client: number;
  start: number;
  end: number;
  close: boolean;
  unfinished: boolean;
}

/** One turn of the engine, as it lies in wasm memory: valid until the next call of the engine. */
export class TurnFrame {
  /** The memory that the ranges are of. */
  bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(HEAD_BYTES));
  #at = 0;
  /** Replies for the calling client: a range of {@link bytes}. */
  replyStart = 0;
  replyEnd = 0;
  /** When to tick at the latest; NaN: never. */
  deadlineMs = Number.NaN;

  /** Points at the frame that begins at `at`. */
  load(bytes: Uint8Array, view: DataView, at: number): this {
    this.bytes = bytes;
    this.#view = view;
    this.#at = at;
    this.deadlineMs = view.getFloat64(at + 4, true);
    this.replyStart = at + HEAD_BYTES;
    this.replyEnd = this.replyStart + view.getUint32(at + 20, true);
    return this;
  }

  get #flags(): number {
    return this.#view.getUint32(this.#at, true);
  }

  get parked(): boolean {
    return (this.#flags & PARKED) !== 0;
  }

  get close(): boolean {
    return (this.#flags & CLOSE) !== 0;
  }

  /** Whether requests of the caller rest, because the replies before them are large. */
  get unfinished(): boolean {
    return (this.#flags & UNFINISHED) !== 0;
  }

  get checkpointDue(): boolean {
    return (this.#flags & CHECKPOINT_DUE) !== 0;
  }

  /** When what is committed has to be on the disk itself. */
  get appendfsync(): Appendfsync {
    if ((this.#flags & EVERY_SECOND) !== 0) return "everysec";
    return (this.#flags & NO_FSYNC) !== 0 ? "no" : "always";
  }

  /** Whether a client asks that everything be ended. */
  get shutdown(): boolean {
    return (this.#flags & SHUTDOWN) !== 0;
  }

  /** The numbers of the module's parts for which somebody waits. */
  parts(): number[] {
    const parts: number[] = [];
    for (let flags = this.#flags >>> PARTS_SHIFT, part = 0; flags > 0; flags >>>= 1, part++)
      if ((flags & 1) === 1) parts.push(part);
    return parts;
  }

  get journalNumber(): number {
    return this.#view.getFloat64(this.#at + 12, true);
  }

  get journalLength(): number {
    return this.#view.getUint32(this.#at + 24, true);
  }

  /** A copy of the journal batch. */
  journal(): Uint8Array {
    return this.bytes.slice(this.replyEnd, this.replyEnd + this.journalLength);
  }

  /** Replies for other clients, in the order in which they are to go out. */
  wakes(): Wake[] {
    const wakes: Wake[] = [];
    this.#readWakes((wake) => wakes.push(wake));
    return wakes;
  }

  /** Blobs to be read and supplied. */
  needs(): BlobKey[] {
    const count = this.#view.getUint32(this.#at + 32, true);
    if (count === 0) return [];
    let at = this.#readWakes(() => {});
    const needs: BlobKey[] = [];
    for (let left = count; left > 0; left--, at += 24) needs.push(readBlobKey(this.#view, at));
    return needs;
  }

  /** Walks over the wakes; returns where they end. */
  #readWakes(take: (wake: Wake) => void): number {
    const view = this.#view;
    let at = this.replyEnd + this.journalLength;
    for (let left = view.getUint32(this.#at + 28, true); left > 0; left--) {
      const start = at + 16;
      const end = start + view.getUint32(at + 12, true);
      const flags = view.getUint32(at + 8, true);
      const [close, unfinished] = [(flags & CLOSE) !== 0, (flags & UNFINISHED) !== 0];
      take({ client: view.getFloat64(at, true), start, end, close, unfinished });
      at = end;
    }
    return at;
  }
}

/** Reads the checkpoint frame that begins at `at`; its blobs are copies. */
export function readCheckpoint(bytes: Uint8Array, view: DataView, at: number): Checkpoint {
  const checkpoint: Checkpoint = { put: [], delete: [], journalStart: view.getFloat64(at, true) };
  const puts = view.getUint32(at + 8, true);
  const deletes = view.getUint32(at + 12, true);
  let next = at + 16;
  for (let left = puts; left > 0; left--) {
    const start = next + 28;
    const end = start + view.getUint32(next + 24, true);
    const blob: Blob = { ...readBlobKey(view, next), bytes: bytes.slice(start, end) };
    checkpoint.put.push(blob);
    next = end;
  }
  for (let left = deletes; left > 0; left--, next += 24)
    checkpoint.delete.push(readBlobKey(view, next));
  return checkpoint;
}

function readBlobKey(view: DataView, at: number): BlobKey {
  return {
    kind: view.getFloat64(at, true),
    stream: view.getFloat64(at + 8, true),
    number: view.getFloat64(at + 16, true),
  };
}
