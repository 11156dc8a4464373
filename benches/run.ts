/**
 * `npm run bench`: our client beside others, in one process and one run.
 *
 * Every round measures each client once, in changing order; what is printed are medians over the
 * rounds, and the median of the rounds' ratios. Results are checked before their time counts.
 */

import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { type BenchClient, type BenchEngine, engines } from "./engines.ts";
import { startRedisServer } from "./redis-server.ts";
import { wasmSizes } from "./sizes.ts";
import { type Workload, workloads } from "./workloads.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    /** Least time of one measurement. */
    ms: { type: "string", default: "300" },
  },
});
const rounds = Number(options.rounds);
const leastMs = Number(options.ms);

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
    `medians of ${rounds} rounds${redisVersion && `, redis-server ${redisVersion} on the same machine`}\n`,
  );
  for (const workload of workloads) {
    const able = present.filter(({ hasGroups }) => hasGroups || !workload.needsGroups);
    report(workload, able, await measureAll(workload, able, clients));
  }
  for (const client of clients.values()) await client.close();
  console.log("wasm, bytes");
  console.table(wasmSizes());
}

/** Rates of each engine, one per round. */
async function measureAll(
  workload: Workload,
  able: readonly BenchEngine[],
  clients: ReadonlyMap<BenchEngine, BenchClient>,
): Promise<Map<BenchEngine, number[]>> {
  const rates = new Map<BenchEngine, number[]>(able.map((engine) => [engine, []]));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? able : able.toReversed();
    for (const engine of order) {
      progress(`${workload.name}: round ${round} of ${rounds}, ${engine.name}`);
      const rate = await measure(workload, clients.get(engine) as BenchClient);
      if (round > 0) rates.get(engine)?.push(rate);
    }
  }
  progress("");
  return rates;
}

async function measure(workload: Workload, client: BenchClient): Promise<number> {
  let ms = 0;
  let chunks = 0;
  for (; ms < leastMs; chunks++) {
    const key = `bench-${chunks}`;
    await workload.prepare(client, key);
    const start = performance.now();
    await workload.run(client, key);
    ms += performance.now() - start;
    await workload.check(client, key);
    await client.delete(key);
  }
  return (chunks * workload.perChunk) / (ms / 1000);
}

function report(
  workload: Workload,
  able: readonly BenchEngine[],
  rates: ReadonlyMap<BenchEngine, number[]>,
): void {
  const [ours, ...others] = able;
  const oursRates = (ours && rates.get(ours)) ?? [];
  const rows = able.map((engine) => {
    const own = rates.get(engine) ?? [];
    const ratio = median(own.map((rate, round) => (oursRates[round] as number) / rate));
    return {
      client: `${engine.name} ${engine.version}`,
      engine: engine.where,
      [workload.unit]: Math.round(median(own)).toLocaleString("en"),
      "eddyline is": others.includes(engine) ? `${ratio.toPrecision(3)} × as fast` : "",
    };
  });
  console.log(workload.name);
  console.table(Object.fromEntries(rows.map(({ client, ...row }) => [client, row])));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** Shows a person what goes on; a pipe sees nothing of it. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
