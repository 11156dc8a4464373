/** Copies what can be read of a folder to a new file. */

import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StreamClient } from "../client.ts";
import { LocalTransport } from "../local.ts";
import { type Argument, readBytes, readText } from "../resp.ts";
import { DATABASE_FILE, SqliteStorage } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import type { Gap } from "./entries.ts";
import { addressOf, forEachKey, type Gaps } from "./keys.ts";

/** Where in the folder the copy is made. */
const COPY = "repaired";
const PAGE = "500";
/** Who has entries that were pending for nobody. */
const NOBODY = "nobody";

type Client = StreamClient<Uint8Array>;

/** Copies every key; of streams with a gap what lies before and after it. */
export async function copyReadable(readable: Storage, dir: string, gaps: Gaps): Promise<void> {
  rmSync(join(dir, COPY), { recursive: true, force: true });
  const storage = await SqliteStorage.open(`file:${join(dir, COPY)}`, { appendfsync: "no" });
  const transport = await LocalTransport.open(storage, { appendfsync: "no" });
  const copy = new StreamClient(transport, readBytes);
  try {
    let selected = 0;
    await forEachKey(readable, async ({ client, database, key }) => {
      if (database !== selected) await transport.send(["SELECT", `${database}`], readText);
      selected = database;
      const gap = gaps.get(addressOf(database, key));
      if (gap === undefined) await copyKey(client, copy, key);
      else await copyStream(client, copy, key, gap);
    });
  } finally {
    await transport.close();
  }
}

/**
 * Puts the copy in the place of the folder's database, which stays under the name that is returned.
 * Nobody may have either open.
 */
export function replaceDatabase(dir: string): string {
  const damaged = freeName(dir);
  renameSync(join(dir, DATABASE_FILE), join(dir, damaged));
  renameSync(join(dir, COPY, DATABASE_FILE), join(dir, DATABASE_FILE));
  rmSync(join(dir, COPY), { recursive: true });
  return damaged;
}

/** A name for the damaged file; that of an earlier repair is left alone. */
function freeName(dir: string): string {
  for (let number = 1; ; number++) {
    const name = `${DATABASE_FILE}.damaged-${number}`;
    if (!existsSync(join(dir, name))) return name;
  }
}

async function copyKey(from: Client, to: Client, key: Uint8Array): Promise<void> {
  const payload = (await from.sendCommand(["DUMP", key])) as unknown as Uint8Array;
  const ttl = Number(await from.sendCommand(["PTTL", key]));
  await to.sendCommand(["RESTORE", key, `${Math.max(ttl, 0)}`, payload]);
}

/** Builds the stream anew by commands: its entries, its counters, its groups. */
async function copyStream(from: Client, to: Client, key: Uint8Array, gap: Gap): Promise<void> {
  await to.sendCommand(["XGROUP", "CREATE", key, "copy", "0", "MKSTREAM"]);
  await to.sendCommand(["XGROUP", "DESTROY", key, "copy"]);
  if (gap.after !== "-") await copyEntries(from, to, key, "-", gap.after);
  if (gap.before !== "+") await copyEntries(from, to, key, gap.before, "+");
  const info = await fieldsOf(from, ["XINFO", "STREAM", key]);
  const [last, added] = [info("last-generated-id"), info("entries-added")];
  const deleted = info("max-deleted-entry-id");
  await to.sendCommand(["XSETID", key, last, "ENTRIESADDED", added, "MAXDELETEDID", deleted]);
  const groups = (await from.sendCommand(["XINFO", "GROUPS", key])) as unknown as object[];
  for (const group of groups) await copyGroup(from, to, key, group);
}

async function copyEntries(
  from: Client,
  to: Client,
  key: Uint8Array,
  start: string,
  end: string,
): Promise<void> {
  for (let next = start; ; ) {
    const argv = ["XRANGE", key, next, end, "COUNT", PAGE];
    const page = (await from.sendCommand(argv)) as unknown as [Uint8Array, Uint8Array[]][];
    await Promise.all(page.map(([id, fields]) => to.sendCommand(["XADD", key, id, ...fields])));
    const [last] = page.at(-1) ?? [];
    if (last === undefined || page.length < Number(PAGE)) return;
    next = `(${textOf(last)}`;
  }
}

async function copyGroup(from: Client, to: Client, key: Uint8Array, group: object): Promise<void> {
  const field = fieldOf(group);
  const name = field("name");
  const read = (group as Record<string, unknown>)["entries-read"];
  const entriesRead = typeof read === "number" ? ["ENTRIESREAD", `${read}`] : [];
  await to.sendCommand(["XGROUP", "CREATE", key, name, field("last-delivered-id"), ...entriesRead]);
  const consumers = await from.sendCommand(["XINFO", "CONSUMERS", key, name]);
  for (const consumer of consumers as unknown as object[])
    await to.sendCommand(["XGROUP", "CREATECONSUMER", key, name, fieldOf(consumer)("name")]);
  for (let start = "-"; ; ) {
    const argv = ["XPENDING", key, name, start, "+", PAGE];
    const rows = (await from.sendCommand(argv)) as unknown as [
      Uint8Array,
      Uint8Array,
      number,
      number,
    ][];
    // Of entries that are lost nothing is claimed, also with FORCE.
    const claims = rows.map(([id, owner, idle, count]) => {
      const consumer = owner.byteLength > 0 ? owner : NOBODY;
      const how = ["IDLE", `${idle}`, "RETRYCOUNT", `${count}`, "FORCE", "JUSTID"];
      return to.sendCommand(["XCLAIM", key, name, consumer, "0", id, ...how]);
    });
    await Promise.all(claims);
    const [last] = rows.at(-1) ?? [];
    if (last === undefined || rows.length < Number(PAGE)) return;
    start = `(${textOf(last)}`;
  }
}

/** A field of a reply that is a map, as an argument. */
type Field = (name: string) => Argument;

async function fieldsOf(client: Client, argv: readonly Argument[]): Promise<Field> {
  return fieldOf((await client.sendCommand([...argv])) as unknown as object);
}

function fieldOf(map: object): Field {
  return (name) => {
    const value = (map as Record<string, unknown>)[name];
    return value instanceof Uint8Array ? value : String(value);
  };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
