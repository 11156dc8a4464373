/**
 * What a million order events take: in memory, at rest, and each pending entry of them, beside
 * Redis.
 *
 * Ours in memory is counted twice: what the engine says, and by how much the wasm memory has grown,
 * which holds everything there is and what its allocator leaves unused. At rest it is the sum of
 * the blobs, and the file that SQLite makes of them. Redis' are the difference of `used_memory`,
 * and the bytes of DUMP.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Redis } from "ioredis";
// The package's source, because the package itself does not show its memory.
import { Eddyline } from "../pkg/src/entry/node.ts";
import { loadWasm } from "../pkg/src/wasm.ts";
import { versionOf } from "./engines.ts";
import { fill, fillServer } from "./fill.ts";
import { type Group, OwnGroup, RedisGroup, readGroup } from "./groups.ts";
import { progress } from "./measure.ts";
import { startRedisServer } from "./redis-server.ts";

const KEY = "orders";

/** Bytes in all; NaN where there is no such number. */
interface Footprint {
  readonly counted: number;
  readonly grown: number;
  readonly rest: number;
  readonly file: number;
}

/** An engine with the same stream before and after all its entries are read by a group. */
interface Measured {
  readonly name: string;
  readonly entries: Footprint;
  readonly pending: Footprint;
}

/** Measures and prints. */
export async function measureMemory(entries: number): Promise<void> {
  const measured = [await measureEddyline(entries)];
  for (const program of ["redis-server", process.env.EDDYLINE_REDIS_8_SERVER]) {
    const redis = program === undefined ? undefined : await measureRedis(program, entries);
    if (redis !== undefined) measured.push(redis);
  }
  progress("");
  console.log(`${entries.toLocaleString("en")} order events, bytes each`);
  print(measured, entries, ({ entries }) => entries);
  console.log("bytes more for each when it is pending");
  print(measured, entries, ({ entries, pending }) => ({
    counted: pending.counted - entries.counted,
    grown: pending.grown - entries.grown,
    rest: pending.rest - entries.rest,
    file: pending.file - entries.file,
  }));
}

function print(
  measured: readonly Measured[],
  entries: number,
  of: (one: Measured) => Footprint,
): void {
  const each = (bytes: number) => Number((bytes / entries).toFixed(1));
  const rows = measured.map((one) => {
    const { counted, grown, rest, file } = of(one);
    const row = {
      "memory, counted": each(counted),
      "memory, grown": each(grown),
      "at rest": each(rest),
      "file at rest": each(file),
    };
    return [one.name, row] as const;
  });
  console.table(Object.fromEntries(rows));
}

async function measureEddyline(entries: number): Promise<Measured> {
  const kept = await measureKept(entries);
  const memory = await measureInMemory(entries);
  return {
    name: `eddyline ${versionOf("eddyline")}`,
    entries: { ...memory.entries, ...kept.entries },
    pending: { ...memory.pending, ...kept.pending },
  };
}

type InMemory = Pick<Footprint, "counted" | "grown">;

/** In a process of its own: what wasm memory has grown to it keeps. */
async function measureInMemory(entries: number): Promise<Record<"entries" | "pending", InMemory>> {
  const argv = [fileURLToPath(import.meta.url), `${entries}`];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stdout);
}

async function printInMemory(entries: number): Promise<void> {
  await using db = await Eddyline.open("memory://");
  const { memory } = await loadWasm();
  const taken = async (): Promise<InMemory> => {
    const counted = usedMemory(await db.sendCommand(["INFO", "memory"]));
    return { counted, grown: memory.buffer.byteLength };
  };
  const [before] = [await taken(), await fill(db, { key: KEY, from: 0, to: entries })];
  const [full] = [await taken(), await readAll(new OwnGroup(db, KEY), entries)];
  const read = await taken();
  const since = ({ counted, grown }: InMemory) => ({
    counted: counted - before.counted,
    grown: grown - before.grown,
  });
  console.log(JSON.stringify({ entries: since(full), pending: since(read) }));
}

type Kept = Pick<Footprint, "rest" | "file">;

async function measureKept(entries: number): Promise<Record<"entries" | "pending", Kept>> {
  const dir = mkdtempSync(join(tmpdir(), "eddyline-bench-"));
  const after = async (work: (db: Eddyline) => Promise<void>): Promise<Kept> => {
    const db = await Eddyline.open(`file:${dir}`, { appendfsync: "no" });
    await work(db);
    await db.close();
    return keptIn(join(dir, "eddyline.sqlite"));
  };
  try {
    return {
      entries: await after((db) => fill(db, { key: KEY, from: 0, to: entries })),
      pending: await after((db) => readAll(new OwnGroup(db, KEY), entries)),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Blobs and batches of the journal, and the file in which they are. */
function keptIn(path: string): Kept {
  const database = new DatabaseSync(path, { readOnly: true });
  const sum = (table: string): number => {
    const row = database.prepare(`SELECT sum(length(bytes)) AS bytes FROM ${table}`).get();
    return Number(row?.bytes);
  };
  const rest = sum("blob");
  database.close();
  return { rest, file: statSync(path).size };
}

async function measureRedis(program: string, entries: number): Promise<Measured | undefined> {
  const server = await startRedisServer({ program });
  if (server === undefined) return undefined;
  const redis = new Redis({ port: server.port });
  const taken = async (): Promise<Footprint> => ({
    counted: usedMemory(await redis.info("memory")),
    grown: Number.NaN,
    rest: (await redis.dumpBuffer(KEY))?.byteLength ?? 0,
    file: Number.NaN,
  });
  try {
    const [before] = [
      await taken(),
      await fillServer(server.port, { key: KEY, from: 0, to: entries }),
    ];
    const [full] = [await taken(), await readAll(new RedisGroup(redis, KEY), entries)];
    const read = await taken();
    const since = (one: Footprint) => ({ ...one, counted: one.counted - before.counted });
    return { name: `redis-server ${server.version}`, entries: since(full), pending: since(read) };
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

/** What `INFO memory` says of the whole engine. */
function usedMemory(info: unknown): number {
  const bytes = /^used_memory:(\d+)/m.exec(String(info))?.[1];
  assert.ok(bytes !== undefined, "INFO tells the memory in use");
  return Number(bytes);
}

/** Reads everything and acknowledges nothing. */
async function readAll(group: Group, entries: number): Promise<void> {
  await group.create();
  await readGroup(group, entries);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await printInMemory(Number(process.argv[2]));
