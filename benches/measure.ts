/** Measures engines beside each other, in rounds, and prints what came out. In pages too. */

import type { BenchClient, BenchEngine } from "./client.ts";
import type { Workload } from "./workloads.ts";

/** How long it is measured. */
export interface Effort {
  readonly rounds: number;
  /** Least time of one measurement. */
  readonly leastMs: number;
}

/** Rates of each engine, one per round. */
export async function measureAll(
  workload: Workload,
  able: readonly BenchEngine[],
  clients: ReadonlyMap<BenchEngine, BenchClient>,
  { rounds, leastMs }: Effort,
): Promise<Map<BenchEngine, number[]>> {
  const rates = new Map<BenchEngine, number[]>(able.map((engine) => [engine, []]));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? able : able.toReversed();
    for (const engine of order) {
      progress(`${workload.name}: round ${round} of ${rounds}, ${engine.name}`);
      const client = clients.get(engine) as BenchClient;
      const rate = await measure(workload, client, leastMs, engine.isReal);
      if (round > 0) rates.get(engine)?.push(rate);
    }
  }
  progress("");
  return rates;
}

async function measure(
  workload: Workload,
  client: BenchClient,
  leastMs: number,
  isReal: boolean,
): Promise<number> {
  let ms = 0;
  let chunks = 0;
  for (; ms < leastMs; chunks++) {
    const key = `bench-${chunks}`;
    await workload.prepare(client, key);
    const start = performance.now();
    await workload.run(client, key);
    ms += performance.now() - start;
    if (isReal) await workload.check(client, key);
    await client.delete(key);
  }
  return (chunks * workload.perChunk) / (ms / 1000);
}

/** Prints medians, and the medians of the rounds' ratios to the first engine. */
export function report(
  title: string,
  { unit }: Workload,
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
      [unit]: Math.round(median(own)).toLocaleString("en"),
      "eddyline is": others.includes(engine) ? `${ratio.toPrecision(3)} × as fast` : "",
    };
  });
  console.log(title);
  console.table(rows);
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** Shows a person what goes on; a pipe sees nothing of it, and a page has none. */
export function progress(text: string): void {
  const terminal = globalThis.process?.stderr;
  if (terminal?.isTTY) terminal.write(`\r\x1b[K${text}`);
}
