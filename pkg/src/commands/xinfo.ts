/** XINFO: what there is to know of a stream, its groups and their consumers. */

import {
  type Argument,
  type Argv,
  type ReadReply,
  type ReplyReader,
  readArray,
  readInteger,
  readIntegerOrNull,
  readText,
} from "../resp.ts";
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

/** `XINFO STREAM key` or `XINFO GROUPS key` */
export function xInfoArgv(subcommand: "STREAM" | "GROUPS", key: Argument): Argv {
  return ["XINFO", subcommand, key];
}

/** `XINFO CONSUMERS key group` */
export function xInfoConsumersArgv(key: Argument, group: Argument): Argv {
  return ["XINFO", "CONSUMERS", key, group];
}

/** A reader of a stream's reply whose entries `message` takes. */
export function readStreamInfo<V extends Value>(
  message: ReadReply<StreamMessage<V> | null>,
): ReadReply<XInfoStreamReply<V>> {
  const fields: Fields<XInfoStreamReply<V>> = {
    length: readInteger,
    "radix-tree-keys": readInteger,
    "radix-tree-nodes": readInteger,
    "last-generated-id": readText,
    "max-deleted-entry-id": readText,
    "entries-added": readInteger,
    "recorded-first-entry-id": readText,
    groups: readInteger,
    "first-entry": message,
    "last-entry": message,
  };
  return (reader) => readFields(reader, fields);
}

const groupFields: Fields<XInfoGroup> = {
  name: readText,
  consumers: readInteger,
  pending: readInteger,
  "last-delivered-id": readText,
  "entries-read": readIntegerOrNull,
  lag: readIntegerOrNull,
};

const consumerFields: Fields<XInfoConsumer> = {
  name: readText,
  pending: readInteger,
  idle: readInteger,
  inactive: readInteger,
};

/** Takes the groups of a stream. */
export function readGroupInfos(reader: ReplyReader): XInfoGroup[] {
  return readArray(reader, (group) => readFields(group, groupFields));
}

/** Takes the consumers of a group. */
export function readConsumerInfos(reader: ReplyReader): XInfoConsumer[] {
  return readArray(reader, (consumer) => readFields(consumer, consumerFields));
}

/** How each field of a reply is read. */
type Fields<T> = { readonly [K in keyof T]: ReadReply<T[K]> };

/** Takes a map, or a flat array of names and values; names this version does not know come as they are. */
function readFields<T>(reader: ReplyReader, fields: Fields<T>): T {
  const info: Record<string, unknown> = {};
  const known = fields as Record<string, ReadReply<unknown> | undefined>;
  for (let left = reader.pairs(); left > 0; left--) {
    const name = reader.text();
    const read = Object.hasOwn(fields, name) ? known[name] : undefined;
    info[name] = read === undefined ? reader.value(readText) : read(reader);
  }
  return info as T;
}
