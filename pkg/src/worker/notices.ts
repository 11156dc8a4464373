/**
 * What an object has to tell the index: written in the transaction in which the key came or went,
 * and forgotten when the index has it. So it is told at least once, whatever crashes.
 */

import type { KeyChange } from "./output.ts";

/** Changes told in one go. */
const TOLD_AT_ONCE = 500;

interface Row extends Record<string, SqlStorageValue> {
  name: ArrayBuffer;
  type: string | null;
  number: number;
}

export class Notices {
  readonly #sql: SqlStorage;
  readonly #tell: (changes: KeyChange[]) => Promise<void>;
  /** Told apart by it: a change that was written while an earlier one of its key was being told. */
  #lastNumber: number | undefined;
  #telling: Promise<void> | undefined;

  /** @param tell tells the index; resolves when it has written it down */
  constructor(sql: SqlStorage, tell: (changes: KeyChange[]) => Promise<void>) {
    this.#sql = sql;
    this.#tell = tell;
  }

  /** Writes changes down; to be called in their transaction. */
  add(changes: readonly KeyChange[]): void {
    const last = this.#open(true);
    for (const [place, { name, type }] of changes.entries()) {
      this.#sql.exec(
        "REPLACE INTO notice (name, type, number) VALUES (?, ?, ?)",
        ...[name, type, last + 1 + place],
      );
    }
    this.#lastNumber = last + changes.length;
  }

  /** The transaction of the last {@link add} was rolled back. */
  forget(): void {
    this.#lastNumber = undefined;
  }

  /** Whether something is to be told. */
  get isEmpty(): boolean {
    if (this.#open(false) === 0) return true;
    return this.#sql.exec("SELECT 1 FROM notice LIMIT 1").toArray().length === 0;
  }

  /** Tells everything. Rejects when the index cannot be reached. */
  flush(): Promise<void> {
    this.#telling ??= this.#flush().finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  async #flush(): Promise<void> {
    while (!this.isEmpty) {
      const rows = this.#sql
        .exec<Row>("SELECT name, type, number FROM notice ORDER BY number LIMIT ?", TOLD_AT_ONCE)
        .toArray();
      await this.#tell(rows.map(({ name, type }) => ({ name: new Uint8Array(name), type })));
      for (const { name, number } of rows) {
        this.#sql.exec("DELETE FROM notice WHERE name = ? AND number = ?", name, number);
      }
    }
  }

  /** The last number given; 0 without a table. Makes the table if asked to. */
  #open(makes: boolean): number {
    if (this.#lastNumber !== undefined) return this.#lastNumber;
    const table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'notice'";
    if (this.#sql.exec(table).toArray().length === 0) {
      if (!makes) return 0;
      this.#sql.exec(
        "CREATE TABLE notice (name BLOB NOT NULL PRIMARY KEY, type TEXT, " +
          "number INTEGER NOT NULL) WITHOUT ROWID",
      );
    }
    const { last } = this.#sql
      .exec<{ last: number | null }>("SELECT max(number) AS last FROM notice")
      .one();
    // One at least, to tell a table from none.
    this.#lastNumber = last ?? 1;
    return this.#lastNumber;
  }
}
