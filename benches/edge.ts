/**
 * The Worker in raw workerd, beside the least that a Durable Object can do: one SQL insert a
 * request. Both run on the same machine in the same run, one round of each after the other.
 *
 * The load comes from this process, over connections that each send a request when the last one is
 * answered; so it takes from the same processors as what it measures, and ratios count.
 */

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Counts } from "../tests/workerd/counts.ts";
import { Workerd } from "../tests/workerd/workerd.ts";
import { CONNECTIONS, openDoor, type Post } from "./door.ts";
import { measureFanOut } from "./fan-out.ts";
import { type Effort, median, progress } from "./measure.ts";
import { orderEvent } from "./orders.ts";

const KEY = "bench";
const GROUP = "group";
const PIPELINE = 100;
/** Entries of a request that fills a stream. */
const FILLING = 1000;
/** The part of the time that the first round takes, which is not counted. */
const WARM_UP = 0.2;
const ROWS_TIMES = 600;
const MILLION = 1_000_000;
const COLD_STARTS = 7;
/** For a process that has just started to have done so. */
const SETTLE_MS = 100;

/** What each connection does again and again. */
interface Load {
  readonly name: string;
  /** Requests of one time. */
  readonly requests: number;
  /** Entries of one time. */
  readonly entries: number;
  /** Runs it once; `who` numbers the connection. */
  run(post: Post, who: number): Promise<void>;
  /** Before each measurement. */
  prepare?(post: Post, seconds: number): Promise<void>;
}

const fields = ["orderId", "ORD-1000001", "totalAmount", "483.27", "region", "eu-west-1"];
const add = ["XADD", KEY, "*", ...fields];
const pipeline = Array.from({ length: PIPELINE }, () => add);

async function addOne(post: Post): Promise<void> {
  assert.match(String(await post("/", add)), /^\d+-\d+$/);
}

async function addMany(post: Post): Promise<void> {
  const replies = (await post("/pipeline", pipeline)) as { result: string }[];
  assert.equal(replies.length, PIPELINE);
  assert.match(replies[PIPELINE - 1]?.result ?? "", /^\d+-\d+$/);
}

async function readAndAck(post: Post, who: number): Promise<void> {
  const argv = ["XREADGROUP", "GROUP", GROUP, `consumer-${who}`, "COUNT", "10"];
  const reads = await post("/", [...argv, "STREAMS", KEY, ">"]);
  const ids = (reads as [string, [string, string[]][]][])[0]?.[1].map(([id]) => id) ?? [];
  assert.equal(ids.length, 10);
  assert.equal(await post("/", ["XACK", KEY, GROUP, ...ids]), 10);
}

/** Enough entries to be read for so long. */
async function fillForReading(post: Post, seconds: number): Promise<void> {
  await post("/", ["XGROUP", "CREATE", KEY, GROUP, "$", "MKSTREAM"]).catch(() => {});
  for (let n = 0; n < seconds * 25; n++) await post("/pipeline", Array(FILLING).fill(add));
}

const single: Load = { name: "XADD", requests: 1, entries: 1, run: addOne };
const loads: readonly Load[] = [
  single,
  { name: `XADD, ${PIPELINE} in a pipeline`, requests: 1, entries: PIPELINE, run: addMany },
  {
    name: "XREADGROUP COUNT 10, then XACK",
    requests: 2,
    entries: 10,
    run: readAndAck,
    prepare: fillForReading,
  },
];
const insert: Load = {
  name: "one SQL insert",
  requests: 1,
  entries: 1,
  run: async (post) => assert.ok(Number(await post("/", add)) > 0),
};

/** What one measurement gave. */
interface Measured {
  readonly requests: number;
  readonly entries: number;
  readonly p50: number;
  readonly p99: number;
}

/** Measures and prints. */
export async function measureEdge({ rounds, leastMs }: Effort): Promise<void> {
  await using ours = await Workerd.start();
  await using minimal = await Workerd.start({ entry: "benches/minimal-object.ts" });
  const runs = [
    { server: minimal, load: insert },
    ...loads.map((load) => ({ server: ours, load })),
  ];
  const measured = new Map<Load, Measured[]>(runs.map(({ load }) => [load, []]));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const { server, load } of round % 2 === 0 ? runs : runs.toReversed()) {
      progress(`${load.name}: round ${round} of ${rounds}`);
      const one = await measure(server, load, round === 0 ? leastMs * WARM_UP : leastMs);
      if (round > 0) measured.get(load)?.push(one);
    }
  }
  progress("");
  report(measured);
  await measureFanOut(ours, minimal);
  await reportRows();
  await reportColdStart();
}

async function measure(server: Workerd, load: Load, leastMs: number): Promise<Measured> {
  await using door = openDoor(server);
  const { post } = door;
  await load.prepare?.(post, leastMs / 1000);
  const times: number[] = [];
  const start = performance.now();
  const end = start + leastMs;
  const connection = async (_: unknown, who: number): Promise<void> => {
    for (let before = performance.now(); before < end; ) {
      await load.run(post, who);
      const now = performance.now();
      times.push(now - before);
      before = now;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor((times.length - 1) * part)] ?? Number.NaN;
  const each = (count: number) => (times.length * count) / seconds;
  return {
    requests: each(load.requests),
    entries: each(load.entries),
    p50: at(0.5),
    p99: at(0.99),
  };
}

function report(measured: ReadonlyMap<Load, readonly Measured[]>): void {
  const least = measured.get(insert) ?? [];
  const rows = [...measured].map(([load, rounds]) => {
    const of = (part: keyof Measured) => median(rounds.map((one) => one[part]));
    const ratio = (part: "requests" | "entries") =>
      median(rounds.map((one, round) => one[part] / (least[round]?.[part] ?? Number.NaN)));
    const row = {
      "requests/s": Math.round(of("requests")).toLocaleString("en"),
      "of the insert's": ratio("requests").toFixed(2),
      "entries/s": Math.round(of("entries")).toLocaleString("en"),
      "of the insert's entries": ratio("entries").toFixed(1),
      "p50, ms": of("p50").toFixed(1),
      "p99, ms": of("p99").toFixed(1),
    };
    return [load.name, row] as const;
  });
  console.log(`workerd, ${CONNECTIONS} connections`);
  console.table(Object.fromEntries(rows));
}

/** What is billed: rows written by each operation, checkpoints included. */
async function reportRows(): Promise<void> {
  await using server = await Workerd.start({ entry: "tests/workerd/fixtures/counting.ts" });
  await using door = openDoor(server);
  const { pool, post } = door;
  const counts = async (): Promise<Counts> => {
    const { body } = await pool.request({ path: `/counts/${KEY}`, method: "GET" });
    return (await body.json()) as Counts;
  };
  const rows: Record<string, Record<string, string>> = {};
  await fillForReading(post, ROWS_TIMES / FILLING);
  for (const load of loads) {
    await counts();
    for (let time = 0; time < ROWS_TIMES; time++) {
      progress(`${load.name}: ${time} of ${ROWS_TIMES}`);
      await load.run(post, 0);
    }
    const { rowsWritten, rowsRead, statements } = await counts();
    const each = (count: number) => (count / ROWS_TIMES / load.requests).toFixed(2);
    const row = { written: each(rowsWritten), read: each(rowsRead), statements: each(statements) };
    rows[load.name] = row;
  }
  progress("");
  console.log(`rows of each request, ${ROWS_TIMES} times, checkpoints included`);
  console.table(rows);
}

/** From the first request after a start of the process to its reply. */
async function reportColdStart(): Promise<void> {
  const rows: Record<string, string> = {};
  for (const length of [0, MILLION]) {
    await using server = await Workerd.start();
    {
      await using door = openDoor(server);
      await fillObject(door.post, length);
    }
    for (const [name, argv] of [
      ["XLEN", ["XLEN", KEY]],
      ["XADD", add],
      ["XRANGE - + COUNT 10", ["XRANGE", KEY, "-", "+", "COUNT", "10"]],
    ] as const) {
      const times: number[] = [];
      for (let round = 0; round < COLD_STARTS; round++) {
        await server.kill();
        await server.restart();
        times.push(await timeFirst(server, argv));
      }
      rows[`${name}, ${length.toLocaleString("en")} entries`] = median(times).toFixed(1);
    }
  }
  await using minimal = await Workerd.start({ entry: "benches/minimal-object.ts" });
  const times: number[] = [];
  for (let round = 0; round < COLD_STARTS; round++) {
    await minimal.kill();
    await minimal.restart();
    times.push(await timeFirst(minimal, add));
  }
  rows["one SQL insert, an object of its own"] = median(times).toFixed(1);
  console.log("an object that sleeps: from the first request to its reply, ms");
  console.table(rows);
}

async function fillObject(post: Post, length: number): Promise<void> {
  await post("/", add);
  for (let n = 0; n < length; n += FILLING) {
    progress(`filling an object: ${Math.round((n / length) * 100)} %`);
    const events = Array.from({ length: FILLING }, (_, at) => {
      const { fields } = orderEvent(n + at);
      return ["XADD", KEY, "*", ...Object.entries(fields).flat()];
    });
    await post("/pipeline", events);
  }
  progress("");
}

async function timeFirst(server: Workerd, argv: readonly string[]): Promise<number> {
  await using door = openDoor(server);
  // The connection is there, and the Worker itself has been used.
  await door.pool.request({ path: "/", method: "OPTIONS" });
  await sleep(SETTLE_MS);
  const start = performance.now();
  await door.post("/", argv);
  return performance.now() - start;
}
