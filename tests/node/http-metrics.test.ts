/** /metrics and /healthz. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createToken } from "../../pkg/src/server/index.ts";
import { HttpHost, TOKEN } from "./http-host.ts";

/** The samples of a text in Prometheus' format, which is tested on the way. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const kinds = new Map<string, string>();
  for (const line of text.trimEnd().split("\n")) {
    const [, kindOf, kind] = /^# TYPE (\S+) (counter|gauge)$/.exec(line) ?? [];
    if (kindOf !== undefined) {
      assert.ok(!kinds.has(kindOf), `${kindOf} is described once`);
      kinds.set(kindOf, kind as string);
    }
    if (line.startsWith("#")) continue;
    const sample = /^([a-z_]+)(\{([a-z]+="(?:[^"\\]|\\.)*",?)+\})? (-?[\d.e+-]+)$/.exec(line);
    assert.ok(sample, line);
    const kindOfSample = kinds.get(sample[1] as string);
    assert.equal(kindOfSample === "counter", sample[1]?.endsWith("_total"), line);
    samples.set((sample[1] as string) + (sample[2] ?? ""), Number(sample[4]));
  }
  return samples;
}

describe("metrics", () => {
  it("are named as redis_exporter names them", async () => {
    await using host = await HttpHost.start();
    for (const id of ["1000-1", "2000-1", "3000-1"]) await host.result("XADD", "s", id, "f", "v");
    await host.result("XGROUP", "CREATE", "s", "g", "0");
    await host.result("XREADGROUP", "GROUP", "g", "c", "COUNT", "2", "STREAMS", "s", ">");
    await host.result("XDEL", "s", "3000-1");
    await host.result("SET", "plain", "v");
    const response = await host.fetch("/metrics");
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const samples = samplesOf(await response.text());
    const [stream, group] = ['{db="db0",stream="s"}', '{db="db0",stream="s",group="g"}'];
    const consumer = '{db="db0",stream="s",group="g",consumer="c"}';
    const expected: Record<string, number> = {
      redis_up: 1,
      [`redis_stream_length${stream}`]: 2,
      [`redis_stream_radix_tree_keys${stream}`]: 1,
      [`redis_stream_radix_tree_nodes${stream}`]: 1,
      [`redis_stream_last_generated_id${stream}`]: 3000,
      [`redis_stream_groups${stream}`]: 1,
      [`redis_stream_max_deleted_entry_id${stream}`]: 3000,
      [`redis_stream_first_entry_id${stream}`]: 1000,
      [`redis_stream_last_entry_id${stream}`]: 2000,
      [`redis_stream_entries_added_total${stream}`]: 3,
      [`redis_stream_group_consumers${group}`]: 1,
      [`redis_stream_group_messages_pending${group}`]: 2,
      [`redis_stream_group_last_delivered_id${group}`]: 2000,
      [`redis_stream_group_entries_read${group}`]: 2,
      [`redis_stream_group_consumer_messages_pending${consumer}`]: 2,
      'redis_db_keys{db="db0"}': 2,
      'redis_commands_total{cmd="xadd"}': 3,
    };
    for (const [name, value] of Object.entries(expected))
      assert.equal(samples.get(name), value, name);
    for (const name of [
      `redis_stream_group_consumer_idle_seconds${consumer}`,
      `eddyline_stream_group_oldest_unacked_age_seconds${group}`,
      "redis_uptime_in_seconds",
      "redis_connected_clients",
      "redis_memory_used_bytes",
      "eddyline_resident_bytes",
    ])
      assert.ok((samples.get(name) ?? -1) >= 0, name);
    const age = samples.get(`eddyline_stream_group_oldest_unacked_age_seconds${group}`) as number;
    assert.ok(Math.abs(age - Date.now() / 1000) < 100, "the oldest is of the year 1970");
  });

  it("escape what keys have in them, and are those of the keys that are wanted", async () => {
    await using host = await HttpHost.start();
    const key = 'a "quoted"\nkey\\';
    for (const name of [key, "b:1"]) await host.result("XADD", name, "1-1", "f", "v");
    const all = samplesOf(await (await host.fetch("/metrics")).text());
    assert.equal(
      all.get(String.raw`redis_stream_length{db="db0",stream="a \"quoted\"\nkey\\"}`),
      1,
    );
    const some = samplesOf(await (await host.fetch("/metrics?match=b:*")).text());
    const streams = [...some.keys()].filter((name) => name.startsWith("redis_stream_length"));
    assert.deepEqual(streams, ['redis_stream_length{db="db0",stream="b:1"}']);
  });

  it("are for those who may read everything", async () => {
    await using host = await HttpHost.start();
    assert.equal((await fetch(`${host.address}/metrics`)).status, 401);
    const may = async (options: Parameters<typeof createToken>[1]) => {
      const headers = { authorization: `Bearer ${await createToken(TOKEN, options)}` };
      return (await fetch(`${host.address}/metrics`, { headers })).status;
    };
    assert.equal(await may({ readOnly: true }), 200);
    assert.equal(await may({ prefixes: ["a:"] }), 403);
  });

  it("are what the dashboard asks for", async () => {
    const file = new URL("../../docs/grafana-dashboard.json", import.meta.url);
    const text = readFileSync(file, "utf8");
    const wanted = new Set(text.match(/\b(redis|eddyline)_[a-z_]+/g));
    await using host = await HttpHost.start();
    await host.result("XADD", "s", "*", "f", "v");
    await host.result("XGROUP", "CREATE", "s", "g", "0");
    await host.result("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
    await host.json("/", ["XADD", "s", "1-1", "f", "v"]);
    const samples = samplesOf(await (await host.fetch("/metrics")).text());
    const given = new Set([...samples.keys()].map((name) => name.replace(/\{.*/s, "")));
    assert.deepEqual(
      [...wanted].filter((name) => !given.has(name)),
      [],
    );
    assert.ok(wanted.size > 10);
  });
});

describe("health", () => {
  it("is told to anybody", async () => {
    await using host = await HttpHost.start();
    const response = await fetch(`${host.address}/healthz`);
    assert.deepEqual([response.status, await response.text()], [200, "ok\n"]);
    assert.equal((await fetch(`${host.address}/healthz`, { method: "HEAD" })).status, 200);
  });
});
