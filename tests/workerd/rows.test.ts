/** What operations cost: a Durable Object is billed by the rows that it writes. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as limits from "../../pkg/src/limits.ts";
import { indexName } from "../../pkg/src/worker/shards.ts";
import type { Counts } from "./counts.ts";
import { Workerd } from "./workerd.ts";

/** Times that each operation runs, enough for several checkpoints. */
const TIMES = 600;
/** Entries of an operation on many. */
const MANY = 100;

describe("rows written per operation, checkpoints included", () => {
  let server: Workerd;
  before(async () => {
    server = await Workerd.start({ entry: "tests/workerd/fixtures/counting.ts" });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  async function counts(key: string): Promise<Counts> {
    const response = await fetch(new URL(`counts/${encodeURIComponent(key)}`, server.address));
    return (await response.json()) as Counts;
  }

  /** Runs an operation many times; what one of them costs on average. */
  async function cost(
    key: string,
    times: number,
    run: (time: number) => Promise<unknown>,
  ): Promise<Counts> {
    await counts(key);
    for (let time = 0; time < times; time++) await run(time);
    const { statements, rowsRead, rowsWritten, alarms } = await counts(key);
    return {
      statements: statements / times,
      rowsRead: rowsRead / times,
      rowsWritten: rowsWritten / times,
      alarms: alarms / times,
    };
  }

  const entry = (key: string) => ["XADD", key, "*", "sensor", "a-17", "temperature", "21.5"];
  const entries = (key: string) => server.pipeline(Array.from({ length: MANY }, () => entry(key)));

  function within(context: { diagnostic(text: string): void }, found: Counts, rows: number): void {
    const { statements, rowsRead, rowsWritten } = found;
    const numbers = [rowsWritten, statements, rowsRead].map((number) => number.toFixed(3));
    context.diagnostic(
      `${numbers[0]} rows written, ${numbers[1]} statements, ${numbers[2]} rows read`,
    );
    assert.ok(rowsWritten <= rows, `${rowsWritten} rows written, more than ${rows}`);
    assert.ok(rowsWritten > 0.5, "nothing was written: the counting does not work");
  }

  test("XADD: 2", async (context) => {
    within(context, await cost("one", TIMES, () => server.result(...entry("one"))), 2);
  });

  test("XADD, 100 in a pipeline: 3", async (context) => {
    within(context, await cost("many", TIMES, () => entries("many")), 3);
  });

  test("XREADGROUP and XACK of 100: 2 each", async (context) => {
    const times = TIMES / 4;
    await server.result("XGROUP", "CREATE", "work", "g", "$", "MKSTREAM");
    for (let time = 0; time < times; time++) await entries("work");
    const read: string[][] = [];
    const argv = ["XREADGROUP", "GROUP", "g", "c", "COUNT", MANY, "STREAMS", "work", ">"];
    const reading = await cost("work", times, async () => {
      const [[, found]] = (await server.result(...argv)) as [[string, [string, string[]][]]];
      assert.equal(found.length, MANY);
      read.push(found.map(([id]) => id));
    });
    within(context, reading, 2);
    const acknowledging = await cost("work", times, async (time) => {
      assert.equal(await server.result("XACK", "work", "g", ...read[time]!), MANY);
    });
    within(context, acknowledging, 2);
  });

  test("a key that comes or goes: 2 in its object besides, an alarm at most, and 1 in the index", async (context) => {
    const times = 100;
    const shards = Array.from({ length: limits.indexShards }, (_, shard) => indexName(shard));
    const indexRows = async () => {
      const all = await Promise.all(shards.map(counts));
      return all.reduce((rows, { rowsWritten }) => rows + rowsWritten, 0);
    };
    await indexRows();
    const coming = await cost("k", times, (time) => server.result("SET", `{k}${time}`, "v"));
    const comers = (await indexRows()) / times;
    const changing = await cost("k", times, (time) => server.result("SET", `{k}${time}`, "w"));
    const changed = await indexRows();
    const going = await cost("k", times, (time) => server.result("DEL", `{k}${time}`));
    const goers = (await indexRows()) / times;
    for (const { rowsWritten, alarms } of [coming, going]) {
      context.diagnostic(`${rowsWritten} rows written, ${alarms} alarms set`);
      assert.ok(rowsWritten >= 3 && rowsWritten < 4 && alarms <= 1, `${rowsWritten}, ${alarms}`);
    }
    // A checkpoint in between writes the keys' own blobs.
    assert.ok(changing.rowsWritten < 2, String(changing.rowsWritten));
    // An index object's first key makes its table: two rows.
    assert.ok(comers >= 1 && comers <= 1 + (2 * limits.indexShards) / times, String(comers));
    assert.deepEqual([changed, goers], [0, 1]);
  });
});
