/** The groups of a stream, their consumers and what is pending, looked at again and again. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Eddyline } from "eddyline";
import { problemOf } from "./format.ts";
import { keepLooking } from "./wait.ts";

/** A consumer of a group. */
export interface ConsumerInfo {
  readonly name: string;
  readonly pending: number;
  /** Milliseconds since it last asked for anything. */
  readonly idleMs: number;
}

/** An entry that was delivered and not acknowledged. */
export interface PendingEntry {
  readonly id: string;
  readonly consumer: string;
  /** Milliseconds since it was last delivered. */
  readonly idleMs: number;
  readonly deliveries: number;
}

/** A consumer group. */
export interface GroupInfo {
  readonly name: string;
  readonly pending: number;
  /** Entries not yet delivered to the group; `null` when nobody can tell. */
  readonly lag: number | null;
  readonly lastDeliveredId: string;
  readonly consumers: readonly ConsumerInfo[];
  /** The oldest pending entries, at most {@link PENDING_SHOWN}. */
  readonly oldestPending: readonly PendingEntry[];
}

/** A stream's groups while they are looked at. */
export interface Groups {
  /** `null` until the first look. */
  readonly list: ReadonlySignal<readonly GroupInfo[] | null>;
  readonly problem: ReadonlySignal<string | null>;
}

/** How many pending entries of a group are listed. */
export const PENDING_SHOWN = 50;

const LOOK_MS = 1000;

/** Looks at the groups of the stream `key` until `stop` aborts. */
export function watchGroups(db: Eddyline, key: string, stop: AbortSignal): Groups {
  const list = signal<readonly GroupInfo[] | null>(null);
  const problem = signal<string | null>(null);
  void keepLooking(LOOK_MS, stop, async () => {
    try {
      const groups = await readGroups(db, key);
      if (stop.aborted) return;
      list.value = groups;
      problem.value = null;
    } catch (error) {
      if (!stop.aborted) problem.value = problemOf(error);
    }
  });
  return { list, problem };
}

async function readGroups(db: Eddyline, key: string): Promise<GroupInfo[]> {
  if ((await db.exists(key)) === 0) return [];
  const groups = await db.xInfoGroups(key);
  return Promise.all(
    groups.map(async ({ name, pending, lag, "last-delivered-id": lastDeliveredId }) => ({
      name,
      pending,
      lag,
      lastDeliveredId,
      consumers: await readConsumers(db, key, name),
      oldestPending: pending === 0 ? [] : await readPending(db, key, name),
    })),
  );
}

async function readConsumers(db: Eddyline, key: string, group: string): Promise<ConsumerInfo[]> {
  const consumers = await db.xInfoConsumers(key, group);
  return consumers.map(({ name, pending, idle }) => ({ name, pending, idleMs: idle }));
}

async function readPending(db: Eddyline, key: string, group: string): Promise<PendingEntry[]> {
  const pending = await db.xPendingRange(key, group, "-", "+", PENDING_SHOWN);
  return pending.map((entry) => ({
    id: entry.id,
    consumer: entry.consumer,
    idleMs: entry.millisecondsSinceLastDelivery,
    deliveries: entry.deliveriesCounter,
  }));
}
