/**
 * Exports and imports: sessions of the command EDDYLINE, a piece at a time.
 *
 * The engine does the work; what travels here are its bytes, so neither side ever holds more than
 * a piece of a stream.
 */

import { CommandError, UnsupportedError } from "./errors.ts";
import {
  type Argument,
  type Argv,
  type ReadReply,
  readBytes,
  readInteger,
  readOk,
} from "./resp.ts";

/** Options of {@link Eddyline.export}. */
export interface ExportOptions {
  /** The database of the keys that are named; 0 by default. */
  database?: number | undefined;
  /** Ends the export: reading it is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of {@link Eddyline.import}. */
export interface ImportOptions {
  /** Whether keys that are there already are replaced. Otherwise the import is refused. */
  replace?: boolean | undefined;
  /** The name for the one key that the export has to hold, instead of its own. */
  as?: Argument | undefined;
  /** The database of that key; 0 by default. Others keep theirs. */
  database?: number | undefined;
  /** Ends the import, which then leaves nothing. */
  signal?: AbortSignal | undefined;
}

/** An export's bytes: what {@link Eddyline.export} gave, a file, a response's body. */
export type ExportSource =
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

/** A client of an engine that others do not share. */
export interface Speaker {
  /** Sends a command; the others wait for its reply. */
  ask<T>(argv: Argv, read: ReadReply<T>): Promise<T>;
  /** Leaves, and with it goes what it began. */
  end(): void;
}

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
  return readStream(source);
}

async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
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

/** A stream of what a generator gives, which is asked when somebody reads. */
export function streamOf(pieces: AsyncGenerator<Uint8Array, void>): ExportStream {
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
  if (!(Symbol.asyncIterator in stream))
    Object.defineProperty(stream, Symbol.asyncIterator, { value: () => readStream(stream) });
  return stream as ExportStream;
}

/** An export: a stream of bytes, which `for await` reads as well. */
export type ExportStream = ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>;

/** For transports on which nothing is moved. */
export const unmoving = {
  // biome-ignore lint/correctness/useYield: there is nothing to yield
  async *export(): AsyncGenerator<Uint8Array, void> {
    throw new UnsupportedError("there are no exports on this transport");
  },
  import(): Promise<number> {
    return Promise.reject(new UnsupportedError("there are no imports on this transport"));
  },
};
