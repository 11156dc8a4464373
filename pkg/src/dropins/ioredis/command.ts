/** One command as ioredis has it: a name, arguments of any kind, and a promise or a callback. */

import { type Argument, type Argv, type ReplyReader, setField } from "../../resp.ts";
import { soon } from "../../soon.ts";
import { prefixKeys } from "../prefix.ts";

/** What a callback is told. */
export type Callback = (error: Error | null, result?: unknown) => void;

/** Options of a command. */
export interface CommandOptions {
  /** `utf8` for texts, none for `Buffer`s. */
  replyEncoding?: BufferEncoding | null | undefined;
  keyPrefix?: string | undefined;
  /** Maps come as objects, as ioredis' `replyMapping: "resp3"` has it. */
  isMapped?: boolean | undefined;
}

/** A command was refused. */
export class ReplyError extends Error {
  declare command?: { name: string; args: readonly unknown[] };

  override get name(): string {
    return "ReplyError";
  }
}

/** A command, its promise included. */
export class Command {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly promise: Promise<unknown>;
  readonly #encoding: BufferEncoding | null | undefined;
  readonly #keyPrefix: string;
  readonly #isMapped: boolean;
  readonly #settle: PromiseWithResolvers<unknown>;

  constructor(
    name: string,
    args: readonly unknown[] = [],
    options: CommandOptions = {},
    callback?: Callback,
  ) {
    this.name = name;
    this.args = writeArguments(name.toLowerCase(), args.flat());
    this.#encoding = options.replyEncoding;
    this.#keyPrefix = options.keyPrefix ?? "";
    this.#isMapped = options.isMapped ?? false;
    this.#settle = Promise.withResolvers();
    this.promise = asCallback(this.#settle.promise, callback);
  }

  /** The command as it is sent. */
  get argv(): Argv {
    return prefixKeys([this.name, ...this.args], this.#keyPrefix);
  }

  readonly resolve = (value: unknown): void => this.#settle.resolve(value);

  readonly reject = (reason: unknown): void => {
    this.#settle.reject(reason);
  };

  /** Takes its reply in the form that ioredis gives it. */
  readonly read = (reader: ReplyReader): unknown => {
    const name = this.name.toLowerCase();
    if (this.#isMapped) return readValue(reader, this.#encoding, true);
    const streams = reader.isMap() && (name === "xread" || name === "xreadgroup");
    const value = readValue(reader, this.#encoding, false);
    if (streams) return pairs(value as unknown[]);
    if (name === "hgetall" && Array.isArray(value)) return recordOf(value);
    return value;
  };
}

/** Calls a function in Node's manner, if there is one, with what becomes of a promise. */
export function asCallback<T>(promise: Promise<T>, callback?: Callback): Promise<T> {
  if (callback !== undefined) {
    // Not in the promise's own task: what a callback throws is not a rejection.
    promise.then(
      (value) => soon(() => callback(null, value)),
      (error: Error) => soon(() => callback(error)),
    );
  }
  return promise;
}

/** The error of a reply, which knows the command. */
export function replyError(error: Error, { name, args }: Command): ReplyError {
  const refusal = new ReplyError(error.message);
  refusal.command = { name, args };
  return refusal;
}

type Encoding = BufferEncoding | null | undefined;

/** A reply as RESP2 would have it, maps flat unless they are mapped; strings texts or `Buffer`s. */
function readValue(reader: ReplyReader, encoding: Encoding, isMapped: boolean): unknown {
  if (reader.takeNull()) return null;
  if (reader.isError()) return new ReplyError(reader.error().message);
  if (reader.isText()) return readString(reader, encoding);
  if (reader.isMap() && isMapped) return readMap(reader, encoding);
  if (reader.isMap() || reader.isList()) {
    const items: unknown[] = [];
    const length = reader.isMap() ? reader.pairs() * 2 : reader.items();
    while (items.length < length) items.push(readValue(reader, encoding, isMapped));
    return items;
  }
  const value = reader.value(() => "");
  return typeof value === "boolean" && !isMapped ? Number(value) : value;
}

function readString(reader: ReplyReader, encoding: Encoding): string | Buffer {
  if (encoding === "utf8") return reader.text();
  const bytes = reader.bytes();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding ? buffer.toString(encoding) : buffer;
}

function readMap(reader: ReplyReader, encoding: Encoding): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (let left = reader.pairs(); left > 0; left--)
    setField(map, String(readValue(reader, encoding, true)), readValue(reader, encoding, true));
  return map;
}

function writeArguments(name: string, args: readonly unknown[]): readonly Argument[] {
  const isHash = name === "hset" || name === "hmset";
  const place = isHash ? 1 : 0;
  const fields = args[place];
  const takesFields = isHash || name === "mset" || name === "msetnx";
  if (takesFields && args.length === place + 1 && typeof fields === "object" && fields !== null) {
    const list = fields instanceof Map ? [...fields] : Object.entries(fields);
    return [...args.slice(0, place), ...list.flat()].map(argumentOf);
  }
  return args.map(argumentOf);
}

function argumentOf(arg: unknown): Argument {
  if (typeof arg === "string" || arg instanceof Uint8Array) return arg;
  return arg === null || arg === undefined ? "" : String(arg);
}

function pairs(flat: readonly unknown[]): [unknown, unknown][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

function recordOf(flat: readonly unknown[]): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [field, value] of pairs(flat)) setField(record, String(field), value);
  return record;
}
