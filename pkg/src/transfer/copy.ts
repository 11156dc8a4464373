/**
 * Copies streams between two who understand Redis' commands, in bounded memory.
 *
 * A stream that is not large goes as DUMP gives it, with all that belongs to it. A large one, and
 * any where DUMP or RESTORE is refused, goes in pages, by commands. Either way a key stands under
 * its name only when it is whole: so what an interrupted run has copied is passed over by the next
 * one, and the stream in the middle of which it stopped is gone on with.
 */

import { CommandError } from "../errors.ts";
import type { Argument } from "../resp.ts";
import type { Endpoint } from "./endpoint.ts";
import { copyInPages, expiryOf } from "./pages.ts";

/** Bytes of memory at the source up to which a stream is dumped. */
const DUMP_BYTES = 32 << 20;
/** Entries up to which it is, where the source does not tell its bytes. */
const DUMP_ENTRIES = 20_000;
const SCAN_COUNT = "1000";

/** How far it is. */
export interface Copied {
  /** Keys that were copied, and those that were there already. */
  copied: number;
  skipped: number;
  /** Entries that went in pages, and bytes that went as dumps. */
  entries: number;
  bytes: number;
  /** Keys that went in pages, so without what commands cannot set (see `pages.ts`). */
  paged: number;
}

/** What is to be copied, and how. */
export interface CopyOptions {
  /** Keys; none: every stream of the database. */
  readonly keys: readonly Argument[];
  /** Whether keys that are there already are replaced. */
  readonly replace: boolean;
  readonly signal: AbortSignal;
  /** Hears how far it is. */
  readonly onProgress: (copied: Copied, key: Argument) => void;
}

/** Copies streams. @throws CommandError for a key that is not there or no stream */
export async function copyStreams(
  from: Endpoint,
  to: Endpoint,
  options: CopyOptions,
): Promise<Copied> {
  const copied: Copied = { copied: 0, skipped: 0, entries: 0, bytes: 0, paged: 0 };
  const way = { canDump: true };
  const keys = options.keys.length > 0 ? options.keys : streamsOf(from);
  for await (const key of keys) {
    options.signal.throwIfAborted();
    options.onProgress(copied, key);
    if (!options.replace && (await to.ask(["EXISTS", key])) === 1) {
      copied.skipped += 1;
      continue;
    }
    if (!(await dump(from, to, key, copied, options, way))) {
      copied.paged += 1;
      await copyInPages(from, to, key, {
        ...options,
        onEntries: (entries) => {
          copied.entries += entries;
          options.onProgress(copied, key);
        },
      });
    }
    copied.copied += 1;
  }
  return copied;
}

/** Every stream of the database. */
async function* streamsOf(from: Endpoint): AsyncGenerator<Uint8Array, void> {
  const seen = new Set<string>();
  for (let cursor: Argument = "0"; ; ) {
    const argv = ["SCAN", cursor, "COUNT", SCAN_COUNT, "TYPE", "stream"];
    const [next, keys] = (await from.ask(argv)) as [Uint8Array, Uint8Array[]];
    for (const key of keys) {
      const name = Buffer.from(key).toString("latin1");
      // A scan may show a key twice.
      if (seen.has(name)) continue;
      seen.add(name);
      yield key;
    }
    cursor = next;
    if (Buffer.from(next).toString() === "0") return;
  }
}

/** Copies a stream as a whole. `false`: it is too large for that, or it is refused. */
async function dump(
  from: Endpoint,
  to: Endpoint,
  key: Argument,
  copied: Copied,
  { replace }: CopyOptions,
  way: { canDump: boolean },
): Promise<boolean> {
  if (!way.canDump || (await isLarge(from, key))) return false;
  try {
    const expiry = await expiryOf(from, key);
    const payload = (await from.ask(["DUMP", key])) as Uint8Array | null;
    if (payload === null) throw new CommandError("ERR no such key");
    const mode = replace ? ["REPLACE"] : [];
    await to.ask(["RESTORE", key, `${expiry}`, payload, "ABSTTL", ...mode]);
    copied.bytes += payload.byteLength;
    return true;
  } catch (error) {
    if (!(error instanceof CommandError) || !isRefusal(error)) throw error;
    way.canDump = false;
    return false;
  }
}

/** The command is renamed, forbidden, or its payload is not understood at the other side. */
function isRefusal({ code, message }: CommandError): boolean {
  return (
    code === "NOPERM" ||
    /unknown command|Bad data format|checksum|version|proto-max-bulk-len/i.test(message)
  );
}

/** Whether it would take much memory to have the stream as a whole. */
async function isLarge(from: Endpoint, key: Argument): Promise<boolean> {
  const length = Number(await from.ask(["XLEN", key]));
  try {
    const bytes = await from.ask(["MEMORY", "USAGE", key]);
    if (typeof bytes === "number") return bytes > DUMP_BYTES;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
  return length > DUMP_ENTRIES;
}
