/** Runs in Chromium: the workloads with those who run in a page. Bundled by `clients.ts`. */

import type { PGlite } from "@electric-sql/pglite";
import { Eddyline } from "../pkg/src/entry/node.ts";
import type { BenchClient, BenchEngine } from "./client.ts";
import { fromEddyline, fromPglite } from "./embedded.ts";
import { openIdle } from "./idle-engine.ts";
import { type Effort, measureAll } from "./measure.ts";
import { workloads } from "./workloads.ts";

/** Rates of each engine by workload, in the order of `versions`: eddyline, the limit, PGlite. */
export async function measureInPage(
  effort: Effort,
  pglite: string,
): Promise<{ workload: string; rates: number[][] }[]> {
  const { PGlite: Database } = (await import(pglite)) as { PGlite: typeof PGlite };
  const clients: BenchClient[] = [
    fromEddyline((await Eddyline.open("memory://")) as never),
    fromEddyline(openIdle() as never),
    await fromPglite(await Database.create()),
  ];
  const engines = clients.map((client, at): BenchEngine => {
    const kind = { name: String(at), version: "", where: "page", isReal: at !== 1 };
    return { ...kind, hasGroups: at < 2, open: async () => client };
  });
  const opened = new Map(engines.map((engine, at) => [engine, clients[at] as BenchClient]));
  const results: { workload: string; rates: number[][] }[] = [];
  for (const workload of workloads) {
    const able = engines.filter(({ hasGroups }) => hasGroups || !workload.needsGroups);
    const rates = await measureAll(workload, able, opened, effort);
    results.push({ workload: workload.name, rates: able.map((one) => rates.get(one) ?? []) });
  }
  for (const client of clients) await client.close();
  return results;
}
