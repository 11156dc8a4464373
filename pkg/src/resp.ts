/**
 * RESP, the language at the engine's door: requests are written, replies of version 2 and 3 are
 * read. Every reader takes a reply straight into its final shape, without a tree in between.
 */

import { CommandError, ProtocolError } from "./errors.ts";
import * as limits from "./limits.ts";
import { decodeText, encodeText, encodeTextInto, isTextAt, SHORT_TEXT } from "./text.ts";

/** An argument of a command: text, sent as UTF-8, or bytes as they are. */
export type Argument = string | Uint8Array;

/** One argument or several of the same kind. */
export type Arguments = Argument | readonly Argument[];

/** A command as Redis takes it: its name and its arguments. */
export type Argv = readonly Argument[];

/** A decoded reply. A RESP3 map is a plain object, as in node-redis; `V` is what a bulk string becomes. */
export type ReplyValue<V = string> =
  | V
  | string
  | number
  | bigint
  | boolean
  | null
  | CommandError
  | ReplyValue<V>[]
  | { [key: string]: ReplyValue<V> };

const CR = 13;
const LF = 10;
const ZERO = 48;

/** ASCII codes of the first byte of a reply. */
const Type = {
  array: 0x2a,
  bigNumber: 0x28,
  blobError: 0x21,
  boolean: 0x23,
  bulk: 0x24,
  double: 0x2c,
  error: 0x2d,
  integer: 0x3a,
  map: 0x25,
  null: 0x5f,
  push: 0x3e,
  set: 0x7e,
  simple: 0x2b,
  verbatim: 0x3d,
} as const;

/** A number of bytes that {@link writeRequest} does not exceed for this command. */
export function requestBound(argv: Argv): number {
  if (argv.length === 0) throw new TypeError("a command has a name at least");
  let bound = 16;
  for (const argument of argv) {
    if (typeof argument === "string") bound += 16 + argument.length * 3;
    else if (argument instanceof Uint8Array) bound += 16 + argument.byteLength;
    else throw wrongArgument(argv);
  }
  return bound;
}

/** What callers without types get to see. */
function wrongArgument(argv: readonly unknown[]): TypeError {
  const place = argv.findIndex(
    (argument) => typeof argument !== "string" && !(argument instanceof Uint8Array),
  );
  return new TypeError(
    `argument ${place} of ${String(argv[0])} is ${typeof argv[place]}: a string or a Uint8Array is expected`,
  );
}

/** Writes a command as a request at `at`, where `requestBound` bytes are free; returns its end. */
export function writeRequest(out: Uint8Array, at: number, argv: Argv): number {
  let end = writeHeader(out, at, Type.array, argv.length);
  for (const argument of argv) {
    end =
      typeof argument === "string" ? writeText(out, end, argument) : writeBytes(out, end, argument);
  }
  return end;
}

/** The bytes of one or several commands as requests. */
export function encodeRequests(commands: readonly Argv[]): Uint8Array<ArrayBuffer> {
  const bound = commands.reduce((sum, argv) => sum + requestBound(argv), 0);
  const out = new Uint8Array(bound);
  let end = 0;
  for (const argv of commands) end = writeRequest(out, end, argv);
  return out.slice(0, end);
}

function writeHeader(out: Uint8Array, at: number, type: number, count: number): number {
  out[at] = type;
  const end = at + 1 + digits(count);
  let rest = count;
  for (let place = end - 1; place > at; place--) {
    const next = Math.floor(rest / 10);
    out[place] = ZERO + (rest - next * 10);
    rest = next;
  }
  return writeLineEnd(out, end);
}

function writeLineEnd(out: Uint8Array, at: number): number {
  out[at] = CR;
  out[at + 1] = LF;
  return at + 2;
}

function digits(count: number): number {
  let places = 1;
  for (let bound = 10; count >= bound; bound *= 10) places++;
  return places;
}

function writeBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = writeHeader(out, at, Type.bulk, bytes.byteLength);
  out.set(bytes, start);
  return writeLineEnd(out, start + bytes.byteLength);
}

function writeText(out: Uint8Array, at: number, text: string): number {
  const length = text.length;
  if (length > SHORT_TEXT) return writeEncoded(out, at, text);
  const start = writeHeader(out, at, Type.bulk, length);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return writeEncoded(out, at, text);
    out[start + i] = code;
  }
  return writeLineEnd(out, start + length);
}

/** Text of unknown length in UTF-8: written behind the widest header it may need, then moved up. */
function writeEncoded(out: Uint8Array, at: number, text: string): number {
  const room = at + 3 + digits(text.length * 3);
  const written = encodeTextInto(text, out.subarray(room));
  const start = writeHeader(out, at, Type.bulk, written);
  if (start !== room) out.copyWithin(start, room, room + written);
  return writeLineEnd(out, start + written);
}

/**
 * How many replies a run of complete requests is answered with, if none of them subscribes; -1 for
 * bytes that are no complete requests.
 */
export function countRequests(bytes: Uint8Array): number {
  let requests = 0;
  for (let at = 0; at < bytes.byteLength; ) {
    const words = countAt(bytes, at, Type.array);
    at = bytes.indexOf(LF, at) + 1;
    if (Number.isNaN(words)) return -1;
    // An empty request is passed over.
    if (words > 0) requests++;
    for (let left = words; left > 0; left--) {
      const length = countAt(bytes, at, Type.bulk);
      if (!(length >= 0)) return -1;
      at = bytes.indexOf(LF, at) + 1 + length + 2;
      if (at > bytes.byteLength) return -1;
    }
  }
  return requests;
}

/** The number on the line that begins at `at` with this type; NaN where there is no such line. */
function countAt(bytes: Uint8Array, at: number, type: number): number {
  const end = bytes.subarray(at, at + MAX_LINE).indexOf(LF);
  if (bytes[at] !== type || end < 2) return Number.NaN;
  const text = decodeText(bytes, at + 1, at + end - 1);
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** Bytes of a line that holds a type and a number. */
const MAX_LINE = 24;

/** Takes one reply off a {@link ReplyReader} into its final shape. */
export type ReadReply<T> = (reader: ReplyReader) => T;

/**
 * A place in a run of complete replies. Each method takes one item and moves on; one that meets
 * another type than it expects throws a {@link ProtocolError}.
 *
 * Where RESP2 and RESP3 write the same thing in two ways a method takes both.
 */
export class ReplyReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  constructor(bytes?: Uint8Array) {
    if (bytes !== undefined) this.reset(bytes, 0, bytes.byteLength);
  }

  /** Starts anew on `bytes[start..end]`. The bytes are not copied. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Whether all replies are taken. */
  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** The place of the next item. */
  mark(): number {
    return this.#at;
  }

  /** Goes to the end of the reply that begins at `mark`, wherever reading it stopped. */
  skipFrom(mark: number): void {
    const end = replyEnd(this.#bytes, mark, this.#end);
    this.#at = end < 0 ? this.#end : end;
  }

  /** Whether the next item is an error. */
  isError(): boolean {
    const type = this.#bytes[this.#at];
    return type === Type.error || type === Type.blobError;
  }

  /** Whether the next item is a RESP3 map. */
  isMap(): boolean {
    return this.#bytes[this.#at] === Type.map;
  }

  /** Whether the next item was not asked for. */
  isPush(): boolean {
    return this.#bytes[this.#at] === Type.push;
  }

  /** Whether the next item is a string of any kind. */
  isText(): boolean {
    const type = this.#bytes[this.#at];
    return type === Type.bulk || type === Type.simple || type === Type.verbatim;
  }

  /** Whether the next item is an array, set or push. */
  isList(): boolean {
    const type = this.#bytes[this.#at];
    return type === Type.array || type === Type.set || type === Type.push;
  }

  /** Takes a null of any kind; `false`, and nothing taken, when the next item is something else. */
  takeNull(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    const type = bytes[at];
    if (type === Type.null) {
      this.#at = at + 3;
      return true;
    }
    if ((type === Type.bulk || type === Type.array) && bytes[at + 1] === 0x2d) {
      this.#at = at + 5;
      return true;
    }
    return false;
  }

  /** Takes an error. */
  error(): CommandError {
    const isBlob = this.#bytes[this.#at] === Type.blobError;
    return new CommandError(isBlob ? this.#blob(Type.blobError, decodeText) : this.#line());
  }

  /** Takes the head of an array, set or push; returns how many items follow. */
  items(): number {
    const type = this.#bytes[this.#at];
    if (type !== Type.array && type !== Type.set && type !== Type.push)
      throw this.#unexpected("an array");
    return this.#count();
  }

  /** Takes the head of a map, or of the flat array that it is in RESP2; returns how many pairs follow. */
  pairs(): number {
    if (this.isMap()) return this.#count();
    return this.items() >> 1;
  }

  /**
   * Takes a string of any kind as text. Bytes that are no UTF-8 become U+FFFD. One that is as
   * `expected` is that string itself, which spares making it, and making a key of it.
   */
  text(expected?: string): string {
    switch (this.#bytes[this.#at]) {
      case Type.bulk: {
        const length = this.#count();
        const start = this.#at;
        const end = start + length;
        if (length < 0 || end + 2 > this.#end) throw new ProtocolError("a reply is cut short");
        this.#at = end + 2;
        if (expected !== undefined && isTextAt(this.#bytes, start, end, expected)) return expected;
        return decodeText(this.#bytes, start, end);
      }
      case Type.simple:
        return this.#line();
      case Type.verbatim:
        return this.#blob(Type.verbatim, decodeText).slice(4);
      default:
        throw this.#unexpected("a string");
    }
  }

  /** Takes a string of any kind as bytes of its own. */
  bytes(): Uint8Array {
    if (this.#bytes[this.#at] === Type.bulk) return this.#blob(Type.bulk, copyBytes);
    return encodeText(this.text());
  }

  /** Takes an integer, or a string that is one. Beyond 2^53 the nearest number. */
  integer(): number {
    if (this.#bytes[this.#at] === Type.integer) return this.#count();
    const text = this.text();
    const number = Number(text);
    if (Number.isNaN(number))
      throw new ProtocolError(`an integer was expected in a reply, found "${text}"`);
    return number;
  }

  /** Takes anything; `blob` takes its bulk strings. */
  value<V>(blob: ReadReply<V>, depth = 0): ReplyValue<V> {
    if (depth > limits.replyDepth) throw new ProtocolError("a reply is nested too deeply");
    if (this.takeNull()) return null;
    switch (this.#bytes[this.#at]) {
      case Type.bulk:
      case Type.verbatim:
        return blob(this);
      case Type.simple:
        return this.text();
      case Type.integer:
        return this.#count();
      case Type.error:
      case Type.blobError:
        return this.error();
      case Type.map:
        return this.#object(blob, depth);
      default:
        return this.#scalarOrArray(blob, depth);
    }
  }

  #scalarOrArray<V>(blob: ReadReply<V>, depth: number): ReplyValue<V> {
    switch (this.#bytes[this.#at]) {
      case Type.double:
        return parseDouble(this.#line());
      case Type.boolean:
        return this.#line() === "t";
      case Type.bigNumber:
        return BigInt(this.#line());
      default: {
        const items: ReplyValue<V>[] = [];
        for (let left = this.items(); left > 0; left--) items.push(this.value(blob, depth + 1));
        return items;
      }
    }
  }

  #object<V>(blob: ReadReply<V>, depth: number): { [key: string]: ReplyValue<V> } {
    const object: { [key: string]: ReplyValue<V> } = {};
    for (let left = this.pairs(); left > 0; left--) {
      const key = this.value(readText, depth + 1);
      setField(object, String(key), this.value(blob, depth + 1));
    }
    return object;
  }

  /** The number on this line. */
  #count(): number {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    const isNegative = bytes[at] === 0x2d;
    if (isNegative) at++;
    let count = 0;
    for (let byte = bytes[at] as number; byte !== CR; byte = bytes[++at] as number) {
      if (at >= this.#end) throw new ProtocolError("a reply is cut short");
      count = count * 10 + (byte - ZERO);
    }
    this.#at = at + 2;
    return isNegative ? -count : count;
  }

  #line(): string {
    const start = this.#at + 1;
    const end = this.#bytes.indexOf(CR, start);
    if (end < 0 || end >= this.#end) throw new ProtocolError("a reply is cut short");
    this.#at = end + 2;
    return decodeText(this.#bytes, start, end);
  }

  #blob<T>(type: number, take: (bytes: Uint8Array, start: number, end: number) => T): T {
    if (this.#bytes[this.#at] !== type) throw this.#unexpected("a string");
    const length = this.#count();
    const start = this.#at;
    const end = start + length;
    if (length < 0 || end + 2 > this.#end) throw new ProtocolError("a reply is cut short");
    this.#at = end + 2;
    return take(this.#bytes, start, end);
  }

  #unexpected(wanted: string): ProtocolError {
    if (this.done)
      return new ProtocolError(`${wanted} was expected, but there is no further reply`);
    const found = String.fromCharCode(this.#bytes[this.#at] as number);
    return new ProtocolError(`${wanted} was expected in a reply, found type '${found}'`);
  }
}

/** Takes a string as text. */
export const readText: ReadReply<string> = (reader) => reader.text();
/** Takes a string as text, or a null. */
export const readTextOrNull: ReadReply<string | null> = (reader) =>
  reader.takeNull() ? null : reader.text();
/** Takes `OK`. */
export const readOk: ReadReply<"OK"> = (reader) => {
  const text = reader.text();
  if (text !== "OK") throw new ProtocolError(`OK was expected in a reply, found "${text}"`);
  return text;
};
/** Takes a string as bytes. */
export const readBytes: ReadReply<Uint8Array> = (reader) => reader.bytes();
/** Takes an integer. */
export const readInteger: ReadReply<number> = (reader) => reader.integer();
/** Takes an integer, or a null. */
export const readIntegerOrNull: ReadReply<number | null> = (reader) =>
  reader.takeNull() ? null : reader.integer();

/** Takes an array of which `read` takes each item. */
export function readArray<T>(reader: ReplyReader, read: ReadReply<T>): T[] {
  const items: T[] = [];
  for (let left = reader.items(); left > 0; left--) items.push(read(reader));
  return items;
}

/**
 * A reader of fields and values. Entries of a stream mostly have the same fields in the same order:
 * the names of the one before are those of the next, and are not made again.
 */
export function fieldsReader<V>(value: ReadReply<V>): ReadReply<Record<string, V>> {
  const names: string[] = [];
  return (reader) => {
    const fields: Record<string, V> = {};
    const count = reader.items() >> 1;
    for (let i = 0; i < count; i++) {
      const name = reader.text(names[i]);
      if (i < KEPT_NAMES && name.length <= SHORT_TEXT) names[i] = name;
      setField(fields, name, value(reader));
    }
    return fields;
  };
}

/** Names that a reader of fields keeps at most. */
const KEPT_NAMES = 64;

/** Sets a field of a plain object, one called `__proto__` included. */
export function setField<V>(object: Record<string, V>, field: string, value: V): void {
  if (field === "__proto__") {
    Object.defineProperty(object, field, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    object[field] = value;
  }
}

/**
 * The end of the reply that begins at `start`, or -1 while it is not complete. For transports that
 * cut replies anywhere.
 */
export function replyEnd(bytes: Uint8Array, start: number, end: number = bytes.byteLength): number {
  let at = start;
  for (let left = 1; left > 0; left--) {
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd < 0 || lineEnd >= end) return -1;
    const type = bytes[at] as number;
    const count = hasCount(type) ? Number(decodeText(bytes, at + 1, lineEnd - 1)) : 0;
    at = lineEnd + 1;
    if (type === Type.bulk || type === Type.verbatim || type === Type.blobError) {
      if (count >= 0) at += count + 2;
      if (at > end) return -1;
    } else if (count > 0) {
      left += type === Type.map ? count * 2 : count;
    }
  }
  return at;
}

function hasCount(type: number): boolean {
  return (
    type === Type.bulk ||
    type === Type.array ||
    type === Type.map ||
    type === Type.set ||
    type === Type.push ||
    type === Type.verbatim ||
    type === Type.blobError
  );
}

function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  // Not `slice`, which a Buffer takes for a view of the same memory.
  return new Uint8Array(bytes.subarray(start, end));
}

function parseDouble(text: string): number {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  if (text === "-inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}
