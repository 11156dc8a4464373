/** XPENDING: what a group's consumers were given and have not acknowledged. */

import { type Argument, type Argv, type ReplyReader, readArray, readTextOrNull } from "../resp.ts";
import { pushOptions } from "./arguments.ts";

/** A group's pending entries, summed up. */
export interface XPendingSummary {
  /** How many there are. */
  pending: number;
  /** The smallest ID among them. */
  firstId: string | null;
  /** The greatest ID among them. */
  lastId: string | null;
  /** The consumers that have some, with how many (node-redis' word for it). Null when nobody has. */
  consumers: { name: string; deliveriesCounter: number }[] | null;
}

/** One pending entry. */
export interface PendingMessage {
  id: string;
  /** Whom it was delivered to last. */
  consumer: string;
  millisecondsSinceLastDelivery: number;
  /** How often it was delivered. */
  deliveriesCounter: number;
}

/** Options of XPENDING with a range. */
export interface XPendingRangeOptions {
  /** Only entries delivered last at least this many milliseconds ago. */
  IDLE?: number;
  /** Only entries of this consumer. */
  consumer?: Argument;
}

/** `XPENDING key group [IDLE ms] start end count [consumer]` */
export function xPendingRangeArgv(
  key: Argument,
  group: Argument,
  start: Argument,
  end: Argument,
  count: number,
  options?: XPendingRangeOptions,
): Argv {
  const argv: Argument[] = ["XPENDING", key, group];
  pushOptions(argv, "IDLE", options);
  argv.push(start, end, String(count));
  if (options?.consumer !== undefined) argv.push(options.consumer);
  return argv;
}

/** Takes the summary. */
export function readPendingSummary(reader: ReplyReader): XPendingSummary {
  reader.items();
  return {
    pending: reader.integer(),
    firstId: readTextOrNull(reader),
    lastId: readTextOrNull(reader),
    consumers: reader.takeNull() ? null : readArray(reader, readConsumer),
  };
}

function readConsumer(reader: ReplyReader): { name: string; deliveriesCounter: number } {
  reader.items();
  return { name: reader.text(), deliveriesCounter: reader.integer() };
}

/** Takes the rows of a range. */
export function readPendingMessages(reader: ReplyReader): PendingMessage[] {
  return readArray(reader, readPendingMessage);
}

function readPendingMessage(reader: ReplyReader): PendingMessage {
  reader.items();
  return {
    id: reader.text(),
    consumer: reader.text(),
    millisecondsSinceLastDelivery: reader.integer(),
    deliveriesCounter: reader.integer(),
  };
}
