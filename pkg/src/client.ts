/** The commands as typed methods, over any transport. Names and shapes are those of node-redis 6. */

import { isBlocking } from "./commands/blocking.ts";
import { refusalOf } from "./commands/connection.ts";
import {
  keysArgv,
  pingArgv,
  readScan,
  type ScanOptions,
  type ScanReply,
  scanArgv,
  typeArgv,
} from "./commands/keys.ts";
import {
  messageReaders,
  type StreamMessage,
  type StreamMessages,
  type Value,
} from "./commands/message.ts";
import {
  rangePages,
  type ScanIteratorOptions,
  scanPages,
  type XRangeIteratorOptions,
} from "./commands/pages.ts";
import { xAckArgv } from "./commands/xack.ts";
import { type Message, type XAddOptions, xAddArgv } from "./commands/xadd.ts";
import {
  readAutoClaim,
  type XAutoClaimOptions,
  type XAutoClaimReply,
  xAutoClaimArgv,
} from "./commands/xautoclaim.ts";
import { type XClaimOptions, xClaimArgv } from "./commands/xclaim.ts";
import { xDelArgv } from "./commands/xdel.ts";
import {
  type XGroupCreateOptions,
  type XGroupSetIdOptions,
  xGroupConsumerArgv,
  xGroupCreateArgv,
  xGroupDestroyArgv,
  xGroupSetIdArgv,
} from "./commands/xgroup.ts";
import {
  readConsumerInfos,
  readGroupInfos,
  readStreamInfo,
  type XInfoConsumer,
  type XInfoGroup,
  type XInfoStreamReply,
  xInfoArgv,
  xInfoConsumersArgv,
} from "./commands/xinfo.ts";
import { xLenArgv } from "./commands/xlen.ts";
import {
  type PendingMessage,
  readPendingMessages,
  readPendingSummary,
  type XPendingRangeOptions,
  type XPendingSummary,
  xPendingArgv,
  xPendingRangeArgv,
} from "./commands/xpending.ts";
import { type XRangeOptions, xRangeArgv } from "./commands/xrange.ts";
import { type XReadOptions, type XReadStreams, xReadArgv } from "./commands/xread.ts";
import { type XReadGroupOptions, xReadGroupArgv } from "./commands/xreadgroup.ts";
import { type XTrimOptions, xTrimArgv } from "./commands/xtrim.ts";
import {
  type Argument,
  type Arguments,
  type Argv,
  type ReadReply,
  type ReplyValue,
  readArray,
  readBytes,
  readInteger,
  readOk,
  readText,
  readTextOrNull,
} from "./resp.ts";
import type { Transport, Wait } from "./transport.ts";

/**
 * The stream commands. `V` is what field values come as: text, or bytes (see {@link withBytes}).
 *
 * Calls made at once, without awaiting one before the next, travel as one pipeline; replies and
 * effects keep the order of the calls. A command that Redis would refuse is rejected with a
 * {@link CommandError}.
 */
export class StreamClient<V extends Value = string> {
  readonly #transport: Transport;
  readonly #value: ReadReply<V>;
  readonly #read: ReturnType<typeof entryReaders<V>>;

  constructor(transport: Transport, value: ReadReply<V>) {
    this.#transport = transport;
    this.#value = value;
    this.#read = entryReaders(value);
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
   * Appends an entry and returns its ID. `*` as the ID takes the current time.
   *
   * @example
   * ```ts
   * const id = await db.xAdd("readings", "*", { sensor: "7", celsius: "21.5" });
   * await db.xAdd("readings", "*", { sensor: "7" }, {
   *   TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: 10_000 },
   * });
   * ```
   */
  xAdd(key: Argument, id: Argument, message: Message, options?: XAddOptions): Promise<string> {
    return this.#send(xAddArgv(key, id, message, options), readText);
  }

  /** Like {@link xAdd}, but `null` and no effect when there is no such stream. */
  xAddNoMkStream(
    key: Argument,
    id: Argument,
    message: Message,
    options?: XAddOptions,
  ): Promise<string | null> {
    return this.#send(xAddArgv(key, id, message, options, "NOMKSTREAM"), readTextOrNull);
  }

  /** How many entries a stream has; 0 when there is none. */
  xLen(key: Argument): Promise<number> {
    return this.#send(xLenArgv(key), readInteger);
  }

  /**
   * Entries from `start` to `end`, both included; `-` and `+` are the ends of the stream, `(id`
   * leaves `id` out.
   */
  xRange(key: Argument, start: Argument, end: Argument): Promise<StreamMessage<V>[]>;
  /** With options; `null` when `COUNT` is 0. */
  xRange(
    key: Argument,
    start: Argument,
    end: Argument,
    options?: XRangeOptions,
  ): Promise<StreamMessage<V>[] | null>;
  xRange(
    key: Argument,
    start: Argument,
    end: Argument,
    options?: XRangeOptions,
  ): Promise<StreamMessage<V>[] | null> {
    return this.#send(xRangeArgv("XRANGE", key, start, end, options), this.#read.messagesOrNull);
  }

  /** Entries from `end` back to `start`, newest first. */
  xRevRange(key: Argument, end: Argument, start: Argument): Promise<StreamMessage<V>[]>;
  /** With options; `null` when `COUNT` is 0. */
  xRevRange(
    key: Argument,
    end: Argument,
    start: Argument,
    options?: XRangeOptions,
  ): Promise<StreamMessage<V>[] | null>;
  xRevRange(
    key: Argument,
    end: Argument,
    start: Argument,
    options?: XRangeOptions,
  ): Promise<StreamMessage<V>[] | null> {
    return this.#send(xRangeArgv("XREVRANGE", key, end, start, options), this.#read.messagesOrNull);
  }

  /**
   * Entries behind an ID, of one stream or several; `null` when there are none. With `BLOCK` it
   * waits for some, and `signal` ends the wait.
   *
   * @example
   * ```ts
   * const added = await db.xRead({ key: "readings", id: "$" }, { BLOCK: 5000, signal });
   * ```
   */
  xRead(streams: XReadStreams, options?: XReadOptions): Promise<StreamMessages<V>[] | null> {
    return this.#send(xReadArgv(streams, options), this.#read.streamsOrNull, waitOf(options));
  }

  /**
   * Creates a consumer group that begins behind `id`: `0` for all entries, `$` for those to come.
   * Rejected with code `BUSYGROUP` when there is one of that name.
   */
  xGroupCreate(
    key: Argument,
    group: Argument,
    id: Argument,
    options?: XGroupCreateOptions,
  ): Promise<"OK"> {
    return this.#send(xGroupCreateArgv(key, group, id, options), readOk);
  }

  /** Sets behind which ID a group goes on, back or forth. */
  xGroupSetId(
    key: Argument,
    group: Argument,
    id: Argument,
    options?: XGroupSetIdOptions,
  ): Promise<"OK"> {
    return this.#send(xGroupSetIdArgv(key, group, id, options), readOk);
  }

  /** Deletes a group with its pending entries list; 1, or 0 when there is none. */
  xGroupDestroy(key: Argument, group: Argument): Promise<number> {
    return this.#send(xGroupDestroyArgv(key, group), readInteger);
  }

  /** Creates a consumer, which reading does by itself; 1, or 0 when it is there already. */
  xGroupCreateConsumer(key: Argument, group: Argument, consumer: Argument): Promise<number> {
    return this.#send(xGroupConsumerArgv("CREATECONSUMER", key, group, consumer), readInteger);
  }

  /** Deletes a consumer; returns how many pending entries went with it: nobody will process them. */
  xGroupDelConsumer(key: Argument, group: Argument, consumer: Argument): Promise<number> {
    return this.#send(xGroupConsumerArgv("DELCONSUMER", key, group, consumer), readInteger);
  }

  /**
   * Entries for a consumer of a group: with the ID `>` those that no consumer was given yet, which
   * then are pending until {@link xAck}; with another ID the consumer's own pending entries behind
   * it. `null` when there is nothing new.
   *
   * @example
   * ```ts
   * const reads = await db.xReadGroup("billing", "worker-1", { key: "orders", id: ">" }, { COUNT: 10, BLOCK: 0 });
   * for (const { messages } of reads ?? []) {
   *   for (const { id } of messages) await db.xAck("orders", "billing", id);
   * }
   * ```
   */
  xReadGroup(
    group: Argument,
    consumer: Argument,
    streams: XReadStreams,
    options?: XReadGroupOptions,
  ): Promise<StreamMessages<V>[] | null> {
    const argv = xReadGroupArgv(group, consumer, streams, options);
    return this.#send(argv, this.#read.streamsOrNull, waitOf(options));
  }

  /** Acknowledges entries; returns how many were pending. */
  xAck(key: Argument, group: Argument, id: Arguments): Promise<number> {
    return this.#send(xAckArgv(key, group, id), readInteger);
  }

  /** A group's pending entries, summed up. */
  xPending(key: Argument, group: Argument): Promise<XPendingSummary> {
    return this.#send(xPendingArgv(key, group), readPendingSummary);
  }

  /** A group's pending entries one by one, at most `count`, from `start` to `end`. */
  xPendingRange(
    key: Argument,
    group: Argument,
    start: Argument,
    end: Argument,
    count: number,
    options?: XPendingRangeOptions,
  ): Promise<PendingMessage[]> {
    return this.#send(
      xPendingRangeArgv(key, group, start, end, count, options),
      readPendingMessages,
    );
  }

  /**
   * Makes pending entries this consumer's that were delivered last at least `minIdleTime`
   * milliseconds ago; returns them.
   */
  xClaim(
    key: Argument,
    group: Argument,
    consumer: Argument,
    minIdleTime: number,
    id: Arguments,
    options?: XClaimOptions,
  ): Promise<(StreamMessage<V> | null)[]> {
    const argv = xClaimArgv(key, group, consumer, minIdleTime, id, options);
    return this.#send(argv, this.#read.claimedMessages);
  }

  /** Like {@link xClaim}, but returns only the IDs and does not count a delivery. */
  xClaimJustId(
    key: Argument,
    group: Argument,
    consumer: Argument,
    minIdleTime: number,
    id: Arguments,
    options?: XClaimOptions,
  ): Promise<string[]> {
    return this.#send(
      xClaimArgv(key, group, consumer, minIdleTime, id, options, "JUSTID"),
      readTexts,
    );
  }

  /**
   * Makes this consumer's whatever of the group has been pending for `minIdleTime` milliseconds,
   * from `start` on; `nextId` is where to go on.
   */
  xAutoClaim(
    key: Argument,
    group: Argument,
    consumer: Argument,
    minIdleTime: number,
    start: Argument,
    options?: XAutoClaimOptions,
  ): Promise<XAutoClaimReply<StreamMessage<V> | null>> {
    const argv = xAutoClaimArgv(key, group, consumer, minIdleTime, start, options);
    return this.#send(argv, this.#read.autoClaim);
  }

  /** Like {@link xAutoClaim}, but returns only the IDs and does not count a delivery. */
  xAutoClaimJustId(
    key: Argument,
    group: Argument,
    consumer: Argument,
    minIdleTime: number,
    start: Argument,
    options?: XAutoClaimOptions,
  ): Promise<XAutoClaimReply<string>> {
    const argv = xAutoClaimArgv(key, group, consumer, minIdleTime, start, options, "JUSTID");
    return this.#send(argv, readAutoClaimIds);
  }

  /** What there is to know of a stream. */
  xInfoStream(key: Argument): Promise<XInfoStreamReply<V>> {
    return this.#send(xInfoArgv("STREAM", key), this.#read.streamInfo);
  }

  /** The consumer groups of a stream. */
  xInfoGroups(key: Argument): Promise<XInfoGroup[]> {
    return this.#send(xInfoArgv("GROUPS", key), readGroupInfos);
  }

  /** The consumers of a group. */
  xInfoConsumers(key: Argument, group: Argument): Promise<XInfoConsumer[]> {
    return this.#send(xInfoConsumersArgv(key, group), readConsumerInfos);
  }

  /** Deletes entries; returns how many there were. */
  xDel(key: Argument, id: Arguments): Promise<number> {
    return this.#send(xDelArgv(key, id), readInteger);
  }

  /**
   * Removes the oldest entries: all but the `threshold` newest (`MAXLEN`), or those with an ID
   * smaller than `threshold` (`MINID`). Returns how many.
   */
  xTrim(
    key: Argument,
    strategy: "MAXLEN" | "MINID",
    threshold: number | string,
    options?: XTrimOptions,
  ): Promise<number> {
    return this.#send(xTrimArgv(key, strategy, threshold, options), readInteger);
  }

  /** Deletes streams with all that belongs to them; returns how many there were. */
  del(keys: Arguments): Promise<number> {
    return this.#send(keysArgv("DEL", keys), readInteger);
  }

  /** How many of the keys exist; one given twice counts twice. */
  exists(keys: Arguments): Promise<number> {
    return this.#send(keysArgv("EXISTS", keys), readInteger);
  }

  /** `stream`, or `none`. */
  type(key: Argument): Promise<string> {
    return this.#send(typeArgv(key), readText);
  }

  /** `PONG`, or the message. Answered after everything that was called before it. */
  ping(message?: Argument): Promise<string> {
    return this.#send(pingArgv(message), readText);
  }

  /**
   * Sends any command and returns its decoded reply: strings, numbers, `null`, arrays, and plain
   * objects for RESP3 maps. A blocking command takes a `signal`. Commands that change a connection
   * (`MULTI`, `SUBSCRIBE`, `SELECT` …) are refused: all calls share one.
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
    return this.#send(argv, (reader) => reader.value(this.#value), wait);
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
    return this.#rangePages("XRANGE", key, start, end, options);
  }

  /** Like {@link xRangeIterator}, but from `end` back to `start`, newest first. */
  xRevRangeIterator(
    key: Argument,
    end: Argument,
    start: Argument,
    options?: XRangeIteratorOptions,
  ): AsyncGenerator<StreamMessage<V>[], void, undefined> {
    return this.#rangePages("XREVRANGE", key, end, start, options);
  }

  /** Some of the keys, and the cursor with which to ask for more. */
  scan(cursor: Argument, options?: ScanOptions): Promise<ScanReply> {
    return this.#send(scanArgv(cursor, options), readScan);
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
    const ask = (cursor: Argument) => this.#send(scanArgv(cursor, options), readScan, wait);
    return scanPages(ask, options.cursor);
  }

  #rangePages(
    name: "XRANGE" | "XREVRANGE",
    key: Argument,
    from: Argument,
    to: Argument,
    options: XRangeIteratorOptions = {},
  ): AsyncGenerator<StreamMessage<V>[], void, undefined> {
    const wait = interruptible(options.signal);
    const ask = (start: Argument, COUNT: number) => {
      const argv = xRangeArgv(name, key, start, to, { COUNT });
      return this.#send(argv, this.#read.messagesOrNull, wait);
    };
    return rangePages(ask, from, options.COUNT);
  }

  #send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    return this.#transport.send(argv, read, wait);
  }
}

const readTexts: ReadReply<string[]> = (reader) => readArray(reader, readText);
const readAutoClaimIds = readAutoClaim(readText);

/** Readers of entries, made once for a client so that no call has to. */
function entryReaders<V extends Value>(value: ReadReply<V>) {
  const messages = messageReaders(value);
  return {
    ...messages,
    autoClaim: readAutoClaim(messages.messageOrNull),
    streamInfo: readStreamInfo(messages.messageOrNull),
  };
}

/** A call that a signal can end is sent as one that may wait. */
function interruptible(signal: AbortSignal | undefined): Wait | undefined {
  return signal === undefined ? undefined : { signal };
}

function waitOf(options: XReadOptions | XReadGroupOptions | undefined): Wait | undefined {
  return options?.BLOCK === undefined ? undefined : options;
}
