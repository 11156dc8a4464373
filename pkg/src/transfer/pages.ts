/**
 * A stream in pages, by commands: entries by XRANGE and XADD, pending entries by XPENDING and XCLAIM,
 * groups and counters by XINFO, XGROUP and XSETID.
 *
 * It grows under a name of its own and is renamed when it is whole. Entries that are pending though
 * they were deleted are put in for the time of the claim. What commands cannot set is not copied:
 * when consumers were last seen, and the idempotent IDs of producers.
 */

import { CommandError } from "../errors.ts";
import type { Argument } from "../resp.ts";
import type { Endpoint } from "./endpoint.ts";

const PAGE_ENTRIES = 500;
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
  /** Entries that are only there to be claimed. */
  #placeholders: Argument[] = [];

  constructor(from: Endpoint, to: Endpoint, key: Argument, name: Uint8Array, options: PageOptions) {
    this.#from = from;
    this.#to = to;
    this.#key = key;
    this.#name = name;
    this.#options = options;
  }

  /** Copies, and goes on where an earlier run stopped. `false`: the copy is not the same. */
  async run(): Promise<boolean> {
    this.#placeholders = [];
    const { "first-entry": first } = (await this.#from.ask(["XINFO", "STREAM", this.#key])) as {
      "first-entry"?: Entry | null;
    };
    this.#groups = (await this.#from.ask(["XINFO", "GROUPS", this.#key])) as Fields[];
    await this.#createGroups();
    // The head may have been trimmed since.
    if (first) await this.#to.ask(["XTRIM", this.#name, "MINID", first[0]]);
    const [last] = (await this.#to.ask([
      "XREVRANGE",
      this.#name,
      "+",
      "-",
      "COUNT",
      "1",
    ])) as Entry[];
    // The page in the middle of which it stopped is done again: claims may be missing.
    const [again] = last ? await this.#beforeLast() : [];
    await this.#copyPages(again ?? "-", last?.[0]);
    if (this.#placeholders.length > 0)
      await this.#to.ask(["XDEL", this.#name, ...this.#placeholders]);
    await this.#finish();
    const [length, copied] = await Promise.all([
      this.#from.ask(["XLEN", this.#key]),
      this.#to.ask(["XLEN", this.#name]),
    ]);
    return length === copied;
  }

  /** The ID from which on the last page of an interrupted run is done again. */
  async #beforeLast(): Promise<Argument[]> {
    const argv = ["XREVRANGE", this.#name, "+", "-", "COUNT", `${PAGE_ENTRIES}`];
    const page = (await this.#to.ask(argv)) as Entry[];
    return page.slice(-1).map(([id]) => id);
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

  async #copyPages(start: Argument, present: Uint8Array | undefined): Promise<void> {
    for (let from: Argument = start, before: Argument = start; ; ) {
      this.#options.signal.throwIfAborted();
      const argv = ["XRANGE", this.#key, from, "+", "COUNT", `${PAGE_ENTRIES}`];
      const page = (await this.#from.ask(argv)) as Entry[];
      const isLast = page.length < PAGE_ENTRIES;
      const end: Argument = isLast ? "+" : (page.at(-1)?.[0] ?? "+");
      const pending = await this.#pendingBetween(before, end);
      await this.#put(page, pending, present);
      this.#options.onEntries(page.length);
      if (isLast) return;
      from = `(${text(end)}`;
      before = from;
    }
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

  /** Adds a page's entries, and claims those of them that are pending. */
  async #put(
    page: readonly Entry[],
    pending: readonly [Uint8Array, PendingRow[]][],
    present: Uint8Array | undefined,
  ): Promise<void> {
    const entries = new Map(page.map((entry) => [text(entry[0]), entry]));
    for (const [id] of pending.flatMap(([, rows]) => rows)) {
      if (entries.has(text(id))) continue;
      entries.set(text(id), [id, [Buffer.from("deleted"), Buffer.from("")]]);
      this.#placeholders.push(id);
    }
    const sorted = [...entries].sort(([a], [b]) => compare(a, b)).map(([, entry]) => entry);
    const missing = sorted.filter(([id]) => !present || compare(text(id), text(present)) > 0);
    const work: Promise<unknown>[] = missing.map(([id, fields]) =>
      this.#to.ask(["XADD", this.#name, id, ...fields]),
    );
    const now = await this.#now();
    for (const [group, rows] of pending)
      for (const [id, consumer, idleMs, count] of rows) {
        if (consumer.byteLength === 0) continue;
        const when = ["TIME", `${now - idleMs}`, "RETRYCOUNT", `${count}`];
        const argv = ["XCLAIM", this.#name, group, consumer, "0", id, ...when, "FORCE", "JUSTID"];
        work.push(this.#to.ask(argv));
      }
    await settled(work);
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

/** The order of two IDs. */
function compare(a: string, b: string): number {
  const [[aMs = "0", aSeq = "0"], [bMs = "0", bSeq = "0"]] = [a.split("-"), b.split("-")];
  const difference = BigInt(aMs) - BigInt(bMs) || BigInt(aSeq) - BigInt(bSeq);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** When the key expires, in milliseconds since 1970; 0: never. */
export async function expiryOf(from: Endpoint, key: Argument): Promise<number> {
  const at = await from.ask(["PEXPIRETIME", key]);
  return Math.max(Number(at), 0);
}
