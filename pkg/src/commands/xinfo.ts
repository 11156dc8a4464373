/** XINFO: what there is to know of a stream, its groups and their consumers. */

import { type ReadReply, type ReplyReader, readArray, readText } from "../resp.ts";
import type { StreamMessage, Value } from "./message.ts";

/** A stream. Names are Redis' own. */
export interface XInfoStreamReply<V extends Value = string> {
  length: number;
  "radix-tree-keys": number;
  "radix-tree-nodes": number;
  "last-generated-id": string;
  "max-deleted-entry-id": string;
  "entries-added": number;
  "recorded-first-entry-id": string;
  /** Seconds for which idempotent IDs are remembered. */
  "idmp-duration": number;
  /** Idempotent IDs that are remembered of each producer. */
  "idmp-maxsize": number;
  "pids-tracked": number;
  "iids-tracked": number;
  "iids-added": number;
  "iids-duplicates": number;
  groups: number;
  "first-entry": StreamMessage<V> | null;
  "last-entry": StreamMessage<V> | null;
}

/** A consumer group. Names are Redis' own. */
export interface XInfoGroup {
  name: string;
  consumers: number;
  pending: number;
  "last-delivered-id": string;
  /** Null when it is not known. */
  "entries-read": number | null;
  /** Entries the group has not been given yet. Null when it is not known, which node-redis' type leaves out. */
  lag: number | null;
}

/** A consumer. Names are Redis' own. */
export interface XInfoConsumer {
  name: string;
  pending: number;
  /** Milliseconds since it last asked for entries. */
  idle: number;
  /** Milliseconds since it last was given some; -1: never. */
  inactive: number;
}

/** A reader of a stream's reply whose first and last entry `message` takes. */
export function readStreamInfo<V extends Value>(
  message: ReadReply<StreamMessage<V> | null>,
): ReadReply<XInfoStreamReply<V>> {
  const entries = { "first-entry": message, "last-entry": message };
  return (reader) => readFields(reader, entries) as unknown as XInfoStreamReply<V>;
}

/** Takes the groups of a stream, or the consumers of a group. */
export const readInfos: ReadReply<Record<string, unknown>[]> = (reader) =>
  readArray(reader, (info) => readFields(info));

/**
 * Takes a map, or a flat array of names and values: texts, numbers and nulls as they come but for
 * those that have a reader.
 */
function readFields(
  reader: ReplyReader,
  readers: Readonly<Record<string, ReadReply<unknown>>> = {},
): Record<string, unknown> {
  const info: Record<string, unknown> = {};
  for (let left = reader.pairs(); left > 0; left--) {
    const name = reader.text();
    info[name] = Object.hasOwn(readers, name) ? readers[name]?.(reader) : reader.value(readText);
  }
  return info;
}
