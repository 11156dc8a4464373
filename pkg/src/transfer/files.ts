/** `eddyline export` and `eddyline import`: keys of a folder, to a file and from one. */

import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StorageError } from "../errors.ts";
import { Eddyline } from "../index.ts";
import { DATABASE_FILE } from "../storage/sqlite.ts";
import { bar, Progress, size } from "./progress.ts";

export { interruption } from "./interruption.ts";

/** What `eddyline export` is told. */
export interface ExportRequest {
  readonly dir: string;
  /** Keys of the database; none: all keys of all databases. */
  readonly keys: readonly string[];
  readonly database: number;
  /** A file instead of the standard output. */
  readonly output: string | undefined;
}

/** What `eddyline import` is told. */
export interface ImportRequest {
  readonly dir: string;
  /** A file instead of the standard input. */
  readonly file: string | undefined;
  readonly replace: boolean;
}

/**
 * Writes keys of a folder to a file; how many bytes.
 *
 * @throws StorageError when there is no such folder
 * @throws StorageInUseError when somebody has it open
 */
export async function exportFolder(request: ExportRequest, signal: AbortSignal): Promise<number> {
  const { dir, keys, database, output } = request;
  if (!existsSync(join(dir, DATABASE_FILE)))
    throw new StorageError(`there is no ${DATABASE_FILE} in ${dir}`);
  const progress = new Progress();
  await using db = await Eddyline.open(`file:${dir}`);
  const to: Writable = output === undefined ? process.stdout : createWriteStream(output);
  let bytes = 0;
  const counted = async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      bytes += piece.byteLength;
      progress.show(() => `exported ${size(bytes)}`);
      yield piece;
    }
  };
  try {
    await pipeline(Readable.from(db.export(keys, { database, signal })), counted, to, { signal });
    return bytes;
  } finally {
    progress.clear();
  }
}

/**
 * Reads a file into a folder, which is made if it is not there; how many keys.
 *
 * @throws CommandError for a file that is damaged, and for keys that are there already
 * @throws StorageInUseError when somebody has the folder open
 */
export async function importFolder(request: ImportRequest, signal: AbortSignal): Promise<number> {
  const { dir, file, replace } = request;
  const total = file === undefined ? 0 : (await stat(file)).size;
  const from: Readable = file === undefined ? process.stdin : createReadStream(file);
  const progress = new Progress();
  await using db = await Eddyline.open(`file:${dir}`);
  let bytes = 0;
  const counted = async function* () {
    for await (const piece of from as AsyncIterable<Uint8Array>) {
      yield piece;
      bytes += piece.byteLength;
      progress.show(() =>
        total === 0
          ? `imported ${size(bytes)}`
          : `${bar(bytes / total)} imported ${size(bytes)} of ${size(total)}`,
      );
    }
  };
  try {
    return await db.import(counted(), { replace, signal });
  } finally {
    progress.clear();
    from.destroy();
  }
}
