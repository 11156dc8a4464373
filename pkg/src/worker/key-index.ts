/**
 * The list of all keys, in objects of its own that have no engine: each holds the keys whose hash
 * begins with its number, in the order of their hashes.
 *
 * A cursor of SCAN is the hash to go on from. So it needs nothing that is kept for it, and a key
 * that is there all the time is met exactly once. A key that comes costs one row, and one that goes.
 */

import type { KeyChange } from "./output.ts";
import { hashOf } from "./shards.ts";

/** A listed key. */
export interface ListedKey {
  name: Uint8Array;
  type: string;
}

/** Some keys of an index object, and the hash from which on there are more. */
export interface KeyPage {
  keys: ListedKey[];
  next: number | undefined;
}

interface Row extends Record<string, SqlStorageValue> {
  hash: number;
  name: ArrayBuffer;
  type: string;
}

/** The part of the index that one object holds. */
export class KeyIndex {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS listed (hash INTEGER NOT NULL, name BLOB NOT NULL, " +
        "type TEXT NOT NULL, PRIMARY KEY (hash, name)) WITHOUT ROWID",
    );
  }

  /** Notes what has become of keys. Told the same twice, it writes nothing the second time. */
  update(changes: readonly KeyChange[]): void {
    for (const { name, type } of changes) {
      const hash = hashOf(name);
      if (type === null) {
        this.#sql.exec("DELETE FROM listed WHERE hash = ? AND name = ?", hash, name);
      } else {
        this.#sql.exec(
          "INSERT INTO listed (hash, name, type) VALUES (?, ?, ?) " +
            "ON CONFLICT DO UPDATE SET type = excluded.type WHERE type <> excluded.type",
          ...[hash, name, type],
        );
      }
    }
  }

  /** About so many keys whose hashes are not below `from`. */
  page(from: number, count: number): KeyPage {
    const rows = this.#sql
      .exec<Row>(
        "SELECT hash, name, type FROM listed WHERE hash >= ? ORDER BY hash, name LIMIT ?",
        ...[from, count],
      )
      .toArray();
    const last = rows.at(-1);
    if (last === undefined || rows.length < count)
      return { keys: rows.map(keyOf), next: undefined };
    // A cursor is a hash, so those of one hash are not divided.
    const same = this.#sql.exec<Row>(
      "SELECT hash, name, type FROM listed WHERE hash = ? AND name > ? ORDER BY name",
      ...[last.hash, last.name],
    );
    return { keys: [...rows, ...same.toArray()].map(keyOf), next: last.hash + 1 };
  }

  /** How many keys there are. */
  count(): number {
    return this.#sql.exec<{ keys: number }>("SELECT count(*) AS keys FROM listed").one().keys;
  }
}

function keyOf({ name, type }: Row): ListedKey {
  return { name: new Uint8Array(name), type };
}
