/** What is measured, and what must have come out for the measurement to count. */

import assert from "node:assert/strict";
import type { BenchClient } from "./engines.ts";

/** Entries of one chunk of work, and fields of an entry. */
const ENTRIES = 1000;
const COUNT = 100;
const FIELDS = { sensor: "7", celsius: "21.5" };

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

async function isFull(client: BenchClient, key: string): Promise<void> {
  assert.equal(await client.length(key), ENTRIES);
}

async function addAll(client: BenchClient, key: string): Promise<void> {
  const ids = await Promise.all(Array.from({ length: ENTRIES }, () => client.add(key, FIELDS)));
  assert.equal(new Set(ids).size, ENTRIES);
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
  {
    name: "xAdd, 1000 at a time",
    unit: "entries/s",
    perChunk: ENTRIES,
    needsGroups: false,
    prepare: nothing,
    run: addAll,
    check: isFull,
  },
  {
    name: "xReadGroup COUNT 100 + xAck",
    unit: "entries/s",
    perChunk: ENTRIES,
    needsGroups: true,
    prepare: async (client, key) => {
      await addAll(client, key);
      await client.createGroup(key);
    },
    run: async (client, key) => {
      for (let read = 0; read < ENTRIES; read += COUNT) {
        const ids = await client.read(key, COUNT);
        assert.equal(ids.length, COUNT);
        assert.equal(await client.ack(key, ids), COUNT);
      }
    },
    check: async (client, key) => {
      await isFull(client, key);
      assert.deepEqual([await client.read(key, COUNT), await client.pending(key)], [[], 0]);
    },
  },
];
