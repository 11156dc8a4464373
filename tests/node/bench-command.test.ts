/** `eddyline bench`: what it does is counted; how fast it is, nobody asserts. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { Latencies } from "../../pkg/src/cli/bench/latencies.ts";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { createServer } from "../../pkg/src/server/index.ts";
import { PROGRAM, runProgram } from "./served.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-bench-"));
after(() => rmSync(root, { recursive: true }));

const SETTINGS = ["-n", "950", "-c", "3", "-P", "4", "--count", "20", "-d", "8"];

describe("eddyline bench", () => {
  it("appends, reads, acknowledges and ranges over every entry, and leaves nothing", async () => {
    const folder = join(root, "streams");
    const http = { port: 0 };
    await using server = await createServer({ port: 0, http }).listen();
    for (const address of [[], [folder], [`redis://127.0.0.1:${server.port}/3`]]) {
      const { code, out, err } = await runProgram("bench", ...address, ...SETTINGS, "--json");
      assert.deepEqual([code, err], [0, ""]);
      const { measured, clients, pipeline } = JSON.parse(out);
      assert.deepEqual([clients, pipeline], [3, 4]);
      const counts = measured.map(({ name, requests, entries }: never) => [
        name,
        requests,
        entries,
      ]);
      assert.deepEqual(counts, [
        ["XADD", 950, 950],
        ["XREADGROUP", 48, 950],
        ["XACK", 48, 950],
        ["XRANGE", 48, 950],
      ]);
      for (const { entriesPerSecond, p50Ms, p99Ms, maxMs } of measured)
        assert.ok(entriesPerSecond > 0 && p50Ms <= p99Ms && p99Ms <= maxMs);
    }
    await using db = await Eddyline.open(`file:${folder}`);
    assert.equal(await db.dbSize(), 0);
    assert.match(String(await server.client().info("keyspace")), /^# Keyspace\s*$/);
  });

  it("writes a line for each kind of request", async () => {
    const { code, out } = await runProgram("bench", ...SETTINGS);
    assert.equal(code, 0);
    const kinds = out
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]);
    assert.deepEqual(kinds, ["XADD", "XREADGROUP", "XACK", "XRANGE"]);
    assert.match(out, /^XADD +[\d,]+ entries\/s +950 requests: p50 [\d.]+ ms/);
  });

  it("says what is wrong, a script too", async () => {
    const none = await runProgram("bench", "redis://127.0.0.1:1", "--json");
    assert.equal(none.code, 1);
    assert.equal(JSON.parse(none.out).error.code, "TRANSPORT");
    assert.match(none.err, /cannot be reached/);
    await using server = await createServer({ port: 0, requirepass: "secret" }).listen();
    const address = `redis://127.0.0.1:${server.port}`;
    const refused = await runProgram("bench", address, ...SETTINGS);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /NOAUTH/);
    assert.equal((await runProgram("bench", "-n", "0")).code, 2);
  });

  it("deletes its stream also when it is ended early", async () => {
    await using server = await createServer({ port: 0 }).listen();
    const address = `redis://127.0.0.1:${server.port}`;
    const words = [PROGRAM, "bench", address, "-n", "100000000", "-P", "10"];
    const child = spawn(process.execPath, words, { stdio: "ignore" });
    const client = server.client();
    while ((await client.dbSize()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.equal(await client.dbSize(), 0);
  });

  it("reads percentiles off within one in a hundred", () => {
    const latencies = new Latencies();
    for (let n = 1; n <= 1000; n++) latencies.add(n, 1);
    latencies.add(0, 1);
    const { meanMs, p50Ms, p95Ms, p99Ms, maxMs } = latencies.summary();
    assert.equal(maxMs, 1000);
    assert.ok(Math.abs(meanMs - 500) < 1);
    for (const [ms, known] of [
      [p50Ms, 500],
      [p95Ms, 950],
      [p99Ms, 990],
    ] as const)
      assert.ok(Math.abs(ms / known - 1) <= 0.011, `${ms} for ${known}`);
  });
});
