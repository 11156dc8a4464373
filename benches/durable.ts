/** Appends that are kept: in a folder beside a redis-server with the same fsync policy. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "eddyline/server";
import type { BenchClient, BenchEngine } from "./client.ts";
import { openEddyline, openNodeRedis, versionOf } from "./engines.ts";
import { type Effort, measureAll, report } from "./measure.ts";
import { startRedisServer } from "./redis-server.ts";
import { appends } from "./workloads.ts";

/** Prints appends a second for each policy, one by one and a hundred at a time. */
export async function measureDurable(effort: Effort): Promise<void> {
  for (const policy of ["always", "everysec"] as const) {
    const root = mkdtempSync(join(tmpdir(), "eddyline-bench-"));
    const redis = await startRedisServer({ appendfsync: policy });
    const storage = { dir: join(root, "served"), appendfsync: policy };
    const server = await createServer({ port: 0, ...storage }).listen();
    try {
      await measurePolicy(policy, contestants(root, policy, server.port, redis?.port), effort);
    } finally {
      await server.close();
      await redis?.stop();
      rmSync(root, { recursive: true });
    }
  }
}

async function measurePolicy(
  policy: string,
  engines: readonly BenchEngine[],
  effort: Effort,
): Promise<void> {
  const clients = new Map<BenchEngine, BenchClient>();
  for (const engine of engines) clients.set(engine, await engine.open(0));
  for (const workload of [appends(1), appends(100)]) {
    const rates = await measureAll(workload, engines, clients, effort);
    report(`${workload.name}, kept with appendfsync ${policy}`, workload, engines, rates);
  }
  for (const client of clients.values()) await client.close();
}

function contestants(
  root: string,
  appendfsync: "always" | "everysec",
  served: number,
  redis: number | undefined,
): BenchEngine[] {
  const [hasGroups, eddyline, nodeRedis] = [true, versionOf("eddyline"), versionOf("redis")];
  const overSocket = (where: string, port: number): BenchEngine => ({
    ...{ name: "node-redis", version: nodeRedis, where, hasGroups, isReal: true },
    open: () => openNodeRedis(port),
  });
  const own: BenchEngine = {
    ...{ name: "eddyline", version: eddyline, where: "in process, file:", hasGroups, isReal: true },
    open: () => openEddyline(`file:${join(root, "own")}`, { appendfsync }),
  };
  const others = redis === undefined ? [] : [overSocket("redis-server, appendonly", redis)];
  return [own, overSocket("eddyline serve --dir", served), ...others];
}
