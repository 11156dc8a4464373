/** Exports and imports, the code for which is loaded when somebody wants one. */

import type {
  ExportOptions,
  ExportSource,
  ExportStream,
  ImportOptions,
  Speaker,
} from "./moving.ts";
import type { Argument } from "./resp.ts";
import { readableOf } from "./web-streams.ts";

/** Reads an export to its end, in a session of its own. */
export async function* readExport(
  open: () => Promise<Speaker>,
  keys: readonly Argument[],
  options: ExportOptions,
): AsyncGenerator<Uint8Array, void> {
  const session = await import("./moving-session.ts");
  yield* session.readExport(open, keys, options);
}

/** Writes an import, in a session of its own; how many keys it was. */
export async function writeImport(
  open: () => Promise<Speaker>,
  source: ExportSource,
  options: ImportOptions,
): Promise<number> {
  const session = await import("./moving-session.ts");
  return await session.writeImport(open, source, options);
}

/** A stream of what a generator gives, which is asked when somebody reads. */
export function streamOf(pieces: AsyncGenerator<Uint8Array, void>): ExportStream {
  const stream = readableOf(pieces);
  // Some browsers' streams cannot be iterated.
  if (!(Symbol.asyncIterator in stream))
    Object.defineProperty(stream, Symbol.asyncIterator, { value: () => iterate(stream) });
  return stream as ExportStream;
}

async function* iterate(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const session = await import("./moving-session.ts");
  yield* session.iterationOf(stream);
}
