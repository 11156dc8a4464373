/** XPENDING: what a group's consumers were given and have not acknowledged. */

import {
  type Argument,
  type Argv,
  type ReadReply,
  readArray,
  readerOf,
  readInteger,
  readText,
  readTextOrNull,
} from "../resp.ts";
import { argvOf, pushOptions } from "./arguments.ts";

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
  argv.push(...argvOf(start, end, count, options?.consumer));
  return argv;
}

/** Takes the summary. */
export const readPendingSummary: ReadReply<XPendingSummary> = readerOf({
  pending: readInteger,
  firstId: readTextOrNull,
  lastId: readTextOrNull,
  consumers: (reader) => (reader.takeNull() ? null : readArray(reader, readConsumer)),
});

const readConsumer = readerOf({ name: readText, deliveriesCounter: readInteger });

/** Takes the rows of a range. */
export const readPendingMessages: ReadReply<PendingMessage[]> = (reader) =>
  readArray(reader, readPendingMessage);

const readPendingMessage = readerOf({
  id: readText,
  consumer: readText,
  millisecondsSinceLastDelivery: readInteger,
  deliveriesCounter: readInteger,
});
