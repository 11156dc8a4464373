/**
 * `npm run bench`: our client and our server beside others, in one run.
 * `npm run bench -- servers --rounds 5` runs a part of it: `clients`, `durable`, `servers`,
 * `memory`, `opening`, `edge`, `load`, `sizes`. `--max 1000000` bounds the streams that are opened.
 *
 * Every round measures each client once, in changing order; what is printed are medians over the
 * rounds, and the median of the rounds' ratios. Results are checked before their time counts.
 */

import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { measureDurable } from "./durable.ts";
import { measureEdge } from "./edge.ts";
import { type BenchClient, type BenchEngine, engines } from "./engines.ts";
import { measureLoad } from "./load.ts";
import { type Effort, measureAll, report } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { measureOpening } from "./opening.ts";
import { startRedisServer } from "./redis-server.ts";
import { measureServers } from "./servers.ts";
import { wasmSizes } from "./sizes.ts";
import { workloads } from "./workloads.ts";

const PARTS = [
  "clients",
  "durable",
  "servers",
  "memory",
  "opening",
  "edge",
  "load",
  "sizes",
] as const;
const MILLION = 1_000_000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "7" },
    /** Least time of one measurement. */
    ms: { type: "string", default: "300" },
    /** Entries of the longest stream that is opened. */
    max: { type: "string", default: "10000000" },
  },
});
for (const part of positionals) {
  if (!PARTS.some((known) => known === part))
    throw new TypeError(`there is no part ${part}: ${PARTS.join(", ")}`);
}
const wants = (part: (typeof PARTS)[number]): boolean =>
  positionals.length === 0 || positionals.includes(part);
const effort: Effort = { rounds: Number(options.rounds), leastMs: Number(options.ms) };

const server = await startRedisServer();
if (server === undefined) console.log("no redis-server in PATH: only what runs in process\n");
try {
  await main(server?.port, server?.version);
} finally {
  await server?.stop();
}

async function main(port: number | undefined, redisVersion: string | undefined): Promise<void> {
  console.log(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
  );
  console.log(
    `medians of ${effort.rounds} rounds${redisVersion && `, redis-server ${redisVersion} on the same machine`}\n`,
  );
  if (wants("clients")) await measureClients(port);
  if (wants("durable")) await measureDurable(effort);
  if (wants("servers")) await measureServers(effort.rounds);
  if (wants("memory")) await measureMemory(MILLION);
  if (wants("opening")) await measureOpening(Number(options.max), effort.rounds);
  if (wants("edge")) await measureEdge({ ...effort, leastMs: Math.max(effort.leastMs, 2000) });
  if (wants("load")) await measureLoad();
  if (wants("sizes")) {
    console.log("wasm, bytes");
    console.table(wasmSizes());
  }
}

async function measureClients(port: number | undefined): Promise<void> {
  const present = engines.filter(({ where }) => where === "in process" || port !== undefined);
  const clients = new Map<BenchEngine, BenchClient>();
  for (const engine of present) clients.set(engine, await engine.open(port ?? 0));
  for (const workload of workloads) {
    const able = present.filter(({ hasGroups }) => hasGroups || !workload.needsGroups);
    report(workload.name, workload, able, await measureAll(workload, able, clients, effort));
  }
  for (const client of clients.values()) await client.close();
}
