/** Reads a stream to its end, in pages, around what cannot be read. */

import type { StreamClient } from "../client.ts";
import { EngineLostError } from "../errors.ts";

/** Entries of a page; halved where a page cannot be read, down to one. */
const PAGE_ENTRIES = 512;

/** What of a stream can be read. */
export interface Reading {
  /** Entries that were read. */
  readonly entries: number;
  /** Why not all of them were, and where. */
  readonly gap?: Gap;
}

/** Entries that cannot be read: between two IDs, of which `-` and `+` are the stream's ends. */
export interface Gap {
  readonly reason: string;
  readonly after: string;
  readonly before: string;
}

type Entry = [id: Uint8Array, fields: Uint8Array[]];

/** Reads from both ends: what lies between two gaps is not reached, and counts as missing. */
export async function readEntries(
  client: StreamClient<Uint8Array>,
  key: Uint8Array,
  select: () => Promise<void>,
): Promise<Reading> {
  const forward = await walk("XRANGE", client, key, select);
  if (forward.reason === undefined) return { entries: forward.entries };
  const backward = await walk("XREVRANGE", client, key, select);
  const gap = { reason: forward.reason, after: forward.last, before: backward.last };
  return { entries: forward.entries + backward.entries, gap };
}

/** Reads one way until the end or until what cannot be read. */
async function walk(
  command: "XRANGE" | "XREVRANGE",
  client: StreamClient<Uint8Array>,
  key: Uint8Array,
  select: () => Promise<void>,
): Promise<{ entries: number; last: string; reason?: string }> {
  let [entries, count] = [0, PAGE_ENTRIES];
  const [start, end] = command === "XRANGE" ? ["-", "+"] : ["+", "-"];
  for (let last = start; ; ) {
    const from = last === start ? last : `(${last}`;
    try {
      const argv = [command, key, from, end, "COUNT", `${count}`];
      const page = (await client.sendCommand(argv)) as unknown as Entry[];
      entries += page.length;
      const [id] = page.at(-1) ?? [];
      if (id === undefined || page.length < count) return { entries, last };
      last = new TextDecoder().decode(id);
    } catch (error) {
      if (!(error instanceof EngineLostError)) throw error;
      // Another engine follows the lost one, and its session begins anew.
      await select();
      if (count === 1) return { entries, last, reason: causeOf(error) };
      count >>= 1;
    }
  }
}

/** Why an engine was lost, for a person. */
function causeOf({ cause }: EngineLostError): string {
  return cause instanceof Error ? cause.message : String(cause);
}
