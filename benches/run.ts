/**
 * `npm run bench`: our client beside others, in one process and one run.
 *
 * Every round measures each client once, in changing order; what is printed are medians over the
 * rounds, and the median of the rounds' ratios. Results are checked before their time counts.
 */

import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { measureDurable } from "./durable.ts";
import { type BenchClient, type BenchEngine, engines } from "./engines.ts";
import { type Effort, measureAll, report } from "./measure.ts";
import { startRedisServer } from "./redis-server.ts";
import { measureServers } from "./servers.ts";
import { wasmSizes } from "./sizes.ts";
import { workloads } from "./workloads.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    /** Least time of one measurement. */
    ms: { type: "string", default: "300" },
  },
});
const effort: Effort = { rounds: Number(options.rounds), leastMs: Number(options.ms) };

const server = await startRedisServer();
if (server === undefined) console.log("no redis-server in PATH: only what runs in process\n");
try {
  await main(server?.port, server?.version);
} finally {
  await server?.stop();
}

async function main(port: number | undefined, redisVersion: string | undefined): Promise<void> {
  const present = engines.filter(({ where }) => where === "in process" || port !== undefined);
  const clients = new Map<BenchEngine, BenchClient>();
  for (const engine of present) clients.set(engine, await engine.open(port ?? 0));
  console.log(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
  );
  console.log(
    `medians of ${effort.rounds} rounds${redisVersion && `, redis-server ${redisVersion} on the same machine`}\n`,
  );
  for (const workload of workloads) {
    const able = present.filter(({ hasGroups }) => hasGroups || !workload.needsGroups);
    report(workload.name, workload, able, await measureAll(workload, able, clients, effort));
  }
  for (const client of clients.values()) await client.close();
  await measureDurable(effort);
  await measureServers(effort.rounds);
  console.log("wasm, bytes");
  console.table(wasmSizes());
}
