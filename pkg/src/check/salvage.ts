/** The engine looks at the pieces of a storage and says what is left of it: see `src/salvage`. */

import { readFileSync } from "node:fs";
import * as glue from "../../wasm/generated-node/eddyline.js";
import type { BlobKey, Checkpoint } from "../storage/storage.ts";
import { packStored } from "../storage/stored.ts";
import { readCheckpoint } from "../storage-frame.ts";
import { connect, importsFrom } from "../wasm.ts";
import type { Pieces } from "./pieces.ts";

/** What is left of a storage. */
export interface Left {
  keys: number;
  entries: number;
  /** What is lost, a line each. */
  losses: string[];
  /** What to copy as it is, before the checkpoint is written. */
  copied: { from: BlobKey; to: BlobKey }[];
  /** What a new storage holds besides. */
  checkpoint: Checkpoint;
}

/** Looks at everything. `onProgress` hears of each segment and page. */
export function salvage(pieces: Pieces, onProgress: (what: string) => void): Left {
  instantiate();
  const survey = new glue.Survey(framed(pieces.blobs, []), pieces.journalStart);
  for (const [at, key] of pieces.cold.entries()) {
    onProgress(`${at + 1} of ${pieces.cold.length} segments and pages`);
    survey.cold(key.kind, key.stream, key.number, pieces.read(key) ?? new Uint8Array(0));
  }
  const batches = pieces.journal.map(({ bytes }) => bytes);
  const numbers = Float64Array.from(pieces.journal, ({ number }) => number);
  const salvage = survey.assemble(framed([], batches), numbers);
  for (let need = salvage.need(); need.length > 0; need = salvage.need())
    for (const key of keysOf(need))
      salvage.supply(key.kind, key.stream, key.number, pieces.read(key));
  return leftOf(salvage.finish());
}

function leftOf(salvaged: glue.Salvaged): Left {
  const keys = keysOf(salvaged.copied());
  const frame = salvaged.checkpoint();
  const left: Left = {
    keys: salvaged.keys(),
    entries: salvaged.entries(),
    losses: salvaged.losses().split("\n").slice(0, -1),
    copied: [],
    checkpoint: readCheckpoint(frame, new DataView(frame.buffer, frame.byteOffset), 0),
  };
  for (let at = 0; at < keys.length; at += 2) {
    const [from, to] = [keys[at], keys[at + 1]];
    if (from !== undefined && to !== undefined) left.copied.push({ from, to });
  }
  salvaged.free();
  return left;
}

let isInstantiated = false;

/** An instance of its own: only this module, Node's, can do this, and it has glue of its own. */
function instantiate(): void {
  if (isInstantiated) return;
  const file = new URL("../../wasm/generated-node/eddyline_bg.wasm", import.meta.url);
  const module = new WebAssembly.Module(readFileSync(file));
  connect(glue, new WebAssembly.Instance(module, importsFrom(glue)));
  isInstantiated = true;
}

/** A frame; also one of nothing is not empty. */
function framed(blobs: Pieces["blobs"], journal: readonly Uint8Array[]): Uint8Array {
  const frame = packStored({ blobs, journal });
  return frame.length > 0 ? frame : new Uint8Array(8);
}

/** Addresses, from three numbers each. */
function keysOf(numbers: Float64Array): BlobKey[] {
  const keys: BlobKey[] = [];
  for (let at = 0; at < numbers.length; at += 3)
    keys.push({
      kind: numbers[at] ?? 0,
      stream: numbers[at + 1] ?? 0,
      number: numbers[at + 2] ?? 0,
    });
  return keys;
}
