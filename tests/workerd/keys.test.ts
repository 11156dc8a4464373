/** What concerns all keys: SCAN, KEYS, DBSIZE and FLUSHALL, over objects that know of one key each. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { indexName } from "../../pkg/src/worker/shards.ts";
import { textOf } from "../storage/text.ts";
import { SocketClient } from "./socket-client.ts";
import { TOKEN, Workerd } from "./workerd.ts";

let server: Workerd;

const start = async () => {
  server = await Workerd.start({ entry: "tests/workerd/fixtures/sockets.ts" });
};
const stop = () => server[Symbol.asyncDispose]();

/** Walks SCAN to its end. */
async function scan(...options: string[]): Promise<string[]> {
  const found: string[] = [];
  let cursor = "0";
  do {
    const [next, keys] = (await server.result("SCAN", cursor, ...options)) as [string, string[]];
    found.push(...keys);
    cursor = next;
  } while (cursor !== "0");
  return found;
}

const sorted = (names: unknown) => (names as string[]).toSorted();

describe("the keys of all objects", () => {
  beforeEach(start);
  afterEach(stop);

  test("are listed from the reply on to the command that made them", async () => {
    const streams = Array.from({ length: 40 }, (_, at) => `s:${at}`);
    const texts = Array.from({ length: 20 }, (_, at) => `{tag}${at}`);
    await server.pipeline([
      ...streams.map((key) => ["XADD", key, "1-1", "f", "v"]),
      ...texts.map((key) => ["SET", key, "v"]),
    ]);
    const all = [...streams, ...texts].toSorted();
    assert.deepEqual(sorted(await server.result("KEYS", "*")), all);
    assert.equal(await server.result("DBSIZE"), 60);
    assert.deepEqual(sorted(await scan()), all);
    assert.deepEqual(sorted(await scan("COUNT", "1000")), all);
    assert.deepEqual(sorted(await scan("COUNT", "1")), all);
    assert.deepEqual(sorted(await scan("MATCH", "s:1[0-2]")), ["s:10", "s:11", "s:12"]);
    assert.deepEqual(sorted(await scan("TYPE", "string", "COUNT", "7")), texts.toSorted());
    assert.deepEqual(sorted(await server.result("KEYS", "{tag}?")), texts.slice(0, 10));
    using client = await SocketClient.open(server);
    assert.equal(await client.call("DBSIZE"), 60);
  });

  test("are those that there are: renamed, removed, of another type", async () => {
    await server.pipeline([
      ["XADD", "{a}1", "1-1", "f", "v"],
      ["XADD", "{a}2", "1-1", "f", "v"],
      ["SET", "{a}3", "v"],
      ["RENAME", "{a}1", "{a}4"],
      ["DEL", "{a}2"],
      ["DEL", "{a}3"],
      ["RPUSH", "{a}3", "v"],
    ]);
    assert.deepEqual(sorted(await scan()), ["{a}3", "{a}4"]);
    assert.deepEqual(await scan("TYPE", "list"), ["{a}3"]);
    await server.pipeline([["MULTI"], ["SET", "{a}5", "v"], ["DEL", "{a}4"], ["EXEC"]]);
    assert.deepEqual(sorted(await server.result("KEYS", "*")), ["{a}3", "{a}5"]);
  });

  test("of any bytes are told apart", async () => {
    const names = ["é", "%C3%A9", "a\u0000b", "a b", "{}", "x".repeat(300)];
    for (const name of names) await server.result("SET", name, "v");
    assert.deepEqual(sorted(await scan()), names.toSorted());
  });

  test("can all be removed", async () => {
    await server.pipeline([
      ["XADD", "one", "1-1", "f", "v"],
      ["SET", "{t}1", "v"],
      ["SET", "{t}2", "v"],
    ]);
    assert.equal(await server.result("FLUSHALL"), "OK");
    assert.equal(await server.result("DBSIZE"), 0);
    assert.equal(await server.result("EXISTS", "one", "{t}1", "{t}2"), 0);
    assert.equal((await server.run("FLUSHALL", "NOW")).status, 400);
  });

  // The front door asks again in the moment in which it is answered: that must not be lost.
  test("are listed when they were imported, from the export of another", async () => {
    const entries = Array.from({ length: 50 }, (_, at) => [
      "XADD",
      "from",
      `${at + 1}-1`,
      "p",
      textOf(at, 3000),
    ]);
    await server.pipeline(entries);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const file = await fetch(new URL("v1/streams/from/export", server.address), { headers });
    const response = await server.post("v1/streams/to/import", await file.arrayBuffer());
    assert.deepEqual(await response.json(), { result: 1 });
    assert.equal(await server.result("XLEN", "to"), 50);
    assert.deepEqual(sorted(await server.result("KEYS", "*")), ["from", "to"]);
  });

  test("are told to Prometheus, each stream with its groups", async () => {
    await server.result("XADD", "told", "1-1", "f", "v");
    await server.result("XGROUP", "CREATE", "told", "g", "0");
    await server.result("SET", "text", "v");
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(new URL("metrics", server.address), { headers });
    const text = await response.text();
    assert.match(text, /^redis_stream_length\{db="db0",stream="told"\} 1$/m);
    assert.match(text, /^redis_stream_group_lag\{.*group="g".*\} 1$/m);
    assert.match(text, /^eddyline_keys 2$/m);
  });

  test("are refused to be listed in words that make no sense", async () => {
    for (const argv of [["SCAN"], ["SCAN", "x"], ["SCAN", "0", "COUNT", "0"], ["KEYS"]]) {
      assert.equal((await server.run(...argv)).status, 400, argv.join(" "));
    }
  });
});

test("the index's objects cannot be those of keys", async () => {
  await start();
  for (const name of [indexName(0), "%channels"]) {
    await server.result("SET", name, "v");
    assert.equal(await server.result("GET", name), "v");
  }
  assert.deepEqual(sorted(await server.result("KEYS", "*")), ["%channels", "%index/0"]);
  await stop();
});

test("the index is told again, by an alarm, when it could not be reached, and after a kill", async () => {
  await using deaf = await Workerd.start({ entry: "tests/workerd/fixtures/deaf-index.ts" });
  await deaf.result("XADD", "late", "1-1", "f", "v");
  assert.deepEqual(await deaf.result("KEYS", "*"), []);
  await deaf.kill();
  await deaf.restart();
  const deadline = performance.now() + 60_000;
  while (((await deaf.result("KEYS", "*")) as string[])[0] !== "late") {
    assert.ok(performance.now() < deadline, `the index was not told: ${deaf.log}`);
    await sleep(100);
  }
  assert.match(deaf.log, /could not be told/);
});
