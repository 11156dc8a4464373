/** What is said of exports and imports. */

import type { Argument, Argv, ReadReply } from "./resp.ts";

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

/** An export: a stream of bytes, which `for await` reads as well. */
export type ExportStream = ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>;
