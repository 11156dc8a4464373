/**
 * `GET /metrics`: what Prometheus asks for, named as `redis_exporter` names it, so that dashboards
 * and alerts made for Redis work; what only Eddyline knows begins with `eddyline_`.
 *
 * `?match=orders:*` restricts it to streams whose keys are like that. An ID is reported by its
 * milliseconds. More than `limits.metricStreams` streams are not looked at: where each is an object
 * of its own, looking wakes it.
 */

import * as limits from "../limits.ts";
import { readText } from "../resp.ts";
import { askOnce } from "./ask.ts";
import type { Call } from "./call.ts";
import { Exposition, type Labels } from "./exposition.ts";
import { replyFailure } from "./failure.ts";

/** A reply in which maps are objects, or an error's text. */
type Reply = { value: unknown } | { error: string };
type Fields = Readonly<Record<string, unknown>>;

/** The route. */
export async function showMetrics(call: Call): Promise<Response> {
  const out = new Exposition();
  const [info] = await ask(call, [["INFO", "everything"]]);
  if (info !== undefined && "value" in info) addServer(out, String(info.value));
  const keys = await streamKeys(call);
  out.add("redis_up", "gauge", "Whether the server answers.", 1);
  for (let at = 0; at < keys.length; at += limits.metricBatch)
    await addStreams(out, call, keys.slice(at, at + limits.metricBatch));
  await addObjects(out, call, keys);
  for (const [name, value] of (await call.backend.figures?.()) ?? []) {
    const kind = name.endsWith("_total") ? "counter" : "gauge";
    out.add(`eddyline_${name}`, kind, `${name.replaceAll("_", " ")}.`, value);
  }
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return new Response(out.text(), { headers });
}

/** Runs commands as one session in RESP3. */
async function ask(call: Call, commands: readonly string[][]): Promise<Reply[]> {
  if (commands.length === 0) return [];
  const reader = await askOnce(call, commands);
  return commands.map(() =>
    reader.isError() ? { error: reader.error().message } : { value: reader.value(readText) },
  );
}

async function streamKeys(call: Call): Promise<string[]> {
  const keys: string[] = [];
  const match = call.url.searchParams.get("match") ?? "*";
  let cursor = "0";
  do {
    const scan = ["SCAN", cursor, "MATCH", match, "COUNT", "1000", "TYPE", "stream"];
    const [reply] = await ask(call, [scan]);
    if (reply === undefined || "error" in reply) throw replyFailure(reply?.error ?? "ERR");
    const [next, found] = reply.value as [string, string[]];
    keys.push(...found);
    cursor = next;
  } while (cursor !== "0" && keys.length < limits.metricStreams);
  return keys.slice(0, limits.metricStreams).sort();
}

async function addStreams(out: Exposition, call: Call, keys: readonly string[]): Promise<void> {
  const replies = await ask(
    call,
    keys.flatMap((key) => [
      ["XINFO", "STREAM", key],
      ["XINFO", "GROUPS", key],
    ]),
  );
  const groups: { key: string; group: string }[] = [];
  for (const [at, key] of keys.entries()) {
    const [stream, found] = [replies[at * 2], replies[at * 2 + 1]];
    // A key may have gone, or become something else, since it was found.
    if (stream === undefined || "error" in stream) continue;
    addStream(out, stream.value as Fields, { db: "db0", stream: key });
    for (const group of found !== undefined && "value" in found ? (found.value as Fields[]) : []) {
      const name = String(group.name);
      addGroup(out, group, { db: "db0", stream: key, group: name });
      groups.push({ key, group: name });
    }
  }
  await addConsumers(out, call, groups);
}

/** Of the objects where there are any: several keys may be in one. */
async function addObjects(out: Exposition, call: Call, keys: readonly string[]): Promise<void> {
  const rows = new Map<string, number>();
  for (let at = 0; at < keys.length; at += limits.metricBatch) {
    const batch = keys.slice(at, at + limits.metricBatch);
    const figures = (await call.backend.objectFigures?.(batch)) ?? [];
    for (const { object, rowsWritten } of figures) rows.set(object, rowsWritten);
  }
  const help = "Rows that the object's engine has written since the object was last made.";
  for (const [object, written] of rows)
    out.add("eddyline_object_rows_written_total", "counter", help, written, { object });
}

async function addConsumers(
  out: Exposition,
  call: Call,
  groups: readonly { key: string; group: string }[],
): Promise<void> {
  const replies = await ask(
    call,
    groups.flatMap(({ key, group }) => [
      ["XINFO", "CONSUMERS", key, group],
      ["XPENDING", key, group],
    ]),
  );
  for (const [at, { key, group }] of groups.entries()) {
    const labels = { db: "db0", stream: key, group };
    const [consumers, pending] = [replies[at * 2], replies[at * 2 + 1]];
    if (pending !== undefined && "value" in pending)
      addOldest(out, pending.value as [number, string | null], labels);
    if (consumers === undefined || "error" in consumers) continue;
    for (const consumer of consumers.value as Fields[]) addConsumer(out, consumer, labels);
  }
}

function addStream(out: Exposition, info: Fields, labels: Labels): void {
  const gauge = (name: string, help: string, value: unknown) =>
    out.add(`redis_stream_${name}`, "gauge", help, value, labels);
  gauge("length", "Entries in the stream.", info.length);
  gauge("radix_tree_keys", "Macro nodes of the stream.", info["radix-tree-keys"]);
  gauge("radix_tree_nodes", "Nodes of the tree that Redis would have.", info["radix-tree-nodes"]);
  gauge("last_generated_id", "The latest ID that was given.", msOf(info["last-generated-id"]));
  gauge("groups", "Consumer groups of the stream.", info.groups);
  gauge("max_deleted_entry_id", "The largest deleted ID.", msOf(info["max-deleted-entry-id"]));
  const ends = [info["first-entry"], info["last-entry"]] as ([string, unknown] | null)[];
  const [first, last] = ends.map((entry) => (entry == null ? 0 : msOf(entry[0])));
  gauge("first_entry_id", "The ID of the first entry.", first);
  gauge("last_entry_id", "The ID of the last entry.", last);
  const added = "Entries ever added to the stream.";
  out.add("redis_stream_entries_added_total", "counter", added, info["entries-added"], labels);
  const twice = "XADDs that were recognized as sent before.";
  const name = "eddyline_stream_idempotent_duplicates_total";
  out.add(name, "counter", twice, info["iids-duplicates"], labels);
}

function addGroup(out: Exposition, group: Fields, labels: Labels): void {
  const gauge = (name: string, help: string, value: unknown) =>
    out.add(`redis_stream_group_${name}`, "gauge", help, value, labels);
  gauge("consumers", "Consumers of the group.", group.consumers);
  gauge("messages_pending", "Entries delivered and not acknowledged.", group.pending);
  gauge("last_delivered_id", "The latest delivered ID.", msOf(group["last-delivered-id"]));
  gauge("entries_read", "Entries delivered to the group.", group["entries-read"] ?? undefined);
  gauge("lag", "Entries not yet delivered to the group.", group.lag ?? undefined);
}

function addConsumer(out: Exposition, consumer: Fields, group: Labels): void {
  const labels = { ...group, consumer: String(consumer.name) };
  const gauge = (name: string, help: string, value: unknown) =>
    out.add(`redis_stream_group_consumer_${name}`, "gauge", help, value, labels);
  gauge("messages_pending", "Entries that the consumer has not acknowledged.", consumer.pending);
  gauge("idle_seconds", "Since the consumer last tried.", Number(consumer.idle) / 1000);
}

function addOldest(
  out: Exposition,
  [, oldest]: readonly [number, string | null],
  labels: Labels,
): void {
  const age = oldest === null ? 0 : Math.max(0, Date.now() - msOf(oldest)) / 1000;
  const help = "How old the oldest entry is that was delivered and not acknowledged, by its ID.";
  out.add("eddyline_stream_group_oldest_unacked_age_seconds", "gauge", help, age, labels);
}

/** What INFO says, by its line's name: the metric, its kind and help. */
const OF_SERVER: Readonly<Record<string, readonly [string, "counter" | "gauge", string]>> = {
  uptime_in_seconds: ["uptime_in_seconds", "gauge", "Since the engine began."],
  connected_clients: ["connected_clients", "gauge", "Clients of the network."],
  blocked_clients: ["blocked_clients", "gauge", "Clients that wait in blocking reads."],
  used_memory: ["memory_used_bytes", "gauge", "Bytes of data in memory."],
  maxmemory: ["memory_max_bytes", "gauge", "Bytes beyond which writing is refused; 0: none."],
  expired_keys: ["expired_keys_total", "counter", "Keys whose time came."],
  total_connections_received: ["connections_received_total", "counter", "Sessions ever begun."],
  total_commands_processed: ["commands_processed_total", "counter", "Commands ever run."],
  pubsub_channels: ["pubsub_channels", "gauge", "Channels with subscribers."],
  pubsub_patterns: ["pubsub_patterns", "gauge", "Patterns with subscribers."],
};

function addServer(out: Exposition, info: string): void {
  for (const line of info.split("\r\n")) {
    const [name = "", value = ""] = line.split(/:(.*)/s);
    const known = OF_SERVER[name];
    if (known !== undefined) out.add(`redis_${known[0]}`, known[1], known[2], value);
    addCommand(out, name, value);
    if (/^db\d+$/.test(name))
      out.add("redis_db_keys", "gauge", "Keys of the database.", parts(value).keys, { db: name });
    if (name.startsWith("errorstat_")) {
      const labels = { err: name.slice("errorstat_".length) };
      out.add("redis_errors_total", "counter", "Errors told.", parts(value).count, labels);
    }
  }
}

function addCommand(out: Exposition, name: string, value: string): void {
  if (!name.startsWith("cmdstat_")) return;
  const labels = { cmd: name.slice("cmdstat_".length) };
  const { calls, rejected_calls, failed_calls } = parts(value);
  const counter = (metric: string, help: string, count: unknown) =>
    out.add(`redis_commands_${metric}`, "counter", help, count, labels);
  counter("total", "Calls of the command.", calls);
  counter("rejected_calls_total", "Calls that were not run.", rejected_calls);
  counter("failed_calls_total", "Calls that ended with an error.", failed_calls);
}

/** `calls=1,usec=0` as an object. */
function parts(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(",").map((pair) => pair.split("=")));
}

function msOf(id: unknown): number {
  return Number(String(id).split("-")[0]);
}
