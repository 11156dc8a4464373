/** Those who need no server, in Node and in a page alike: our client, and PGlite with a table of entries. */

import type { PGlite } from "@electric-sql/pglite";
import type { Eddyline } from "eddyline";
import type { BenchClient, BenchEntry, Fields } from "./client.ts";

const GROUP = "group";
const CONSUMER = "consumer";

/** Our client. */
export function fromEddyline(db: Eddyline): BenchClient {
  return {
    add: (key, fields) => db.xAdd(key, "*", fields),
    addMany: (key, rows) => db.stream<Fields>(key).append(rows),
    range: (key) => db.xRange(key, "-", "+"),
    length: (key) => db.xLen(key),
    createGroup: async (key) => void (await db.xGroupCreate(key, GROUP, "0")),
    read: async (key, count) => {
      const reads = await db.xReadGroup(GROUP, CONSUMER, { key, id: ">" }, { COUNT: count });
      return (reads ?? []).flatMap(({ messages }) => messages.map(({ id }) => id));
    },
    ack: (key, ids) => db.xAck(key, GROUP, ids),
    pending: async (key) => (await db.xPending(key, GROUP)).pending,
    delete: async (key) => void (await db.del(key)),
    close: () => db.close(),
  };
}

const TABLE = `CREATE TABLE entries (
  id bigserial PRIMARY KEY, stream text NOT NULL, sensor text NOT NULL, celsius text NOT NULL
)`;
const INSERT = "INSERT INTO entries (stream, sensor, celsius)";

/** PGlite in memory, with a row for each entry. */
export async function fromPglite(db: PGlite): Promise<BenchClient> {
  await db.exec(TABLE);
  const query = async <Row>(text: string, values: unknown[]): Promise<Row[]> =>
    (await db.query<Row>(text, values)).rows;
  const noGroups = (): never => {
    throw new Error("a table is no consumer group");
  };
  return {
    add: async (key, { sensor, celsius }) => {
      const text = `${INSERT} VALUES ($1, $2, $3) RETURNING id::text`;
      const [row] = await query<{ id: string }>(text, [key, sensor, celsius]);
      return row?.id ?? "";
    },
    // One statement for all rows: several times as fast as one each, also in a transaction.
    addMany: async (key, rows) => {
      const text = `${INSERT} SELECT $1, * FROM unnest($2::text[], $3::text[]) RETURNING id::text`;
      const columns = [rows.map((row) => row["sensor"]), rows.map((row) => row["celsius"])];
      return (await query<{ id: string }>(text, [key, ...columns])).map(({ id }) => id);
    },
    range: async (key): Promise<BenchEntry[]> => {
      const text = "SELECT id::text, sensor, celsius FROM entries WHERE stream = $1 ORDER BY id";
      const rows = await query<{ id: string; sensor: string; celsius: string }>(text, [key]);
      return rows.map(({ id, sensor, celsius }) => ({ id, message: { sensor, celsius } }));
    },
    length: async (key) => {
      const text = "SELECT count(*)::int AS length FROM entries WHERE stream = $1";
      const [row] = await query<{ length: number }>(text, [key]);
      return row?.length ?? 0;
    },
    delete: async () => void (await db.exec("TRUNCATE entries")),
    close: () => db.close(),
    createGroup: noGroups,
    read: noGroups,
    ack: noGroups,
    pending: noGroups,
  };
}
