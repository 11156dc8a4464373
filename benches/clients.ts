/** Our client beside others, without storage: in Node, and in a page of Chromium. */

import { readFile } from "node:fs/promises";
import { provideBundle } from "../tests/browser/bundle.ts";
import { launchBrowser, openPage } from "../tests/browser/chromium.ts";
import { serveFolder } from "../tests/browser/static-server.ts";
import type { BenchClient, BenchEngine } from "./client.ts";
import { engines } from "./engines.ts";
import { type Effort, measureAll, progress, report } from "./measure.ts";
import { workloads } from "./workloads.ts";

/** Prints how they do in Node. `port`: of the local redis-server. */
export async function measureClients(port: number | undefined, effort: Effort): Promise<void> {
  const present = engines.filter(({ where }) => where !== "redis-server" || port !== undefined);
  const clients = new Map<BenchEngine, BenchClient>();
  for (const engine of present) clients.set(engine, await engine.open(port ?? 0));
  for (const workload of workloads) {
    const able = present.filter(({ hasGroups }) => hasGroups || !workload.needsGroups);
    report(workload.name, workload, able, await measureAll(workload, able, clients, effort));
  }
  for (const client of clients.values()) await client.close();
}

/** Those that run in a page, in the order in which `clients-in-page.ts` measures them. */
const IN_PAGE = ["in process", "none: the limit", "PGlite"] as const;

/** Prints how they do in Chromium. */
export async function measureClientsInPage(effort: Effort): Promise<void> {
  const present = IN_PAGE.map((what) => {
    const engine = engines.find(({ name, where }) => name === what || where === what);
    if (engine === undefined) throw new Error(`there is no ${what}`);
    return engine;
  });
  await using server = await serveFolder("pkg/");
  const browser = await launchBrowser();
  try {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(`${server.origin}/nothing-here`);
    const entry = new URL("./clients-in-page.ts", import.meta.url);
    const address = await provideBundle(page, server.origin, entry);
    const pglite = `${server.origin}/pglite/index.js`;
    await page.route("**/pglite/**", async (route) => {
      const name = new URL(route.request().url()).pathname.replace("/pglite/", "");
      const path = new URL(`../node_modules/@electric-sql/pglite/dist/${name}`, import.meta.url);
      await route.fulfill({ body: await readFile(path), contentType: typeOf(name) });
    });
    progress("in Chromium");
    const results = await page.evaluate(
      async ([script, asked, database]) => {
        const { measureInPage } = (await import(script)) as typeof import("./clients-in-page.ts");
        return await measureInPage(asked, database);
      },
      [address, effort, pglite] as const,
    );
    progress("");
    console.log(`in Chromium ${browser.version()}\n`);
    for (const { workload: name, rates } of results) {
      const workload = workloads.find((one) => one.name === name);
      if (workload === undefined) throw new Error(`there is no workload ${name}`);
      const able = present.filter(({ hasGroups }) => hasGroups || !workload.needsGroups);
      report(name, workload, able, new Map(able.map((one, at) => [one, rates[at] ?? []])));
    }
  } finally {
    await browser.close();
  }
}

function typeOf(name: string): string {
  if (name.endsWith(".js")) return "text/javascript";
  return name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
}
