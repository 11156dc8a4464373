/** What a group's consumers say to the engine: the commands of one group. */

import { CommandError } from "../errors.ts";
import * as limits from "../limits.ts";
import { readArray, readInteger, readOk, readText } from "../resp.ts";
import type { Link, Row } from "./link.ts";

/** How a delivery counts that is given back: not at all, or as one that failed. */
export type ReleaseMode = "SILENT" | "FAIL";

/** A minimum idle time that nothing reaches. */
const NEVER_MS = String(Number.MAX_SAFE_INTEGER);

/** The commands of a group, in which one consumer speaks. */
export class GroupCommands<Out> {
  readonly #link: Link<never, Out>;
  readonly #group: string;
  readonly #start: string;
  #created: Promise<void> | undefined;

  /** @param start behind which ID the group begins, when there is none yet */
  constructor(link: Link<never, Out>, group: string, start: string) {
    this.#link = link;
    this.#group = group;
    this.#start = start;
  }

  /** Creates the group, and the stream, unless they are there. */
  ensure(): Promise<void> {
    this.#created ??= this.#create().catch((error) => {
      this.#created = undefined;
      throw error;
    });
    return this.#created;
  }

  async #create(): Promise<void> {
    const argv = ["XGROUP", "CREATE", this.#link.key, this.#group, this.#start, "MKSTREAM"];
    try {
      await this.#link.send(argv, readOk);
    } catch (error) {
      if (!(error instanceof CommandError) || error.code !== "BUSYGROUP") throw error;
    }
  }

  /** Waits for entries: those that nobody has tended for `minIdleMs` first, then new ones. */
  read(
    consumer: string,
    count: number,
    minIdleMs: number,
    bytes: number,
    signal: AbortSignal,
  ): Promise<Row[]> {
    const argv = ["XREADGROUP", "GROUP", this.#group, consumer, "COUNT", String(count)];
    argv.push("MAXSIZE", String(bytes), "CLAIM", String(minIdleMs), "BLOCK", "0");
    argv.push("STREAMS", this.#link.key, ">");
    return this.#link.send(argv, this.#link.readRead, { signal });
  }

  /** They are finished. */
  ack(ids: readonly string[]): Promise<number> {
    return this.#link.send(["XACK", this.#link.key, this.#group, ...ids], readInteger);
  }

  /** Gives them back, for anybody to take at once. */
  release(mode: ReleaseMode, ids: readonly string[]): Promise<number> {
    const argv = ["XNACK", this.#link.key, this.#group, mode, "IDS", String(ids.length), ...ids];
    return this.#link.send(argv, readInteger);
  }

  /**
   * Makes them count as delivered `idleMs` ago, without counting a delivery; those of them that
   * are pending.
   */
  hold(consumer: string, ids: readonly string[], idleMs: number): Promise<string[]> {
    const argv = ["XCLAIM", this.#link.key, this.#group, consumer, "0", ...ids];
    argv.push("IDLE", String(idleMs), "JUSTID");
    return this.#link.send(argv, (reader) => readArray(reader, readText));
  }

  /** Takes entries out of the pending list that were deleted from the stream before anybody finished them. */
  async sweep(consumer: string, minIdleMs: number): Promise<void> {
    const { key } = this.#link;
    const range = ["IDLE", String(minIdleMs), "-", "+", String(limits.sweptRecords)];
    const ids = await this.#link.send(["XPENDING", key, this.#group, ...range], (reader) =>
      readArray(reader, (row) => {
        row.items();
        const [id, owner] = [row.text(), row.text()];
        row.integer();
        row.integer();
        // What was given back is not claimed by its idle time: this would take it.
        return owner === "" ? "" : id;
      }),
    );
    const owned = ids.filter((id) => id !== "");
    if (owned.length === 0) return;
    const argv = ["XCLAIM", key, this.#group, consumer, NEVER_MS, ...owned, "JUSTID"];
    await this.#link.send(argv, (reader) => readArray(reader, readText));
  }
}
