/**
 * Servers under `redis-benchmark`, without and with pipelining, beside redis-server.
 *
 * Each round measures every server once, in changing order; printed are medians over the rounds and
 * the median of the rounds' ratios. Processor time of the server alone is printed as well: the load
 * comes from the same machine, and what else runs there disturbs rates far more than that.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { type Served, startEddyline, startNoOp, startRedis } from "./served.ts";

const KEY = "bench";
const GROUP = "group";
const CLIENTS = 50;
/** redis-benchmark tries for ever to reach a server that is gone. */
const LIMIT_MS = 120_000;
/** Requests of one measurement, by requests in a packet: about as long for each. */
const REQUESTS = { 1: 40_000, 16: 200_000, 64: 400_000 } as const;
type Pipeline = keyof typeof REQUESTS;
const PIPELINES: readonly Pipeline[] = [1, 16, 64];
/** Entries of the stream that is read in pieces of ten. */
const RANGE_ENTRIES = 1024;

/** What redis-benchmark sends, and what comes before and after. */
interface Load {
  readonly name: string;
  readonly argv: readonly string[];
  prepare(client: Redis, port: number, requests: number): Promise<void>;
  /** Looks at what came of it. */
  check(client: Redis, requests: number): Promise<void>;
  /** Whether the server that does nothing can pretend to do it. */
  readonly isConstant: boolean;
}

const add = ["XADD", KEY, "*", "sensor", "7", "celsius", "21.5"];

const loads: readonly Load[] = [
  {
    name: "XADD",
    argv: add,
    prepare: async () => {},
    check: async (client, requests) => assert.equal(await client.xlen(KEY), requests),
    isConstant: true,
  },
  {
    name: "XREADGROUP, an entry each",
    argv: ["XREADGROUP", "GROUP", GROUP, "consumer", "COUNT", "1", "STREAMS", KEY, ">"],
    prepare: async (client, port, requests) => {
      await send(port, 64, requests, add);
      await client.xgroup("CREATE", KEY, GROUP, "0");
    },
    check: async (client, requests) => {
      assert.equal((await client.xpending(KEY, GROUP))[0], requests);
    },
    isConstant: false,
  },
  {
    name: "XRANGE, ten entries each",
    argv: ["XRANGE", KEY, "-", "+", "COUNT", "10"],
    prepare: async (_, port) => {
      await send(port, 64, RANGE_ENTRIES, add);
    },
    check: async (client) => assert.equal(await client.xlen(KEY), RANGE_ENTRIES),
    isConstant: false,
  },
];

/** What one measurement gave. */
interface Measured {
  readonly rate: number;
  /** Processor time of the server, of one request. */
  readonly usedUs: number;
}

/** Measures and prints; without redis-benchmark it says so. */
export async function measureServers(rounds: number): Promise<void> {
  const redis = await startRedis();
  if (redis === undefined) {
    console.log("no redis-server and redis-benchmark in PATH: servers are not measured\n");
    return;
  }
  const servers = [redis, await startEddyline(), await startNoOp()];
  try {
    for (const load of loads) {
      for (const pipeline of PIPELINES) {
        const able = servers.filter(({ isReal }) => isReal || load.isConstant);
        report(load, pipeline, able, await measureAll(load, pipeline, able, rounds));
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function measureAll(
  load: Load,
  pipeline: Pipeline,
  servers: readonly Served[],
  rounds: number,
): Promise<ReadonlyMap<Served, Measured[]>> {
  const all = new Map<Served, Measured[]>(servers.map((server) => [server, []]));
  // The first round warms up and is not counted: Node compiles what is used often.
  for (let round = 0; round <= rounds; round++) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const text = `${load.name} -P ${pipeline}: round ${round} of ${rounds}, ${server.name}`;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
      const take = server.isReal ? measure : time;
      const measured = await take(load, pipeline, server);
      if (round > 0) all.get(server)?.push(measured);
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return all;
}

async function measure(load: Load, pipeline: Pipeline, server: Served): Promise<Measured> {
  const client = new Redis({ port: server.port });
  try {
    await client.del(KEY);
    await load.prepare(client, server.port, REQUESTS[pipeline]);
    const measured = await time(load, pipeline, server);
    await load.check(client, REQUESTS[pipeline]);
    await client.del(KEY);
    return measured;
  } finally {
    client.disconnect();
  }
}

async function time({ argv }: Load, pipeline: Pipeline, server: Served): Promise<Measured> {
  const requests = REQUESTS[pipeline];
  const before = server.usedMs();
  const rate = await send(server.port, pipeline, requests, argv);
  return { rate, usedUs: ((server.usedMs() - before) * 1000) / requests };
}

/** Sends so many requests with redis-benchmark; requests a second. */
async function send(
  port: number,
  pipeline: number,
  requests: number,
  argv: readonly string[],
): Promise<number> {
  const how = ["-p", port, "-n", requests, "-P", pipeline, "-c", CLIENTS, "--csv"].map(String);
  const options = { timeout: LIMIT_MS };
  const { stdout } = await promisify(execFile)("redis-benchmark", [...how, ...argv], options);
  // The last line is "what","rate",…
  const text = stdout.trimEnd().split("\n").at(-1)?.split('","')[1];
  // It says so of what took less than a millisecond.
  const rate = text === "inf" ? Number.POSITIVE_INFINITY : Number(text);
  assert.ok(rate > 0, stdout);
  return rate;
}

function report(
  { name }: Load,
  pipeline: Pipeline,
  servers: readonly Served[],
  measured: ReadonlyMap<Served, readonly Measured[]>,
): void {
  const of = (server: Served) => measured.get(server) ?? [];
  const redis = servers[0] as Served;
  const rows = servers.map((server) => {
    const ratios = of(server).map(({ rate }, round) => rate / (of(redis)[round]?.rate ?? 0));
    return {
      server: server.name,
      "requests/s": Math.round(median(of(server).map(({ rate }) => rate))).toLocaleString("en"),
      "of redis-server's": median(ratios).toFixed(2),
      "processor, µs each": median(of(server).map(({ usedUs }) => usedUs)).toFixed(2),
    };
  });
  console.log(`${name}, -P ${pipeline}`);
  console.table(Object.fromEntries(rows.map(({ server, ...row }) => [server, row])));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}
