/** Who is measured in Node: each client used as its own documentation has it, through one interface. */

import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { Eddyline, type OpenOptions } from "eddyline";
import { Redis } from "ioredis";
import RedisMock from "ioredis-mock";
import { createClient } from "redis";
import type { BenchClient, BenchEngine, BenchEntry, Fields } from "./client.ts";
import { fromEddyline, fromPglite } from "./embedded.ts";
import { openIdle } from "./idle-engine.ts";

const GROUP = "group";
const CONSUMER = "consumer";

/** The version of an installed package. */
export function versionOf(name: string): string {
  // Not by `require`: some packages do not export it.
  const path = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

const real = { hasGroups: true, isReal: true } as const;

/** Everybody who is measured; the first is compared with the others. */
export const engines: readonly BenchEngine[] = [
  {
    ...{ name: "eddyline", version: versionOf("eddyline"), where: "in process", ...real },
    open: () => openEddyline("memory://"),
  },
  {
    ...{ name: "eddyline", version: versionOf("eddyline"), where: "none: the limit", ...real },
    isReal: false,
    open: async () => fromEddyline(openIdle() as unknown as Eddyline),
  },
  {
    ...{ name: "node-redis", version: versionOf("redis"), where: "redis-server", ...real },
    open: openNodeRedis,
  },
  {
    ...{ name: "ioredis", version: versionOf("ioredis"), where: "redis-server", ...real },
    open: async (port) => fromIoredis(new Redis({ port, lazyConnect: true })),
  },
  {
    ...{ name: "ioredis-mock", version: versionOf("ioredis-mock"), where: "in process", ...real },
    hasGroups: false,
    open: async () => fromIoredis(new RedisMock() as unknown as Redis),
  },
  {
    ...{ name: "PGlite", version: versionOf("@electric-sql/pglite"), where: "in process", ...real },
    hasGroups: false,
    open: async () => fromPglite(await PGlite.create()),
  },
];

/** Our client, in this process. */
export async function openEddyline(where: string, options?: OpenOptions): Promise<BenchClient> {
  return fromEddyline(await Eddyline.open(where, options));
}

/** node-redis, to the server at a port of this machine. */
export async function openNodeRedis(port: number): Promise<BenchClient> {
  const client = createClient({ socket: { port } });
  await client.connect();
  return {
    add: (key, fields) => client.xAdd(key, "*", fields),
    // Calls of one tick are a pipeline.
    addMany: (key, rows) => Promise.all(rows.map((fields) => client.xAdd(key, "*", fields))),
    range: async (key) => (await client.xRange(key, "-", "+")) as BenchEntry[],
    length: (key) => client.xLen(key),
    createGroup: async (key) => void (await client.xGroupCreate(key, GROUP, "0")),
    read: async (key, count) => {
      const reads: { messages: { id: string }[] }[] | null = await client.xReadGroup(
        GROUP,
        CONSUMER,
        { key, id: ">" },
        { COUNT: count },
      );
      return (reads ?? []).flatMap(({ messages }) => messages.map(({ id }) => id));
    },
    ack: (key, ids) => client.xAck(key, GROUP, ids),
    pending: async (key) => (await client.xPending(key, GROUP)).pending,
    delete: async (key) => void (await client.del(key)),
    close: async () => client.destroy(),
  };
}

type IoredisReads = [key: string, entries: [id: string, fields: string[]][]][] | null;

function fromIoredis(client: Redis): BenchClient {
  const add = async (key: string, fields: Fields): Promise<string> => {
    const id = await client.xadd(key, "*", ...Object.entries(fields).flat());
    if (id === null) throw new Error("XADD without NOMKSTREAM answers an ID");
    return id;
  };
  return {
    add,
    addMany: async (key, rows) => {
      const pipeline = client.pipeline();
      for (const fields of rows) pipeline.xadd(key, "*", ...Object.entries(fields).flat());
      return ((await pipeline.exec()) ?? []).map(([, id]) => String(id));
    },
    range: async (key) => {
      const entries = await client.xrange(key, "-", "+");
      return entries.map(([id, fields]) => ({ id, message: toObject(fields) }));
    },
    length: (key) => client.xlen(key),
    createGroup: async (key) => void (await client.xgroup("CREATE", key, GROUP, "0")),
    read: async (key, count) => {
      const reads = (await client.xreadgroup(
        ...(["GROUP", GROUP, CONSUMER, "COUNT", count, "STREAMS", key, ">"] as const),
      )) as IoredisReads;
      return (reads ?? []).flatMap(([, entries]) => entries.map(([id]) => id));
    },
    ack: (key, ids) => client.xack(key, GROUP, ...ids),
    pending: async (key) => Number((await client.xpending(key, GROUP))[0]),
    delete: async (key) => void (await client.del(key)),
    close: async () => client.disconnect(),
  };
}

/** Fields and values in turn, as an object. */
function toObject(fields: readonly string[]): Fields {
  const message: Fields = {};
  for (let i = 0; i < fields.length; i += 2) message[fields[i] ?? ""] = fields[i + 1] ?? "";
  return message;
}
