/**
 * A stream in pages, by commands: entries by XRANGE and XADD, pending entries by XPENDING and XCLAIM,
 * groups and counters by XINFO, XGROUP and XSETID.
 *
 * It grows under a name of its own, a page in a transaction, and is renamed when it is whole: what an
 * interrupted run leaves ends with a whole page, and its last generated ID says where to go on.
 * Entries that are pending though they were deleted are put in for the time of the claim. What
 * commands cannot set is not copied: when consumers were last seen, and the idempotent IDs of
 * producers.
 */

import { CommandError } from "../errors.ts";
import { isBefore } from "../ids.ts";
import type { Argument, Argv } from "../resp.ts";
import type { Endpoint, Value } from "./endpoint.ts";

/** Entries of the first page, when it is not known how large they are, and of any page. */
const FIRST_PAGE_ENTRIES = 20;
const PAGE_ENTRIES = 500;
/** What a page is to have, by the entries of the page before. */
const PAGE_BYTES = 4 << 20;
/** What a stream is called while it is being copied. */
const UNFINISHED = "eddyline:unfinished:";

/** How a stream is to be copied. */
export interface PageOptions {
  readonly replace: boolean;
  readonly signal: AbortSignal;
  /** Hears of entries that have been copied. */
  readonly onEntries: (entries: number) => void;
}

type Entry = [id: Uint8Array, fields: Uint8Array[]];
type PendingRow = [id: Uint8Array, consumer: Uint8Array, idleMs: number, count: number];
type Fields = Record<string, Uint8Array | number | null>;

/** Copies a stream. @throws CommandError when it changes faster than it can be read */
export async function copyInPages(
  from: Endpoint,
  to: Endpoint,
  key: Argument,
  options: PageOptions,
): Promise<void> {
  const name = Buffer.concat([Buffer.from(UNFINISHED), Buffer.from(key)]);
  const copy = new PagedCopy(from, to, key, name, options);
  // What an interrupted run has left may hold entries that have been deleted since.
  for (const isLast of [false, true]) {
    if (await copy.run()) break;
    await to.ask(["DEL", name]);
    if (isLast)
      throw new CommandError(
        "ERR entries are deleted from the stream while it is copied; try again",
      );
  }
  const expiry = await expiryOf(from, key);
  if (expiry > 0) await to.ask(["PEXPIREAT", name, `${expiry}`]);
  if (options.replace) await to.ask(["RENAME", name, key]);
  else if ((await to.ask(["RENAMENX", name, key])) === 0)
    throw new CommandError("BUSYKEY the key has come into being meanwhile");
}

class PagedCopy {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #key: Argument;
  readonly #name: Uint8Array;
  readonly #options: PageOptions;
  #groups: Fields[] = [];

  constructor(from: Endpoint, to: Endpoint, key: Argument, name: Uint8Array, options: PageOptions) {
    this.#from = from;
    this.#to = to;
    this.#key = key;
    this.#name = name;
    this.#options = options;
  }

  /** Copies, and goes on where an earlier run stopped. `false`: the copy is not the same. */
  async run(): Promise<boolean> {
    const { "first-entry": first } = (await this.#from.ask(["XINFO", "STREAM", this.#key])) as {
      "first-entry"?: Entry | null;
    };
    this.#groups = (await this.#from.ask(["XINFO", "GROUPS", this.#key])) as Fields[];
    await this.#createGroups();
    // The head may have been trimmed since.
    if (first) await this.#to.ask(["XTRIM", this.#name, "MINID", first[0]]);
    await this.#copyPages();
    await this.#finish();
    const [length, copied] = await Promise.all([
      this.#from.ask(["XLEN", this.#key]),
      this.#to.ask(["XLEN", this.#name]),
    ]);
    return length === copied;
  }

  /** The groups, without entries: so the stream comes into being. */
  async #createGroups(): Promise<void> {
    for (const group of this.#groups) {
      const [name, last] = [group["name"] as Uint8Array, group["last-delivered-id"] as Uint8Array];
      await this.#to
        .ask(["XGROUP", "CREATE", this.#name, name, last, "MKSTREAM"])
        .catch(async (error: unknown) => {
          if (!(error instanceof CommandError) || error.code !== "BUSYGROUP") throw error;
          await this.#to.ask(["XGROUP", "SETID", this.#name, name, last]);
        });
      const argv = ["XINFO", "CONSUMERS", this.#key, name];
      for (const consumer of (await this.#from.ask(argv)) as Fields[])
        await this.#to.ask([
          ...["XGROUP", "CREATECONSUMER", this.#name],
          ...[name, consumer["name"] as Uint8Array],
        ]);
    }
  }

  async #copyPages(): Promise<void> {
    let after: Argument = await this.#lastCopied();
    for (let entries = FIRST_PAGE_ENTRIES; ; ) {
      this.#options.signal.throwIfAborted();
      const start = `(${text(after)}`;
      const argv = ["XRANGE", this.#key, start, "+", "COUNT", `${entries}`];
      const page = (await this.#from.ask(argv)) as Entry[];
      const last = page.length < entries ? undefined : page.at(-1)?.[0];
      await this.#put(page, await this.#pendingBetween(start, last ?? "+"));
      this.#options.onEntries(page.length);
      if (last === undefined) return;
      after = last;
      entries = Math.min(PAGE_ENTRIES, Math.ceil((PAGE_BYTES * page.length) / bytesOf(page)));
    }
  }

  /** Up to where an interrupted run has come. */
  async #lastCopied(): Promise<Argument> {
    if ((await this.#to.ask(["EXISTS", this.#name])) === 0) return "0-0";
    const info = (await this.#to.ask(["XINFO", "STREAM", this.#name])) as Fields;
    return info["last-generated-id"] as Uint8Array;
  }

  /** The pending entries of every group in a range of IDs. */
  async #pendingBetween(start: Argument, end: Argument): Promise<[Uint8Array, PendingRow[]][]> {
    const all: [Uint8Array, PendingRow[]][] = [];
    for (const group of this.#groups) {
      const name = group["name"] as Uint8Array;
      const rows: PendingRow[] = [];
      for (let from = start; ; ) {
        const argv = ["XPENDING", this.#key, name, from, end, `${PAGE_ENTRIES}`];
        const page = (await this.#from.ask(argv)) as PendingRow[];
        rows.push(...page);
        const [last] = page.at(-1) ?? [];
        if (last === undefined || page.length < PAGE_ENTRIES) break;
        from = `(${text(last)}`;
      }
      all.push([name, rows]);
    }
    return all;
  }

  /** Adds a page's entries, and claims those of them that are pending: all of it or nothing. */
  async #put(
    page: readonly Entry[],
    pending: readonly [Uint8Array, PendingRow[]][],
  ): Promise<void> {
    const entries = new Map(page.map((entry) => [text(entry[0]), entry]));
    const placeholders: Argument[] = [];
    for (const [id] of pending.flatMap(([, rows]) => rows)) {
      if (entries.has(text(id))) continue;
      entries.set(text(id), [id, [Buffer.from("deleted"), Buffer.from("")]]);
      placeholders.push(id);
    }
    // No two are the same.
    const sorted = [...entries].sort(([a], [b]) => (isBefore(a, b) ? -1 : 1)).map(([, it]) => it);
    const work: Argv[] = sorted.map(([id, fields]) => ["XADD", this.#name, id, ...fields]);
    const now = await this.#now();
    for (const [group, rows] of pending)
      for (const [id, consumer, idleMs, count] of rows) {
        if (consumer.byteLength === 0) continue;
        const when = ["TIME", `${now - idleMs}`, "RETRYCOUNT", `${count}`];
        work.push(["XCLAIM", this.#name, group, consumer, "0", id, ...when, "FORCE", "JUSTID"]);
      }
    if (placeholders.length > 0) work.push(["XDEL", this.#name, ...placeholders]);
    await this.#transact(work);
  }

  async #transact(work: readonly Argv[]): Promise<void> {
    if (work.length === 0) return;
    const queued = [["MULTI"], ...work].map((argv) => this.#to.ask(argv));
    const replies = this.#to.ask(["EXEC"]);
    await settled([...queued, replies]);
    for (const reply of (await replies) as Value[]) if (reply instanceof CommandError) throw reply;
  }

  /** The source's clock. */
  async #now(): Promise<number> {
    const [seconds, micros] = (await this.#from.ask(["TIME"])) as [Uint8Array, Uint8Array];
    return Number(text(seconds)) * 1000 + Math.floor(Number(text(micros)) / 1000);
  }

  /** Sets the counters. */
  async #finish(): Promise<void> {
    const info = (await this.#from.ask(["XINFO", "STREAM", this.#key])) as Fields;
    const exists = (await this.#to.ask(["EXISTS", this.#name])) === 1;
    if (!exists) {
      // Neither entries nor groups: a stream all the same.
      await this.#to.ask(["XGROUP", "CREATE", this.#name, "eddyline", "0", "MKSTREAM"]);
      await this.#to.ask(["XGROUP", "DESTROY", this.#name, "eddyline"]);
    }
    await this.#to.ask([
      ...["XSETID", this.#name, info["last-generated-id"] as Uint8Array],
      ...["ENTRIESADDED", `${info["entries-added"]}`],
      ...["MAXDELETEDID", info["max-deleted-entry-id"] as Uint8Array],
    ]);
    // Only now: a stream without entries has none that a group could have read.
    for (const group of this.#groups) {
      const read = group["entries-read"];
      if (typeof read !== "number") continue;
      const position = [group["name"] as Uint8Array, group["last-delivered-id"] as Uint8Array];
      await this.#to.ask(["XGROUP", "SETID", this.#name, ...position, "ENTRIESREAD", `${read}`]);
    }
  }
}

/** Waits for all, also when one fails: none is left behind unheard. */
async function settled(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

function text(bytes: Argument): string {
  return typeof bytes === "string" ? bytes : Buffer.from(bytes).toString();
}

function bytesOf(page: readonly Entry[]): number {
  const sizes = page.flatMap(([id, fields]) => [id, ...fields]).map(({ byteLength }) => byteLength);
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** When the key expires, in milliseconds since 1970; 0: never. */
export async function expiryOf(from: Endpoint, key: Argument): Promise<number> {
  const at = await from.ask(["PEXPIRETIME", key]);
  return Math.max(Number(at), 0);
}
