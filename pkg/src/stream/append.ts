/** Appending values: one or many in one pipeline, once under a key, with retention. */

import type { Message } from "../commands/xadd.ts";
import { type Argument, type Argv, readArray, readInteger, readText } from "../resp.ts";
import { type FieldValue, type Link, until } from "./link.ts";
import { idOf, type Position } from "./position.ts";
import { validate } from "./schema.ts";

/**
 * What a stream keeps: its newest entries by number (`maxLen`), by age in milliseconds (`maxAge`),
 * or from a place on (`from`). By default entries are removed in whole nodes of about a hundred,
 * which is cheap, so somewhat more is kept.
 */
export type Retention = (
  | { readonly maxLen: number; readonly maxAge?: undefined; readonly from?: undefined }
  | { readonly maxAge: number; readonly maxLen?: undefined; readonly from?: undefined }
  | { readonly from: Position; readonly maxLen?: undefined; readonly maxAge?: undefined }
) & {
  /** Keeps no more than that. */
  readonly exact?: boolean | undefined;
  /** Removes only what every group has acknowledged, so that more may be kept. */
  readonly acked?: boolean | undefined;
};

/** Options of appending. */
export interface AppendOptions {
  /** What is kept of the stream; by default what its options say. */
  readonly trim?: Retention | undefined;
  /** Ends the wait for the answer, which leaves open whether it was appended. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of appending one value. */
export interface AppendOneOptions extends AppendOptions {
  /**
   * Appends once under this key: a second append with it answers the first one's ID. By default
   * the engine remembers the stream's last 100 keys, each for 100 seconds; `XCFGSET` changes that.
   */
  readonly idempotencyKey?: string | undefined;
}

/** Options of appending many values. */
export interface AppendManyOptions<In> extends AppendOptions {
  /** Gives each value its {@link AppendOneOptions.idempotencyKey}. */
  readonly idempotencyKey?: ((value: In, index: number) => string) | undefined;
}

/** One producer for all, as each may repeat what another one has tried. */
const PRODUCER = "append";

/** The idempotent ID of the value at a place, if it has one. */
type Tag = (at: number) => readonly [producer: string, key: string] | undefined;

/** What appends to a stream. */
export class Appender<In> {
  readonly #link: Link<In, unknown>;
  readonly #trim: Retention | undefined;
  /** The engine's time is this at least: it is in the last ID that it gave. 0: nothing is known. */
  #engineMs = 0;

  /** @param trim what each append keeps, where it does not say so itself */
  constructor(link: Link<In, unknown>, trim: Retention | undefined) {
    this.#link = link;
    this.#trim = trim;
  }

  /** See {@link Stream.append}. */
  async append(
    given: In | readonly In[],
    options: AppendOneOptions | AppendManyOptions<In>,
  ): Promise<string | string[]> {
    const { idempotencyKey: key, trim = this.#trim, signal } = options;
    if (typeof key !== "string" && Array.isArray(given)) {
      const values = given as readonly In[];
      const tag: Tag = (at) => key && [PRODUCER, key(values[at] as In, at)];
      return await this.#appendAll(values, tag, trim, signal);
    }
    if (Array.isArray(given)) throw new TypeError("many values need a key each: give a function");
    const only = typeof key === "function" ? key(given as In, 0) : key;
    const tag: Tag = () => (only === undefined ? undefined : [PRODUCER, only]);
    const [id] = await this.#appendAll([given as In], tag, trim, signal);
    return id as string;
  }

  /** Appends values, each once under an idempotent ID of its own. */
  async appendAs(values: readonly In[], tag: Tag, signal: AbortSignal): Promise<void> {
    await this.#appendAll(values, tag, this.#trim, signal);
  }

  /** Appends values in order, in one pipeline; their IDs. When one is refused here, none is sent. */
  async #appendAll(
    values: readonly In[],
    tag: Tag,
    trim: Retention | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string[]> {
    signal?.throwIfAborted();
    const messages = values.map((value) => this.#link.codec.encode(value));
    await this.#check(messages);
    const clause = trim === undefined ? undefined : await this.#retention(trim);
    const commands = messages.map((message, at) => {
      // The last one trims for all.
      const words = at === messages.length - 1 ? clause : undefined;
      return this.#command(message, tag(at), words);
    });
    const sent = commands.map((command) => this.#link.send(command, readText));
    const ids = await until(Promise.all(sent), signal);
    for (const id of ids) this.#engineMs = Math.max(this.#engineMs, Number.parseInt(id, 10));
    return ids;
  }

  /** Removes what is not to be kept; how many entries. */
  async trim(retention: Retention): Promise<number> {
    const words = await this.#retention(retention);
    return await this.#link.send(["XTRIM", this.#link.key, ...words], readInteger);
  }

  /** What will be read must be what the schema takes. */
  async #check(messages: readonly Message[]): Promise<void> {
    const { codec, schema } = this.#link;
    if (schema === undefined) return;
    const decode = codec.decode as (fields: Record<string, FieldValue>) => unknown;
    const isText = codec.values !== "bytes";
    const later: Promise<unknown>[] = [];
    for (const message of messages) {
      const output = validate(schema, decode(asRead(message, isText)));
      if (!(output instanceof Promise)) continue;
      // Another one may be refused before anybody listens to this.
      output.catch(() => {});
      later.push(output);
    }
    if (later.length > 0) await Promise.all(later);
  }

  #command(message: Message, tag: ReturnType<Tag>, clause: readonly string[] = []): Argv {
    const argv: Argument[] = ["XADD", this.#link.key, ...clause];
    if (tag !== undefined) argv.push("IDMP", ...tag);
    argv.push("*");
    for (const [name, value] of pairsOf(message)) argv.push(name, value);
    return argv;
  }

  /** A retention as XADD and XTRIM take it. What is old the engine's clock says: ours may be wrong. */
  async #retention({ maxLen, maxAge, from, exact, acked }: Retention): Promise<string[]> {
    const words = acked === true ? ["ACKED"] : [];
    words.push(maxLen === undefined ? "MINID" : "MAXLEN");
    if (exact !== true) words.push("~");
    if (maxLen !== undefined) words.push(String(maxLen));
    else if (from !== undefined) words.push(idOf(from));
    else words.push(String(Math.max(0, (await this.#now()) - maxAge)));
    return words;
  }

  async #now(): Promise<number> {
    if (this.#engineMs > 0) return this.#engineMs;
    const time = await this.#link.send(["TIME"], (reply) => readArray(reply, readInteger));
    const [seconds = 0, microseconds = 0] = time;
    return seconds * 1000 + Math.floor(microseconds / 1000);
  }
}

function pairsOf(message: Message): Iterable<readonly [Argument, Argument]> {
  if (Symbol.iterator in message) return message as Iterable<readonly [Argument, Argument]>;
  return Object.entries(message);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The fields as they will be read. */
function asRead(message: Message, isText: boolean): Record<string, FieldValue> {
  const asText = (field: Argument) => (typeof field === "string" ? field : decoder.decode(field));
  const asBytes = (field: Argument) => (typeof field === "string" ? encoder.encode(field) : field);
  const asValue = isText ? asText : asBytes;
  const fields = Array.from(pairsOf(message), ([name, value]) => [asText(name), asValue(value)]);
  return Object.fromEntries(fields) as Record<string, FieldValue>;
}
