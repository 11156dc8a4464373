/** The commands of streams as methods: what they take and what they answer. */

import type { Argument, Arguments } from "../resp.ts";
import type { StreamMessage, StreamMessages, Value } from "./message.ts";
import type { DeletionPolicy } from "./trim.ts";
import type { Message, XAddOptions } from "./xadd.ts";
import type { XAutoClaimOptions, XAutoClaimReply, XClaimOptions } from "./xclaim.ts";
import type {
  DeletionReply,
  XCfgSetOptions,
  XGroupCreateOptions,
  XGroupSetIdOptions,
  XNackMode,
  XNackOptions,
  XSetIdOptions,
} from "./xgroup.ts";
import type { XInfoConsumer, XInfoGroup, XInfoStreamReply } from "./xinfo.ts";
import type { PendingMessage, XPendingRangeOptions, XPendingSummary } from "./xpending.ts";
import type { XReadGroupOptions, XReadOptions, XReadStreams } from "./xread.ts";
import type { XTrimOptions } from "./xtrim.ts";

/** Options of XRANGE and XREVRANGE. */
export interface XRangeOptions {
  /** Entries at most. */
  COUNT?: number;
}

/**
 * The commands of streams. `V` is what field values come as: text, or bytes.
 *
 * Names and shapes are those of node-redis 6.
 */
export interface StreamCommands<V extends Value = string> {
  /**
   * Appends an entry and returns its ID. `*` as the ID takes the current time.
   *
   * @example
   * ```ts
   * const id = await db.xAdd("readings", "*", { sensor: "7", celsius: "21.5" });
   * await db.xAdd("readings", "*", { sensor: "7" }, {
   *   TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: 10_000 },
   * });
   * await db.xAdd("readings", "*", { sensor: "7" }, { IDMP: { pid: "gateway-3", iid: "1071" } });
   * ```
   */
  xAdd(key: Argument, id: Argument, message: Message, options?: XAddOptions): Promise<string>;

  /** Like {@link xAdd}, but `null` and no effect when there is no such stream. */
  xAddNoMkStream(
    key: Argument,
    id: Argument,
    message: Message,
    options?: XAddOptions,
  ): Promise<string | null>;

  /** How many entries a stream has; 0 when there is none. */
  xLen(key: Argument): Promise<number>;

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

  /** Entries from `end` back to `start`, newest first. */
  xRevRange(key: Argument, end: Argument, start: Argument): Promise<StreamMessage<V>[]>;
  /** With options; `null` when `COUNT` is 0. */
  xRevRange(
    key: Argument,
    end: Argument,
    start: Argument,
    options?: XRangeOptions,
  ): Promise<StreamMessage<V>[] | null>;

  /**
   * Entries behind an ID, of one stream or several; `null` when there are none. With `BLOCK` it
   * waits for some, and `signal` ends the wait.
   *
   * @example
   * ```ts
   * const added = await db.xRead({ key: "readings", id: "$" }, { BLOCK: 5000, signal });
   * ```
   */
  xRead(streams: XReadStreams, options?: XReadOptions): Promise<StreamMessages<V>[] | null>;

  /**
   * Creates a consumer group that begins behind `id`: `0` for all entries, `$` for those to come.
   * Rejected with code `BUSYGROUP` when there is one of that name.
   */
  xGroupCreate(
    key: Argument,
    group: Argument,
    id: Argument,
    options?: XGroupCreateOptions,
  ): Promise<"OK">;

  /** Sets behind which ID a group goes on, back or forth. */
  xGroupSetId(
    key: Argument,
    group: Argument,
    id: Argument,
    options?: XGroupSetIdOptions,
  ): Promise<"OK">;

  /** Deletes a group with its pending entries list; 1, or 0 when there is none. */
  xGroupDestroy(key: Argument, group: Argument): Promise<number>;

  /** Creates a consumer, which reading does by itself; 1, or 0 when it is there already. */
  xGroupCreateConsumer(key: Argument, group: Argument, consumer: Argument): Promise<number>;

  /** Deletes a consumer; returns how many pending entries went with it: nobody will process them. */
  xGroupDelConsumer(key: Argument, group: Argument, consumer: Argument): Promise<number>;

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
  ): Promise<StreamMessages<V>[] | null>;

  /** Acknowledges entries; returns how many were pending. */
  xAck(key: Argument, group: Argument, id: Arguments): Promise<number>;

  /** Acknowledges entries and deletes them, as far as `policy` lets it; says of each what became of it. */
  xAckDel(
    key: Argument,
    group: Argument,
    id: Arguments,
    policy?: DeletionPolicy,
  ): Promise<DeletionReply[]>;

  /**
   * Gives pending entries back to their group, so that the next read with `CLAIM`, or a claim, takes
   * them at once; returns how many.
   *
   * @example
   * ```ts
   * await db.xNack("orders", "billing", "FAIL", "1700000000000-0");
   * ```
   */
  xNack(
    key: Argument,
    group: Argument,
    mode: XNackMode,
    id: Arguments,
    options?: XNackOptions,
  ): Promise<number>;

  /** A group's pending entries, summed up. */
  xPending(key: Argument, group: Argument): Promise<XPendingSummary>;

  /** A group's pending entries one by one, at most `count`, from `start` to `end`. */
  xPendingRange(
    key: Argument,
    group: Argument,
    start: Argument,
    end: Argument,
    count: number,
    options?: XPendingRangeOptions,
  ): Promise<PendingMessage[]>;

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
  ): Promise<(StreamMessage<V> | null)[]>;

  /** Like {@link xClaim}, but returns only the IDs and does not count a delivery. */
  xClaimJustId(
    key: Argument,
    group: Argument,
    consumer: Argument,
    minIdleTime: number,
    id: Arguments,
    options?: XClaimOptions,
  ): Promise<string[]>;

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
  ): Promise<XAutoClaimReply<StreamMessage<V> | null>>;

  /** Like {@link xAutoClaim}, but returns only the IDs and does not count a delivery. */
  xAutoClaimJustId(
    key: Argument,
    group: Argument,
    consumer: Argument,
    minIdleTime: number,
    start: Argument,
    options?: XAutoClaimOptions,
  ): Promise<XAutoClaimReply<string>>;

  /** What there is to know of a stream. */
  xInfoStream(key: Argument): Promise<XInfoStreamReply<V>>;

  /** The consumer groups of a stream. */
  xInfoGroups(key: Argument): Promise<XInfoGroup[]>;

  /** The consumers of a group. */
  xInfoConsumers(key: Argument, group: Argument): Promise<XInfoConsumer[]>;

  /** Deletes entries; returns how many there were. */
  xDel(key: Argument, id: Arguments): Promise<number>;

  /** Deletes entries as far as `policy` lets it; says of each what became of it. */
  xDelEx(key: Argument, id: Arguments, policy?: DeletionPolicy): Promise<DeletionReply[]>;

  /**
   * Removes the oldest entries: all but the `threshold` newest (`MAXLEN`), or those with an ID
   * smaller than `threshold` (`MINID`). Returns how many.
   */
  xTrim(
    key: Argument,
    strategy: "MAXLEN" | "MINID",
    threshold: number | string,
    options?: XTrimOptions,
  ): Promise<number>;

  /** Sets the last ID that a stream has given. */
  xSetId(key: Argument, lastId: Argument, options?: XSetIdOptions): Promise<"OK">;

  /** Sets how long, and how many of a producer's, idempotent IDs are remembered; forgets those there are. */
  xCfgSet(key: Argument, options?: XCfgSetOptions): Promise<"OK">;
}
