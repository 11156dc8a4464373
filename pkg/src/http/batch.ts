/** Entries as an XREAD gives them, and as events. */

import { isBefore } from "../ids.ts";
import * as limits from "../limits.ts";
import { type ReplyReader, setField } from "../resp.ts";
import { event, eventBytes } from "./sse.ts";

/** An entry with its fields and values in turn. */
interface Entry {
  readonly id: string;
  readonly words: readonly string[];
}

/** The request for what is behind an entry; without `blockMs` it does not wait. */
export function readRequest(key: string, after: string, blockMs?: number): string[] {
  const bounds = ["COUNT", String(limits.eventEntries), "MAXSIZE", String(limits.eventBytes)];
  const wait = blockMs === undefined ? [] : ["BLOCK", String(blockMs)];
  return ["XREAD", ...bounds, ...wait, "STREAMS", key, after];
}

/** What one read gave: at least one entry. */
export class Batch {
  /** All that is between this entry and the last one is in the batch. */
  readonly after: string;
  readonly last: string;
  /** The events of all its entries, with all their fields. */
  readonly bytes: Uint8Array;
  readonly #entries: readonly Entry[];

  private constructor(after: string, entries: readonly [Entry, ...Entry[]]) {
    this.after = after;
    this.last = (entries.at(-1) ?? entries[0]).id;
    this.bytes = eventBytes(entries.map((entry) => eventOf(entry)).join(""));
    this.#entries = entries;
  }

  /** Reads the reply to a {@link readRequest}; `undefined`: there was nothing. */
  static read(after: string, reply: ReplyReader): Batch | undefined {
    if (reply.takeNull()) return undefined;
    const entries: Entry[] = [];
    for (let streams = reply.pairs(); streams > 0; streams--) {
      reply.text();
      for (let left = reply.items(); left > 0; left--) entries.push(readEntry(reply));
    }
    const [first, ...others] = entries;
    return first && new Batch(after, [first, ...others]);
  }

  /** How many entries it has. */
  get count(): number {
    return this.#entries.length;
  }

  /** The events of the entries behind this ID, with these fields only. */
  select(after: string, fields: ReadonlySet<string> | undefined): Uint8Array {
    if (fields === undefined && after === this.after) return this.bytes;
    const behind = this.#entries.filter(({ id }) => isBefore(after, id));
    return eventBytes(behind.map((entry) => eventOf(entry, fields)).join(""));
  }
}

function readEntry(reply: ReplyReader): Entry {
  reply.items();
  const id = reply.text();
  const words: string[] = [];
  for (let left = reply.items(); left > 0; left--) words.push(reply.text());
  return { id, words };
}

/** Nothing for an entry that has none of the fields. */
function eventOf({ id, words }: Entry, fields?: ReadonlySet<string>): string {
  const message: Record<string, string> = {};
  let isEmpty = true;
  for (let at = 0; at < words.length; at += 2) {
    const [field, value] = [words[at] as string, words[at + 1] as string];
    if (fields?.has(field) === false) continue;
    setField(message, field, value);
    isEmpty = false;
  }
  return isEmpty ? "" : event({ id, data: JSON.stringify(message) });
}
