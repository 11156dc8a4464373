/** The commands as typed methods, over any transport. Names and shapes are those of node-redis 6. */

import { isBlocking } from "./commands/blocking.ts";
import { refusalOf } from "./commands/connection.ts";
import type { StreamMessage, Value } from "./commands/message.ts";
import { CommandMethods, defineMethods } from "./commands/methods.ts";
import {
  rangePages,
  type ScanIteratorOptions,
  scanPages,
  type XRangeIteratorOptions,
} from "./commands/pages.ts";
import type { ScanReply } from "./commands/plain.ts";
import { type Command, table } from "./commands/table.ts";
import { type Argument, type Argv, type ReadReply, type ReplyValue, readBytes } from "./resp.ts";
import type { AsRead, Json } from "./stream/codec.ts";
import type { CodecOptions, PlainOptions, SchemaOptions, StreamOptions } from "./stream/log.ts";
import type { SchemaInput, SchemaOutput, StandardSchema } from "./stream/schema.ts";
import { Stream } from "./stream/stream.ts";
import { type Transaction, TransactionQueue } from "./transaction.ts";
import type { Transport, Wait } from "./transport.ts";

/**
 * The commands. `V` is what field values come as: text, or bytes (see {@link withBytes}).
 *
 * Calls made at once, without awaiting one before the next, travel as one pipeline; replies and
 * effects keep the order of the calls. A command that Redis would refuse is rejected with a
 * {@link CommandError}.
 */
export class StreamClient<V extends Value = string> extends CommandMethods<V> {
  readonly #transport: Transport;
  readonly #value: ReadReply<V>;
  /** The reader of each command's replies, made when it is first called. */
  readonly #readers = new Map<Command, ReadReply<unknown>>();

  static {
    defineMethods(StreamClient.prototype, (client, command, args) => client.#call(command, args));
  }

  constructor(transport: Transport, value: ReadReply<V>) {
    super();
    this.#transport = transport;
    this.#value = value;
  }

  /**
   * The same client, but field values come as `Uint8Array`, and so do the strings of
   * {@link sendCommand}. IDs, field names and the names of streams and consumers stay text.
   *
   * @example
   * ```ts
   * const [entry] = (await db.withBytes().xRange("images", "-", "+")) ?? [];
   * entry?.message["png"]; // Uint8Array
   * ```
   */
  withBytes(): StreamClient<Uint8Array> {
    return new StreamClient(this.#transport, readBytes);
  }

  /**
   * A stream as a log of values: objects that are appended, read and followed as such, and shared
   * out to consumer groups. Each property is a field, whose value is JSON if it is JSON, else text;
   * what would not be read as it was written is refused.
   *
   * @example
   * ```ts
   * const orders = db.stream<{ item: string; cups: number }>("orders");
   * await orders.append({ item: "tea", cups: 2 });
   * for await (const { id, value } of orders.entries()) console.log(id, value.cups);
   * ```
   */
  stream<T extends object = Record<string, Json>>(
    key: string,
    options?: PlainOptions,
  ): Stream<T, AsRead<T>>;
  /** With values that a schema (of zod, valibot, arktype …) checks and gives the types of. */
  stream<S extends StandardSchema>(
    key: string,
    options: SchemaOptions<S>,
  ): Stream<SchemaInput<S>, SchemaOutput<S>>;
  /** With values that a codec makes fields of: {@link textFields}, {@link byteFields}, your own. */
  stream<In, Out>(key: string, options: CodecOptions<In, Out>): Stream<In, Out>;
  stream(key: string, options?: StreamOptions<object, unknown>): Stream<object, unknown> {
    return new Stream(this.#transport, key, options);
  }

  /**
   * Begins a transaction: the methods that follow add commands, `exec()` does them all.
   *
   * @example
   * ```ts
   * const [acknowledged, id] = await db
   *   .multi()
   *   .xAck("orders", "billing", "1700000000000-0")
   *   .xAdd("invoices", "*", { order: "1700000000000-0" })
   *   .exec(); // [number, string]
   * ```
   */
  multi(): Transaction<V> {
    return new TransactionQueue(this.#transport, this.#value) as unknown as Transaction<V>;
  }

  /**
   * Sends any command and returns its decoded reply: strings, numbers, `null`, arrays, and plain
   * objects for RESP3 maps. A blocking command takes a `signal`. Commands that change a connection
   * (`MULTI`, `SUBSCRIBE`, `SELECT` …) are refused, as all calls share one:
   * {@link Eddyline.connect} opens one of one's own.
   *
   * @example
   * ```ts
   * await db.sendCommand(["XADD", "s", "1-1", "field", "value"]); // "1-1"
   * await db.sendCommand(["XREAD", "STREAMS", "s", "0"]); // { s: [["1-1", ["field", "value"]]] }
   * ```
   */
  sendCommand(argv: Argv, options?: Wait): Promise<ReplyValue<V>> {
    const refusal = refusalOf(argv);
    if (refusal !== undefined) return Promise.reject(refusal);
    const wait = isBlocking(argv) ? (options ?? {}) : undefined;
    return this.#transport.send(argv, (reader) => reader.value(this.#value), wait);
  }

  /**
   * Entries from `start` to `end`, oldest first, in pages of at most `COUNT`, 100 by default. One
   * page is in memory at a time, however long the stream is; each shows the stream as it is when
   * the page is asked for.
   *
   * @example
   * ```ts
   * for await (const page of db.xRangeIterator("orders", "-", "+", { COUNT: 500 })) {
   *   for (const { id, message } of page) console.log(id, message["item"]);
   * }
   * ```
   */
  xRangeIterator(
    key: Argument,
    start: Argument,
    end: Argument,
    options?: XRangeIteratorOptions,
  ): AsyncGenerator<StreamMessage<V>[], void, undefined> {
    return this.#rangePages(table.xRange, key, start, end, options);
  }

  /** Like {@link xRangeIterator}, but from `end` back to `start`, newest first. */
  xRevRangeIterator(
    key: Argument,
    end: Argument,
    start: Argument,
    options?: XRangeIteratorOptions,
  ): AsyncGenerator<StreamMessage<V>[], void, undefined> {
    return this.#rangePages(table.xRevRange, key, end, start, options);
  }

  /**
   * All keys, in pages that may be empty. Of keys that come or go meanwhile it may miss some.
   *
   * @example
   * ```ts
   * for await (const keys of db.scanIterator({ TYPE: "stream" })) console.log(keys);
   * ```
   */
  scanIterator(options: ScanIteratorOptions = {}): AsyncGenerator<string[], void, undefined> {
    const wait = interruptible(options.signal);
    return scanPages(
      (cursor) => this.#call(table.scan, [cursor, options], wait) as Promise<ScanReply>,
      options.cursor,
    );
  }

  #rangePages(
    command: Command,
    key: Argument,
    from: Argument,
    to: Argument,
    options: XRangeIteratorOptions = {},
  ): AsyncGenerator<StreamMessage<V>[], void, undefined> {
    const wait = interruptible(options.signal);
    const ask = (start: Argument, COUNT: number) =>
      this.#call(command, [key, start, to, { COUNT }], wait) as Promise<StreamMessage<V>[] | null>;
    return rangePages(ask, from, options.COUNT);
  }

  #call(command: Command, args: readonly unknown[], given?: Wait): Promise<unknown> {
    const [write, reader, wait] = command;
    const read = this.#readers.get(command) ?? reader(this.#value);
    this.#readers.set(command, read);
    return this.#transport.send(write(...(args as never[])), read, given ?? wait?.(args));
  }
}

/** A call that a signal can end is sent as one that may wait. */
function interruptible(signal: AbortSignal | undefined): Wait | undefined {
  return signal === undefined ? undefined : { signal };
}
