/** A stream of jobs and a group of it, for tests. */

import { type ConsumeOptions, Eddyline, type GroupMessage } from "../src/entry/node.ts";

/** What there is to do. */
export interface Job {
  n: number;
}

/** The first of them, numbered. */
export const jobs = (length: number): Job[] => Array.from({ length }, (_, n) => ({ n }));
/** No test waits for it: what comes earlier was given back. */
export const LONG = 60_000;

/** A keyspace with a stream and a group of it. */
export type Opened = Awaited<ReturnType<typeof opened>>;

/** Opens one. */
export async function opened() {
  const db = await Eddyline.open("memory://");
  const stream = db.stream<Job>("jobs");
  return { db, stream, group: stream.group("g"), [Symbol.asyncDispose]: () => db.close() };
}

/** The next message, whose consumption ends then without settling it. */
export async function take(messages: AsyncIterable<GroupMessage<Job>>): Promise<GroupMessage<Job>> {
  for await (const message of messages) return message;
  throw new Error("there is none");
}

/** Acknowledges messages until there are no more, or as many as are wanted. */
export async function drained(
  at: Opened,
  options: ConsumeOptions,
  wanted = Number.POSITIVE_INFINITY,
): Promise<GroupMessage<Job>[]> {
  const got: GroupMessage<Job>[] = [];
  const { undelivered, pending } = await at.group.lag();
  const count = Math.min(wanted, (undelivered ?? 0) + pending);
  for await (const message of at.group.consume(options)) {
    got.push(message);
    message.ack();
    if (got.length === count) break;
  }
  return got;
}

/** Who has how many pending entries; nobody is `""`. */
export async function pendingOf(at: Opened): Promise<[string, number][]> {
  const rows = await at.db.xPendingRange("jobs", "g", "-", "+", 100);
  const counts = Map.groupBy(rows, ({ consumer }) => consumer);
  return [...counts].map(([consumer, { length }]) => [consumer, length]);
}
