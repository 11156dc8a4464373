/**
 * The frame in which stored state crosses into wasm; must agree with `pkg/wasm/src/stored.rs`.
 *
 * ```text
 * 0  u32 blobs   4  u32 journal batches          (little-endian)
 * 8  per blob: f64 kind, f64 stream, f64 number, u32 length, bytes
 *    per batch: u32 length, bytes
 * ```
 */

import type { Stored } from "./storage.ts";

const HEAD_BYTES = 8;
const BLOB_HEAD_BYTES = 28;
const BATCH_HEAD_BYTES = 4;

/** Packs stored state; nothing stored gives no bytes, which is an engine's empty start. */
export function packStored(stored: Stored): Uint8Array {
  if (stored.blobs.length === 0 && stored.journal.length === 0) return new Uint8Array(0);
  const frame = new Uint8Array(frameLength(stored));
  const view = new DataView(frame.buffer);
  view.setUint32(0, stored.blobs.length, true);
  view.setUint32(4, stored.journal.length, true);
  let at = HEAD_BYTES;
  const append = (bytes: Uint8Array): void => {
    view.setUint32(at, bytes.byteLength, true);
    frame.set(bytes, at + 4);
    at += 4 + bytes.byteLength;
  };
  for (const blob of stored.blobs) {
    view.setFloat64(at, blob.kind, true);
    view.setFloat64(at + 8, blob.stream, true);
    view.setFloat64(at + 16, blob.number, true);
    at += 24;
    append(blob.bytes);
  }
  for (const batch of stored.journal) append(batch);
  return frame;
}

function frameLength(stored: Stored): number {
  let length = HEAD_BYTES;
  for (const blob of stored.blobs) length += BLOB_HEAD_BYTES + blob.bytes.byteLength;
  for (const batch of stored.journal) length += BATCH_HEAD_BYTES + batch.byteLength;
  return length;
}
