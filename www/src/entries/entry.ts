/** Entries as they are read: fields in their order, repeated ones included. */

import type { Eddyline, ReplyValue } from "eddyline";

/** An entry. */
export interface Entry {
  readonly id: string;
  /** Fields and values by turns, as in the reply. */
  readonly fields: readonly string[];
}

/** The entries of an XRANGE's or XREVRANGE's reply. */
export function entriesOf(reply: ReplyValue): Entry[] {
  if (!Array.isArray(reply)) return [];
  return reply.map((entry) => {
    const [id, fields] = entry as [string, string[]];
    return { id, fields };
  });
}

/** The entries of one stream in an XREAD's reply. */
export function entriesRead(reply: ReplyValue): Entry[] {
  if (reply === null || typeof reply !== "object") return [];
  return entriesOf(Object.values(reply)[0] as ReplyValue);
}

/** Entries from `start` to `end`, oldest first. */
export async function readRange(
  db: Eddyline,
  key: string,
  start: string,
  end: string,
  count: number,
): Promise<Entry[]> {
  return entriesOf(await db.sendCommand(["XRANGE", key, start, end, "COUNT", String(count)]));
}

/** Entries from `end` back to `start`, newest first. */
export async function readBack(
  db: Eddyline,
  key: string,
  end: string,
  start: string,
  count: number,
): Promise<Entry[]> {
  return entriesOf(await db.sendCommand(["XREVRANGE", key, end, start, "COUNT", String(count)]));
}

/** Fields and values as pairs. */
export function pairsOf<V>(fields: readonly V[]): [V, V][] {
  const pairs: [V, V][] = [];
  for (let at = 0; at + 1 < fields.length; at += 2)
    pairs.push([fields[at] as V, fields[at + 1] as V]);
  return pairs;
}
