/** Who is measured: each client used as its own documentation has it, through one interface. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Eddyline, type OpenOptions } from "eddyline";
import { Redis } from "ioredis";
import RedisMock from "ioredis-mock";
import { createClient } from "redis";

const GROUP = "group";
const CONSUMER = "consumer";

type Fields = Record<string, string>;

/** What the workloads ask of a client. */
export interface BenchClient {
  add(key: string, fields: Fields): Promise<string>;
  length(key: string): Promise<number>;
  createGroup(key: string): Promise<void>;
  /** Reads new entries for the consumer; their IDs. */
  read(key: string, count: number): Promise<string[]>;
  ack(key: string, ids: string[]): Promise<number>;
  pending(key: string): Promise<number>;
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A client, and where its engine runs. */
export interface BenchEngine {
  name: string;
  version: string;
  where: string;
  hasGroups: boolean;
  /** @param port of the local redis-server */
  open(port: number): Promise<BenchClient>;
}

const require = createRequire(import.meta.url);

/** The version of an installed package. */
export function versionOf(name: string): string {
  const path = require.resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

/** Everybody who is measured; the first is compared with the others. */
export const engines: readonly BenchEngine[] = [
  {
    name: "eddyline",
    version: versionOf("eddyline"),
    where: "in process",
    hasGroups: true,
    open: () => openEddyline("memory://"),
  },
  {
    name: "node-redis",
    version: versionOf("redis"),
    where: "redis-server",
    hasGroups: true,
    open: openNodeRedis,
  },
  {
    name: "ioredis",
    version: versionOf("ioredis"),
    where: "redis-server",
    hasGroups: true,
    open: async (port) => fromIoredis(new Redis({ port, lazyConnect: true })),
  },
  {
    name: "ioredis-mock",
    version: versionOf("ioredis-mock"),
    where: "in process",
    hasGroups: false,
    open: async () => fromIoredis(new RedisMock() as unknown as Redis),
  },
];

/** Our client, in this process. */
export async function openEddyline(where: string, options?: OpenOptions): Promise<BenchClient> {
  const db = await Eddyline.open(where, options);
  return {
    add: (key, fields) => db.xAdd(key, "*", fields),
    length: (key) => db.xLen(key),
    createGroup: async (key) => void (await db.xGroupCreate(key, GROUP, "0")),
    read: async (key, count) => {
      const reads = await db.xReadGroup(GROUP, CONSUMER, { key, id: ">" }, { COUNT: count });
      return (reads ?? []).flatMap(({ messages }) => messages.map(({ id }) => id));
    },
    ack: (key, ids) => db.xAck(key, GROUP, ids),
    pending: async (key) => (await db.xPending(key, GROUP)).pending,
    delete: async (key) => void (await db.del(key)),
    close: () => db.close(),
  };
}

/** node-redis, to the server at a port of this machine. */
export async function openNodeRedis(port: number): Promise<BenchClient> {
  const client = createClient({ socket: { port } });
  await client.connect();
  return {
    add: (key, fields) => client.xAdd(key, "*", fields),
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
  return {
    add: async (key, fields) => {
      const id = await client.xadd(key, "*", ...Object.entries(fields).flat());
      if (id === null) throw new Error("XADD without NOMKSTREAM answers an ID");
      return id;
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
