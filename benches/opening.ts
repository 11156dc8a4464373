/**
 * Opening against the length of the stream: until `open` resolves, and until entries from its
 * middle are there, beside the storage's own opening, which reads the same rows and does nothing
 * with them, and beside a redis-server that loads the same stream.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { Eddyline } from "eddyline";
import { Redis } from "ioredis";
import { fill, fillServer } from "./fill.ts";
import { OwnGroup, RedisGroup, readGroup } from "./groups.ts";
import { median, progress } from "./measure.ts";
import { orderEvent } from "./orders.ts";
import { type RedisOptions, startRedisServer } from "./redis-server.ts";

const KEY = "orders";
const SHORTEST = 1000;
const COUNT = 10;
/** The part of the entries that a group has read and not acknowledged. */
const PENDING = 0.1;
/** Loading takes Redis seconds and is much the same each time. */
const REDIS_ROUNDS = 3;
/** Redis keeps the commands themselves, and no rewrite of them comes in between. */
const LOG_ALONE = ["--aof-use-rdb-preamble", "no", "--auto-aof-rewrite-percentage", "0"];

/** Milliseconds. */
interface Opening {
  readonly storage: number;
  readonly opened: number;
  readonly read: number;
}

/** Measures and prints, for 1000 entries, ten times as many, and so on up to `most`. */
export async function measureOpening(most: number, rounds: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "eddyline-bench-"));
  const rows: Record<string, Record<string, number | string>> = {};
  try {
    mkdirSync(join(root, "redis"));
    for (let length = SHORTEST, from = 0; length <= most; from = length, length *= 10) {
      const [own, redis] = [join(root, "own"), join(root, "redis")];
      await lengthen(own, from, length);
      const openings = await repeat(rounds, () => openFolder(own, length));
      const of = (part: keyof Opening) => median(openings.map((opening) => opening[part]));
      const megabytes = statSync(join(own, "eddyline.sqlite")).size / 1e6;
      rows[length.toLocaleString("en")] = {
        "file, MB": megabytes.toFixed(1),
        "storage alone, ms": of("storage").toFixed(1),
        "opened, ms": of("opened").toFixed(1),
        "entries of the middle read, ms": of("read").toFixed(1),
        ...(await measureRedis(redis, from, length)),
      };
    }
  } finally {
    progress("");
    rmSync(root, { recursive: true });
  }
  console.log("opening a stream, by its entries, a tenth of which are pending");
  console.table(rows);
}

async function repeat<T>(rounds: number, measure: () => Promise<T>): Promise<T[]> {
  // The first one warms up and is not counted.
  await measure();
  const all: T[] = [];
  for (let round = 0; round < rounds; round++) all.push(await measure());
  return all;
}

async function lengthen(dir: string, from: number, to: number): Promise<void> {
  await using db = await Eddyline.open(`file:${dir}`, { appendfsync: "no" });
  await fill(db, { key: KEY, from, to });
  const group = new OwnGroup(db, KEY);
  if (from === 0) await group.create();
  await readGroup(group, (to - from) * PENDING);
}

async function openFolder(dir: string, length: number): Promise<Opening> {
  const begun = performance.now();
  openStorage(join(dir, "eddyline.sqlite"));
  const storage = performance.now() - begun;
  const start = performance.now();
  const db = await Eddyline.open(`file:${dir}`);
  const opened = performance.now() - start;
  const { id } = orderEvent(length / 2);
  const entries = (await db.xRange(KEY, id, "+", { COUNT })) ?? [];
  const read = performance.now() - start;
  assert.deepEqual([entries.length, entries[0]?.id], [COUNT, id]);
  assert.equal(await db.xLen(KEY), length);
  await db.close();
  return { storage, opened, read };
}

/** What opening has SQLite do: the same locks, and the same rows. */
function openStorage(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
  database.exec("BEGIN IMMEDIATE; COMMIT");
  database.prepare("PRAGMA quick_check(journal)").get();
  database.prepare("SELECT * FROM blob WHERE kind < 3").all();
  database.prepare("SELECT * FROM journal").all();
  database.close();
}

async function measureRedis(
  dir: string,
  from: number,
  to: number,
): Promise<Record<string, string>> {
  const appending: RedisOptions = { appendfsync: "no", dir, parameters: LOG_ALONE };
  const keeper = await startRedisServer(appending);
  if (keeper === undefined) return {};
  const socket = connect(keeper.port, "127.0.0.1");
  await untilLoaded(socket, "PING\r\n");
  socket.destroy();
  await fillServer(keeper.port, { key: KEY, from, to });
  const redis = new Redis({ port: keeper.port });
  const group = new RedisGroup(redis, KEY);
  if (from === 0) await group.create();
  await readGroup(group, (to - from) * PENDING);
  await redis.save();
  redis.disconnect();
  await keeper.stop();
  const load = async (options: RedisOptions): Promise<string> => {
    const times = await repeat(REDIS_ROUNDS, () => timeLoading(options, to));
    return median(times).toFixed(1);
  };
  return { "Redis, RDB, ms": await load({ dir }), "Redis, AOF, ms": await load(appending) };
}

/** From the start of the process to the same entries: Redis reads everything before it answers. */
async function timeLoading(options: RedisOptions, length: number): Promise<number> {
  const start = performance.now();
  const server = await startRedisServer(options);
  assert.ok(server !== undefined, "it has run before");
  const socket = connect(server.port, "127.0.0.1");
  try {
    const { id } = orderEvent(length / 2);
    const entries = await untilLoaded(socket, `XRANGE ${KEY} ${id} + COUNT ${COUNT}\r\n`);
    const time = performance.now() - start;
    assert.ok(entries.startsWith(`*${COUNT}\r\n*2\r\n$15\r\n${id}\r\n`), entries);
    return time;
  } finally {
    socket.destroy();
    await server.stop();
  }
}

/** Asks until the server has loaded what it keeps; the reply, as far as its first packet goes. */
async function untilLoaded(socket: Socket, request: string): Promise<string> {
  for (;;) {
    socket.write(request);
    const [reply] = await once(socket, "data");
    if (!String(reply).startsWith("-LOADING")) return String(reply);
    await sleep(2);
  }
}
