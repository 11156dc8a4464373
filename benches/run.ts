/**
 * `npm run bench`: our client and our server beside others, in one run.
 * `npm run bench -- servers --rounds 5` runs a part of it: `clients`, `durable`, `servers`,
 * `memory`, `opening`, `edge`, `load`, `sizes`. `--max 1000000` bounds the streams that are opened.
 *
 * `clients` runs in Chromium too, and beside an engine that does nothing: what encoding and decoding
 * cost, and so the limit.
 *
 * Every round measures each client once, in changing order; what is printed are medians over the
 * rounds, and the median of the rounds' ratios. Results are checked before their time counts.
 */

import { existsSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { measureClients, measureClientsInPage } from "./clients.ts";
import { measureDurable } from "./durable.ts";
import { measureEdge } from "./edge.ts";
import { measureLoad } from "./load.ts";
import type { Effort } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { measureOpening } from "./opening.ts";
import { startRedisServer } from "./redis-server.ts";
import { measureServers } from "./servers.ts";
import { wasmSizes } from "./sizes.ts";

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
const CHROMIUM = process.env["EDDYLINE_CHROMIUM"] ?? "/usr/bin/chromium";

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
  if (wants("clients")) {
    await measureClients(port, effort);
    if (existsSync(CHROMIUM)) await measureClientsInPage(effort);
    else console.log("no Chromium: nothing is measured in a page\n");
  }
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
