/** Entries as the reading commands answer them. */

import { fieldsReader, type ReadReply, type ReplyReader, readArray } from "../resp.ts";

/** What the value of a field comes as: text by default, bytes from `withBytes()`. */
export type Value = string | Uint8Array;

/** An entry of a stream. */
export interface StreamMessage<V extends Value = string> {
  /** The entry's ID, `ms-seq`. */
  id: string;
  /** Field names and values. Of a name that occurs twice the last value. */
  message: Record<string, V>;
  /**
   * The entry is pending but no longer in the stream (a consumer's history only); `message` is
   * empty then. Acknowledge it: there is nothing left to process.
   */
  deleted?: true;
  /** Milliseconds since it was delivered last, before now: of an entry that a read with `CLAIM` claimed; 0 of a new one. */
  millisElapsedFromDelivery?: number;
  /** How often it was delivered before now, likewise. */
  deliveriesCounter?: number;
}

/** The entries that a read found in one stream. */
export interface StreamMessages<V extends Value = string> {
  /** The stream's key. */
  name: string;
  /** Its entries, oldest first. */
  messages: StreamMessage<V>[];
}

/** Readers of entries whose field values `value` takes. */
export interface MessageReaders<V extends Value> {
  /** An entry or null: an entry that is gone, an empty stream's first. */
  readonly messageOrNull: ReadReply<StreamMessage<V> | null>;
  /** Entries; null for `COUNT` 0. */
  readonly messagesOrNull: ReadReply<StreamMessage<V>[] | null>;
  /** Entries or nulls. */
  readonly claimedMessages: ReadReply<(StreamMessage<V> | null)[]>;
  /** Entries by stream; null when a read found nothing. */
  readonly streamsOrNull: ReadReply<StreamMessages<V>[] | null>;
}

/** Makes the readers once for a client, so that no call has to. */
export function messageReaders<V extends Value>(value: ReadReply<V>): MessageReaders<V> {
  const fields = fieldsReader(value);
  const message = (reader: ReplyReader): StreamMessage<V> => readMessage(reader, fields);
  const messageOrNull = (reader: ReplyReader) => (reader.takeNull() ? null : message(reader));
  return {
    messageOrNull,
    messagesOrNull: (reader) => (reader.takeNull() ? null : readArray(reader, message)),
    claimedMessages: (reader) => readArray(reader, messageOrNull),
    streamsOrNull: (reader) => (reader.takeNull() ? null : readStreams(reader, message)),
  };
}

function readMessage<V extends Value>(
  reader: ReplyReader,
  fields: ReadReply<Record<string, V>>,
): StreamMessage<V> {
  const parts = reader.items();
  const id = reader.text();
  if (reader.takeNull()) return { id, message: {}, deleted: true };
  const message = fields(reader);
  if (parts < 4) return { id, message };
  const millisElapsedFromDelivery = reader.integer();
  return { id, message, millisElapsedFromDelivery, deliveriesCounter: reader.integer() };
}

/** A map in RESP3, an array of pairs in RESP2. */
function readStreams<V extends Value>(
  reader: ReplyReader,
  message: ReadReply<StreamMessage<V>>,
): StreamMessages<V>[] {
  const isMap = reader.isMap();
  const streams: StreamMessages<V>[] = [];
  for (let left = isMap ? reader.pairs() : reader.items(); left > 0; left--) {
    if (!isMap) reader.items();
    streams.push({ name: reader.text(), messages: readArray(reader, message) });
  }
  return streams;
}
