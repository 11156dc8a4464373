/**
 * What the engine's frames have for a storage; must agree with `write_frame` in `src/turn.rs`, where
 * their layout is written down. Only who keeps something loads this.
 */

import type { TurnFrame } from "./frame.ts";
import type { Appendfsync, Blob, BlobKey, Checkpoint, JournalBatch } from "./storage/storage.ts";

const CHECKPOINT_DUE = 4;
const EVERY_SECOND = 8;
const NO_FSYNC = 16;
const BLOB_KEY_BYTES = 24;

/** Whether a checkpoint is to be taken. */
export function isCheckpointDue({ flags }: TurnFrame): boolean {
  return (flags & CHECKPOINT_DUE) !== 0;
}

/** When what is committed has to be on the disk itself. */
export function appendfsyncOf({ flags }: TurnFrame): Appendfsync {
  if ((flags & EVERY_SECOND) !== 0) return "everysec";
  return (flags & NO_FSYNC) !== 0 ? "no" : "always";
}

/** Takes a copy of the journal batch, if the turn changed anything. */
export function readBatch(frame: TurnFrame): JournalBatch | undefined {
  const { bytes, view, at, replyEnd, journalLength } = frame;
  if (journalLength === 0) return undefined;
  const number = view.getFloat64(at + 12, true);
  return { number, bytes: bytes.slice(replyEnd, replyEnd + journalLength) };
}

/** Blobs to be read and supplied. */
export function readNeeds(frame: TurnFrame): BlobKey[] {
  const { view } = frame;
  const count = view.getUint32(frame.at + 32, true);
  if (count === 0) return [];
  const start = frame.told(undefined).at(-1)?.end ?? frame.replyEnd + frame.journalLength;
  return Array.from({ length: count }, (_, n) => readBlobKey(view, start + n * BLOB_KEY_BYTES));
}

/** Reads the checkpoint frame that begins at `at`; its blobs are copies. */
export function readCheckpoint(bytes: Uint8Array, view: DataView, at: number): Checkpoint {
  const checkpoint: Checkpoint = { put: [], delete: [], journalStart: view.getFloat64(at, true) };
  const puts = view.getUint32(at + 8, true);
  const deletes = view.getUint32(at + 12, true);
  let next = at + 16;
  for (let left = puts; left > 0; left--) {
    const start = next + BLOB_KEY_BYTES + 4;
    const end = start + view.getUint32(next + BLOB_KEY_BYTES, true);
    const blob: Blob = { ...readBlobKey(view, next), bytes: bytes.slice(start, end) };
    checkpoint.put.push(blob);
    next = end;
  }
  for (let left = deletes; left > 0; left--, next += BLOB_KEY_BYTES)
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
