/** What streams, their groups and consumers are like at one moment, asked in two pipelines. */

import type { Eddyline, PendingMessage, XInfoConsumer, XInfoGroup } from "eddyline";

/** A pending entry. */
export interface PendingSample {
  readonly id: string;
  readonly consumer: string;
  /** Milliseconds since it was last delivered. */
  readonly idleMs: number;
  readonly deliveries: number;
}

/** A consumer of a group. */
export interface ConsumerSample {
  readonly name: string;
  readonly pending: number;
  /** Milliseconds since it last asked for anything. */
  readonly idleMs: number;
  /** Milliseconds since it was last given something; `null`: never. */
  readonly inactiveMs: number | null;
}

/** A consumer group. */
export interface GroupSample {
  readonly name: string;
  readonly consumers: number;
  readonly pending: number;
  /** Entries not yet delivered to the group; `null` when nobody can tell. */
  readonly lag: number | null;
  readonly lastDeliveredId: string;
  /** Entries ever delivered to the group; `null` when nobody can tell. */
  readonly entriesRead: number | null;
  /** The pending entry that was not delivered for the longest time. */
  readonly oldestPending: PendingSample | null;
  /** Asked only of streams that are watched closely. */
  readonly members: readonly ConsumerSample[] | null;
}

/** A stream. */
export interface StreamSample {
  readonly key: string;
  readonly atMs: number;
  readonly length: number;
  /** Bytes it takes; `null` when the server does not tell. */
  readonly bytes: number | null;
  /** Entries ever added. */
  readonly added: number;
  readonly firstId: string | null;
  readonly lastId: string | null;
  readonly lastGeneratedId: string;
  readonly groups: readonly GroupSample[];
}

/**
 * Samples of streams, by key. A key that is gone, or is no stream any more, has none.
 *
 * @param close keys whose consumers are wanted, too
 */
export async function sampleStreams(
  db: Eddyline,
  keys: readonly string[],
  close: ReadonlySet<string>,
): Promise<Map<string, StreamSample>> {
  const heads = await Promise.all(keys.map((key) => sampleHead(db, key)));
  const found = heads.filter((head) => head !== null);
  const samples = await Promise.all(
    found.map(async ({ head, groups }) => ({
      ...head,
      groups: await Promise.all(
        groups.map((group) => sampleGroup(db, head.key, group, close.has(head.key))),
      ),
    })),
  );
  return new Map(samples.map((sample) => [sample.key, sample]));
}

/**
 * A sample of one stream.
 *
 * @throws Error when there is no such stream
 */
export async function sampleStream(db: Eddyline, key: string): Promise<StreamSample> {
  const sample = (await sampleStreams(db, [key], new Set())).get(key);
  if (sample === undefined) throw new Error("there is no such stream any more");
  return sample;
}

/**
 * A sample of one group, and of its stream.
 *
 * @throws Error when there is no such group
 */
export async function sampleGroupOf(
  db: Eddyline,
  key: string,
  name: string,
): Promise<{ stream: StreamSample; group: GroupSample }> {
  const stream = await sampleStream(db, key);
  const group = stream.groups.find((group) => group.name === name);
  if (group === undefined) throw new Error("there is no such group any more");
  return { stream, group };
}

interface Head {
  readonly head: Omit<StreamSample, "groups">;
  readonly groups: readonly XInfoGroup[];
}

async function sampleHead(db: Eddyline, key: string): Promise<Head | null> {
  const [info, groups, bytes] = await Promise.all([
    orNull(db.xInfoStream(key)),
    orNull(db.xInfoGroups(key)),
    orNull(db.sendCommand(["MEMORY", "USAGE", key, "SAMPLES", "0"])),
  ]);
  if (info === null || groups === null) return null;
  const head = {
    key,
    atMs: Date.now(),
    length: info.length,
    bytes: typeof bytes === "number" ? bytes : null,
    added: info["entries-added"],
    firstId: info["first-entry"]?.id ?? null,
    lastId: info["last-entry"]?.id ?? null,
    lastGeneratedId: info["last-generated-id"],
  };
  return { head, groups };
}

async function sampleGroup(
  db: Eddyline,
  key: string,
  group: XInfoGroup,
  isClose: boolean,
): Promise<GroupSample> {
  const { name, pending } = group;
  const [oldest, members] = await Promise.all([
    pending === 0 ? null : orNull(findOldest(db, key, name, pending)),
    isClose ? orNull(db.xInfoConsumers(key, name)) : null,
  ]);
  return {
    name,
    pending,
    consumers: group.consumers,
    lag: group.lag,
    lastDeliveredId: group["last-delivered-id"],
    entriesRead: group["entries-read"],
    oldestPending: oldest,
    members: members?.map(consumerOf) ?? null,
  };
}

/** Bounds of idle time that are asked in one go. */
const BOUNDS_MS = [60_000, 600_000, 3_600_000, 86_400_000];
/** Entries per answer: those given back come along, whatever the bound. */
const PROBE = 10;
/** How often it is asked for one older than the oldest so far. */
const CHASES = 4;

/**
 * The pending entry with the greatest idle time: entries are listed by ID, and those that were
 * claimed or delivered again are younger than they look. Where many are each older than the ones
 * before it may be one that is nearly as old.
 */
async function findOldest(
  db: Eddyline,
  key: string,
  group: string,
  pending: number,
): Promise<PendingSample | null> {
  const ask = async (IDLE: number): Promise<PendingSample[]> => {
    const options = IDLE === 0 ? {} : { IDLE };
    return (await db.xPendingRange(key, group, "-", "+", PROBE, options)).map(pendingOf);
  };
  const bounds = pending === 1 ? [0] : [0, ...BOUNDS_MS];
  let oldest = older((await Promise.all(bounds.map(ask))).flat());
  for (let chase = 0; chase < CHASES && pending > 1 && oldest !== null; chase++) {
    const next = older(await ask(Math.max(1, oldest.idleMs + 1000)));
    if (next === null || next.idleMs <= oldest.idleMs) break;
    oldest = next;
  }
  return oldest;
}

function older(entries: readonly PendingSample[]): PendingSample | null {
  return entries.reduce<PendingSample | null>(
    (oldest, entry) => (oldest === null || entry.idleMs > oldest.idleMs ? entry : oldest),
    null,
  );
}

/** A pending entry as it was listed. */
export function pendingOf(entry: PendingMessage): PendingSample {
  const { id, consumer, millisecondsSinceLastDelivery, deliveriesCounter } = entry;
  return { id, consumer, idleMs: millisecondsSinceLastDelivery, deliveries: deliveriesCounter };
}

function consumerOf({ name, pending, idle, inactive }: XInfoConsumer): ConsumerSample {
  return { name, pending, idleMs: idle, inactiveMs: inactive < 0 ? null : inactive };
}

/** What a command answers; nothing when it was refused, as for a key that has just gone. */
async function orNull<T>(reply: Promise<T>): Promise<T | null> {
  try {
    return await reply;
  } catch (error) {
    if (await isRefusal(error)) return null;
    throw error;
  }
}

/** Whether the server has refused a command, as opposed to not having answered. */
export async function isRefusal(error: unknown): Promise<boolean> {
  // Whoever has a client has loaded the package.
  const { CommandError } = await import("eddyline");
  return error instanceof CommandError;
}
