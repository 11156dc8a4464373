/**
 * One consumer of a group: takes entries, handles them, acknowledges them. And what another one
 * does when it falls silent. Shared by the program and the page.
 */

import type { Eddyline } from "eddyline";

/** An entry as it is delivered. */
export interface Delivered {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
  /** It was deleted from the stream while it was pending: nothing is left to work on. */
  readonly deleted?: true;
}

/** Who takes entries of which stream, and what happens to them. */
export interface Consumer {
  readonly stream: string;
  readonly group: string;
  /** The consumer's name within the group. */
  readonly name: string;
  /** How many entries to take at once. */
  readonly count: number;
  /**
   * Does the work on a batch. Its entries are acknowledged when the promise resolves, and stay
   * pending when it rejects.
   */
  work(batch: readonly Delivered[]): Promise<void> | void;
  /** Is told of a batch once its acknowledgement is safe. */
  acknowledged(batch: readonly Delivered[]): void;
}

/** How long one blocking read waits before it asks again. */
const BLOCK_MS = 5000;

/**
 * Consumes until `signal` aborts: first what this consumer took earlier and never acknowledged,
 * then what nobody has been given yet.
 *
 * A batch whose work is under way when `signal` aborts is not acknowledged: it stays in the
 * pending entries list under this consumer's name, as after a crash.
 */
export async function consume(
  db: Eddyline,
  consumer: Consumer,
  signal: AbortSignal,
): Promise<void> {
  let position = "0";
  while (!signal.aborted) {
    const batch = await take(db, consumer, position, signal);
    if (batch.length === 0) {
      position = ">";
      continue;
    }
    await consumer.work(batch.filter((entry) => entry.deleted !== true));
    if (signal.aborted) return;
    await acknowledge(db, consumer, batch);
  }
}

/**
 * Makes what the consumer `from` left pending the entries of `to`, who does the work and
 * acknowledges it. Returns how many there were.
 */
export async function takeOver(db: Eddyline, from: string, to: Consumer): Promise<number> {
  const { stream, group, name, count } = to;
  let taken = 0;
  for (;;) {
    const options = { consumer: from };
    const pending = await db.xPendingRange(stream, group, "-", "+", count, options);
    if (pending.length === 0) return taken;
    const ids = pending.map(({ id }) => id);
    // No least idle time: the caller knows that `from` has stopped. Where nobody knows, entries are
    // taken from whoever has had them for longer than the work may last.
    const claimed = await db.xClaim(stream, group, name, 0, ids);
    const batch = claimed.filter((entry) => entry !== null);
    await to.work(batch);
    await acknowledge(db, to, batch);
    taken += batch.length;
  }
}

async function take(
  db: Eddyline,
  consumer: Consumer,
  position: string,
  signal: AbortSignal,
): Promise<Delivered[]> {
  const { stream, group, name, count } = consumer;
  const source = { key: stream, id: position };
  try {
    const reply = await db.xReadGroup(group, name, source, {
      COUNT: count,
      BLOCK: BLOCK_MS,
      signal,
    });
    return reply?.[0]?.messages ?? [];
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
}

async function acknowledge(
  db: Eddyline,
  consumer: Consumer,
  batch: readonly Delivered[],
): Promise<void> {
  if (batch.length === 0) return;
  await db.xAck(
    consumer.stream,
    consumer.group,
    batch.map((entry) => entry.id),
  );
  consumer.acknowledged(batch.filter((entry) => entry.deleted !== true));
}
