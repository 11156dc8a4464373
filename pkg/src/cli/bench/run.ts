/** The measurement: a stream is filled, read by a group, acknowledged and read as a range. */

import { randomUUID } from "node:crypto";
import process from "node:process";
import type { Argv } from "../../resp.ts";
import { interruption } from "../../transfer/interruption.ts";
import { bar, Progress } from "../../transfer/progress.ts";
import { writeJson } from "../output.ts";
import type { Reply } from "../repl/reply.ts";
import { openPlace } from "../wire/open.ts";
import { BenchClient } from "./client.ts";
import { Latencies, type LatencySummary } from "./latencies.ts";

/** What `eddyline bench` is told. */
export interface BenchRequest {
  readonly address: string;
  readonly token: string | undefined;
  readonly entries: number;
  readonly clients: number;
  readonly pipeline: number;
  readonly bytes: number;
  /** Entries in a read, IDs in an acknowledgement. */
  readonly count: number;
  readonly json: boolean;
}

/** What is measured of one kind of request. */
export interface Measurement extends LatencySummary {
  readonly name: string;
  readonly requests: number;
  readonly entries: number;
  readonly seconds: number;
  readonly entriesPerSecond: number;
}

/** One kind of request. */
interface Task {
  readonly name: string;
  /** How many requests there are. */
  readonly requests: number;
  /** The request of this number, by this client. */
  readonly request: (number: number, client: number) => Argv;
  /** How many entries a reply stands for. */
  readonly entriesOf: (reply: Reply, number: number) => number;
}

/** Measures, and writes what came of it; the exit code. */
export async function runBench(request: BenchRequest): Promise<number> {
  const place = await openPlace(request.address, request.token);
  // What was made is deleted also when it is ended before its time.
  const signal = interruption();
  const progress = new Progress();
  const key = `eddyline-bench-${randomUUID()}`;
  const clients: BenchClient[] = [];
  const measured: Measurement[] = [];
  try {
    while (clients.length < request.clients) clients.push(await BenchClient.connect(place));
    const [first] = clients as [BenchClient, ...BenchClient[]];
    await first.run([["XGROUP", "CREATE", key, "bench", "0", "MKSTREAM"]]);
    try {
      for (const task of tasks(key, request)) {
        const measurement = await measure(task, clients, request.pipeline, { progress, signal });
        measured.push(measurement);
        if (!request.json) progress.clear();
        if (!request.json) process.stdout.write(line(measurement));
      }
    } finally {
      progress.clear();
      await first.run([["DEL", key]]).catch(() => {});
    }
  } finally {
    for (const client of clients) client.close();
    await place.close();
  }
  const { address, entries, clients: connections, pipeline, bytes, count } = request;
  if (request.json)
    writeJson({ address, entries, clients: connections, pipeline, bytes, count, measured });
  return 0;
}

function* tasks(key: string, { entries, bytes, count }: BenchRequest): Generator<Task, void> {
  const value = "x".repeat(bytes);
  const ids: Uint8Array[] = [];
  const pages = Math.ceil(entries / count);
  yield {
    name: "XADD",
    requests: entries,
    request: () => ["XADD", key, "*", "field", value],
    entriesOf: () => 1,
  };
  const consumers = ["XREADGROUP", "GROUP", "bench"];
  const read = ["COUNT", `${count}`, "STREAMS", key, ">"];
  yield {
    name: "XREADGROUP",
    requests: pages,
    request: (_, client) => [...consumers, `consumer-${client}`, ...read],
    entriesOf: (reply) => {
      const read = idsOf(reply);
      for (const id of read) ids.push(id);
      return read.length;
    },
  };
  const page = (number: number) => ids.slice(number * count, (number + 1) * count);
  yield {
    name: "XACK",
    requests: Math.ceil(ids.length / count),
    request: (number) => ["XACK", key, "bench", ...page(number)],
    entriesOf: (reply) => ("text" in reply ? Number(reply.text) : 0),
  };
  yield {
    name: "XRANGE",
    requests: pages,
    request: (number) => ["XRANGE", key, ids[number * count] ?? "-", "+", "COUNT", `${count}`],
    entriesOf: (reply) => ("items" in reply ? reply.items.length : 0),
  };
}

/** The IDs in the reply to a read of one stream. */
function idsOf(reply: Reply): Uint8Array[] {
  if (!("items" in reply)) return [];
  const [stream] = reply.items;
  const messages = stream !== undefined && "items" in stream ? stream.items[1] : undefined;
  if (messages === undefined || !("items" in messages)) return [];
  return messages.items.flatMap((message) => {
    const id = "items" in message ? message.items[0] : undefined;
    return id !== undefined && "text" in id ? [Buffer.from(id.text)] : [];
  });
}

async function measure(
  task: Task,
  clients: readonly BenchClient[],
  pipeline: number,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<Measurement> {
  const latencies = new Latencies();
  let [next, done, entries] = [0, 0, 0];
  const work = async (client: BenchClient, number: number): Promise<void> => {
    while (next < task.requests && !signal.aborted) {
      const first = next;
      next = Math.min(next + pipeline, task.requests);
      const requests = Array.from({ length: next - first }, (_, at) =>
        task.request(first + at, number),
      );
      const sent = performance.now();
      await client.run(requests, (reply) => {
        entries += task.entriesOf(reply, first);
      });
      latencies.add(performance.now() - sent, requests.length);
      done += requests.length;
      progress.show(() => `${bar(done / task.requests)} ${task.name}`);
    }
  };
  const start = performance.now();
  await Promise.all(clients.map(work));
  signal.throwIfAborted();
  const seconds = (performance.now() - start) / 1000;
  return {
    name: task.name,
    requests: task.requests,
    entries,
    seconds: Math.round(seconds * 1000) / 1000,
    entriesPerSecond: Math.round(entries / seconds),
    ...latencies.summary(),
  };
}

function line({ name, requests, entriesPerSecond, ...of }: Measurement): string {
  const rate = entriesPerSecond.toLocaleString("en").padStart(11);
  const times = [of.p50Ms, of.p95Ms, of.p99Ms, of.maxMs].map((ms) => ms.toFixed(3));
  const latency = `p50 ${times[0]} ms, p95 ${times[1]}, p99 ${times[2]}, max ${times[3]}`;
  return `${name.padEnd(10)} ${rate} entries/s  ${requests} requests: ${latency}\n`;
}
