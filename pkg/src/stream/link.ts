/** What a stream's parts share: its key, the way to the engine, and how its entries are read. */

import { ValidationError } from "../errors.ts";
import {
  type Argv,
  fieldsReader,
  type ReadReply,
  type ReplyReader,
  readArray,
  readBytes,
  readText,
} from "../resp.ts";
import type { Transport } from "../transport.ts";
import type { Codec } from "./codec.ts";
import { type StandardSchema, validate } from "./schema.ts";

/** An entry of a stream as its value. */
export interface Entry<T> {
  /** The entry's ID, `ms-seq`: when it was appended, and its place in the stream. */
  readonly id: string;
  readonly value: T;
}

/** What a field's value is read as. */
export type FieldValue = string | Uint8Array;

/** An entry as it is read: its fields are not a value yet. */
export interface Row {
  readonly id: string;
  /** Absent when the entry is pending and no longer in the stream. */
  readonly fields: Record<string, FieldValue> | undefined;
  /** How often it was delivered before, where a claim says so. */
  readonly deliveries: number;
}

/** A stream as its parts see it. */
export class Link<In, Out> {
  readonly key: string;
  readonly transport: Transport;
  readonly codec: Codec<In, Out>;
  readonly schema: StandardSchema<unknown, Out> | undefined;
  /** Takes entries from a reply. */
  readonly readRows: ReadReply<Row[]>;
  /** Takes the entries of the only stream that was read, none for null. */
  readonly readRead: ReadReply<Row[]>;

  constructor(
    key: string,
    transport: Transport,
    codec: Codec<In, Out>,
    schema: StandardSchema<unknown, Out> | undefined,
  ) {
    this.key = key;
    this.transport = transport;
    this.codec = codec;
    this.schema = schema;
    const readValue: ReadReply<FieldValue> = codec.values === "bytes" ? readBytes : readText;
    const readFields = fieldsReader(readValue);
    const readRow = (reader: ReplyReader) => rowOf(reader, readFields);
    const readRows = (reader: ReplyReader) => readArray(reader, readRow);
    this.readRows = readRows;
    this.readRead = (reader) => readStream(reader, readRows);
  }

  /** Sends a command. With a signal the call may wait, and the signal ends that. */
  send<T>(argv: Argv, read: ReadReply<T>, wait?: { signal: AbortSignal }): Promise<T> {
    return this.transport.send(argv, read, wait);
  }

  /**
   * The value of an entry.
   *
   * @throws ValidationError when it is not what codec and schema ask for; also as a rejection
   */
  valueOf({ id, fields = {} }: Row): Out | Promise<Out> {
    const value = this.#decode(id, fields);
    return this.schema === undefined ? value : validate(this.schema, value, id);
  }

  #decode(id: string, fields: Record<string, FieldValue>): Out {
    try {
      return (this.codec.decode as (fields: Record<string, FieldValue>) => Out)(fields);
    } catch (cause) {
      throw new ValidationError(textOf(cause), [], id, { cause });
    }
  }
}

function rowOf(reader: ReplyReader, readFields: ReadReply<Record<string, FieldValue>>): Row {
  const items = reader.items();
  const id = reader.text();
  const fields = reader.takeNull() ? undefined : readFields(reader);
  let deliveries = 0;
  if (items > 2) {
    // How long it has been idle.
    reader.integer();
    deliveries = reader.integer();
  }
  return { id, fields, deliveries };
}

/** A map of one stream in RESP3, an array of one pair in RESP2, or null. */
function readStream(reader: ReplyReader, readRows: ReadReply<Row[]>): Row[] {
  if (reader.takeNull()) return [];
  if (reader.isMap()) reader.pairs();
  else {
    reader.items();
    reader.items();
  }
  reader.text();
  return readRows(reader);
}

/**
 * The key of something that belongs to a stream: with the same hash tag, so that a Worker keeps
 * both in one object, where one transaction reaches them.
 */
export function besideKey(key: string, name: string): string {
  const hasTag = /\{[^}]+\}/.test(key);
  return `${hasTag ? key : `{${key}}`}:${name}`;
}

/** What an error says. */
export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Settles as `promise` does, or is rejected when the signal says so, whichever is first. */
export function until<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const done = () => signal.removeEventListener("abort", abort);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise.finally(done).then(resolve, reject);
  });
}
