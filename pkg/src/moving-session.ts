/**
 * Exports and imports: sessions of the command EDDYLINE, a piece at a time.
 *
 * The engine does the work; what travels here are its bytes, so neither side ever holds more than
 * a piece of a stream.
 */

import { CommandError } from "./errors.ts";
import type { ExportOptions, ExportSource, ImportOptions, Speaker } from "./moving.ts";
import { type Argument, type ReadReply, readBytes, readInteger, readOk } from "./resp.ts";

/** Bytes that an import is given at a time, so that a turn stays short. */
const PIECE_BYTES = 256 << 10;

const readBytesOrNull: ReadReply<Uint8Array | null> = (reader) =>
  reader.takeNull() ? null : readBytes(reader);

/** Reads an export to its end. */
export async function* readExport(
  open: () => Promise<Speaker>,
  keys: readonly Argument[],
  { database, signal }: ExportOptions,
): AsyncGenerator<Uint8Array, void> {
  signal?.throwIfAborted();
  const speaker = await open();
  try {
    await select(speaker, database);
    const found = await speaker.ask(["EDDYLINE", "EXPORT", ...keys], readInteger);
    if (found < new Set(keys.map(String)).size) throw new CommandError("ERR no such key");
    for (;;) {
      signal?.throwIfAborted();
      const piece = await speaker.ask(["EDDYLINE", "READ", ...keys.slice(0, 1)], readBytesOrNull);
      if (piece === null) return;
      yield piece;
    }
  } finally {
    speaker.end();
  }
}

/** Writes an import; how many keys it was. */
export async function writeImport(
  open: () => Promise<Speaker>,
  source: ExportSource,
  { replace, as, database, signal }: ImportOptions,
): Promise<number> {
  signal?.throwIfAborted();
  const speaker = await open();
  const key = as === undefined ? [] : [as];
  const mode = replace ? ["REPLACE"] : [];
  try {
    await select(speaker, database);
    await speaker.ask(
      ["EDDYLINE", as === undefined ? "IMPORT" : "RECEIVE", ...key, ...mode],
      readOk,
    );
    for await (const piece of piecesOf(source)) {
      signal?.throwIfAborted();
      await speaker.ask(["EDDYLINE", "WRITE", piece, ...key], readInteger);
    }
    signal?.throwIfAborted();
    return await speaker.ask(["EDDYLINE", "COMMIT", ...key], readInteger);
  } finally {
    speaker.end();
  }
}

async function select(speaker: Speaker, database: number | undefined): Promise<void> {
  if (database !== undefined) await speaker.ask(["SELECT", `${database}`], readOk);
}

/** The bytes of a source, never many at a time. */
export async function* piecesOf(source: ExportSource): AsyncGenerator<Uint8Array, void> {
  const pieces = source instanceof Uint8Array ? [source] : iterable(source);
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; at += PIECE_BYTES)
      yield piece.subarray(at, at + PIECE_BYTES);
  }
}

/** Some browsers' streams cannot be iterated. */
function iterable(
  source: Exclude<ExportSource, Uint8Array>,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (Symbol.asyncIterator in source || Symbol.iterator in source) return source;
  return iterationOf(source);
}

/** An iteration of a stream; where it is left the stream is cancelled. */
export async function* iterationOf<T>(stream: ReadableStream<T>): AsyncGenerator<T, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
