/** What is measured, and what must have come out for the measurement to count. For pages too. */

import type { BenchClient, Fields } from "./client.ts";

/** Entries of one chunk of work, and fields of an entry. */
const ENTRIES = 1000;
const RANGE_ENTRIES = 10_000;
const COUNT = 100;
const FIELDS: Fields = { sensor: "7", celsius: "21.5" };
const ROWS: readonly Fields[] = Array.from({ length: ENTRIES }, () => FIELDS);

/** A piece of work, done in chunks; only `run` is timed. */
export interface Workload {
  name: string;
  /** What is counted. */
  unit: string;
  /** How many of those a chunk has. */
  perChunk: number;
  /** Whether a client without consumer groups can do it. */
  needsGroups: boolean;
  /** Brings about what a chunk starts from. */
  prepare(client: BenchClient, key: string): Promise<void>;
  /** Does a chunk of work. */
  run(client: BenchClient, key: string): Promise<void>;
  /** Looks at what came of it. */
  check(client: BenchClient, key: string): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

function expect(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} where ${String(expected)} should be`);
}

async function isFull(client: BenchClient, key: string): Promise<void> {
  expect(await client.length(key), ENTRIES);
}

/** Appends, `atOnce` of them under way at a time. */
export function appends(atOnce: number): Workload {
  return {
    name: atOnce === 1 ? "xAdd, each awaited" : `xAdd, ${atOnce} at a time`,
    unit: "entries/s",
    perChunk: ENTRIES,
    needsGroups: false,
    prepare: nothing,
    run: async (client, key) => {
      for (let i = 0; i < ENTRIES; i += atOnce)
        await Promise.all(Array.from({ length: atOnce }, () => client.add(key, FIELDS)));
    },
    check: isFull,
  };
}

/** Everything that is measured without storage. */
export const workloads: readonly Workload[] = [
  {
    name: "xAdd, each awaited",
    unit: "entries/s",
    perChunk: ENTRIES,
    needsGroups: false,
    prepare: nothing,
    run: async (client, key) => {
      for (let i = 0; i < ENTRIES; i++) await client.add(key, FIELDS);
    },
    check: isFull,
  },
  appends(ENTRIES),
  {
    name: "append(1000 values), or the like",
    unit: "entries/s",
    perChunk: ENTRIES,
    needsGroups: false,
    prepare: nothing,
    run: async (client, key) => {
      expect((await client.addMany(key, ROWS)).length, ENTRIES);
    },
    check: isFull,
  },
  {
    name: "xReadGroup COUNT 100 + xAck",
    unit: "entries/s",
    perChunk: ENTRIES,
    needsGroups: true,
    prepare: async (client, key) => {
      await client.addMany(key, ROWS);
      await client.createGroup(key);
    },
    run: async (client, key) => {
      for (let read = 0; read < ENTRIES; read += COUNT) {
        const ids = await client.read(key, COUNT);
        expect(ids.length, COUNT);
        expect(await client.ack(key, ids), COUNT);
      }
    },
    check: async (client, key) => {
      await isFull(client, key);
      expect((await client.read(key, COUNT)).length, 0);
      expect(await client.pending(key), 0);
    },
  },
  {
    name: "xRange of 10,000 entries, to objects",
    unit: "entries/s",
    perChunk: RANGE_ENTRIES,
    needsGroups: false,
    prepare: async (client, key) => {
      for (let i = 0; i < RANGE_ENTRIES; i += ENTRIES) await client.addMany(key, ROWS);
    },
    run: async (client, key) => {
      const entries = await client.range(key);
      expect(entries.length, RANGE_ENTRIES);
      // In quotes where a value is kept as what it is, and not as text.
      expect(entries.at(-1)?.message["celsius"]?.includes("21.5"), true);
    },
    check: nothing,
  },
];
