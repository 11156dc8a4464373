/**
 * RESP, the language at the engine's door: requests are written, replies of version 2 and 3 are
 * read. Every reader takes a reply straight into its final shape, without a tree in between.
 */

import { CommandError, ProtocolError } from "./errors.ts";
import * as limits from "./limits.ts";
import {
  ARRAY,
  BULK,
  CR,
  ERROR,
  INTEGER,
  LF,
  MAP,
  MINUS,
  NULL,
  PUSH,
  SET,
  SIMPLE,
  VERBATIM,
  ZERO,
} from "./resp-types.ts";
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

/** What a verbatim string begins with, as `txt:`. */
const KIND_BYTES = 4;

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
  let end = writeHeader(out, at, ARRAY, argv.length);
  for (const argument of argv) {
    end =
      typeof argument === "string" ? writeText(out, end, argument) : writeBytes(out, end, argument);
  }
  return end;
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
  const start = writeHeader(out, at, BULK, bytes.byteLength);
  out.set(bytes, start);
  return writeLineEnd(out, start + bytes.byteLength);
}

function writeText(out: Uint8Array, at: number, text: string): number {
  const length = text.length;
  if (length > SHORT_TEXT) return writeEncoded(out, at, text);
  const start = writeHeader(out, at, BULK, length);
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
  const start = writeHeader(out, at, BULK, written);
  if (start !== room) out.copyWithin(start, room, room + written);
  return writeLineEnd(out, start + written);
}

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
    this.#at = mark;
    for (let left = 1; left > 0 && !this.done; left--) left += this.#skip();
  }

  /** Takes an item, or the head of a list of items; returns how many those are. */
  #skip(): number {
    if (this.takeNull()) return 0;
    if (this.isMap()) return this.#count() * 2;
    if (this.isList()) return this.#count();
    if (this.isText()) this.text();
    else this.#line();
    return 0;
  }

  /** Whether the next item is an error. */
  isError(): boolean {
    return this.#bytes[this.#at] === ERROR;
  }

  /** Whether the next item is a RESP3 map. */
  isMap(): boolean {
    return this.#bytes[this.#at] === MAP;
  }

  /** Whether the next item was not asked for. */
  isPush(): boolean {
    return this.#bytes[this.#at] === PUSH;
  }

  /** Whether the next item is a string of any kind. */
  isText(): boolean {
    const type = this.#bytes[this.#at];
    return type === BULK || type === SIMPLE || type === VERBATIM;
  }

  /** Whether the next item is an array, set or push. */
  isList(): boolean {
    const type = this.#bytes[this.#at];
    return type === ARRAY || type === SET || type === PUSH;
  }

  /** Takes a null of any kind; `false`, and nothing taken, when the next item is something else. */
  takeNull(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    const type = bytes[at];
    if (type === NULL) {
      this.#at = at + 3;
      return true;
    }
    if ((type === BULK || type === ARRAY) && bytes[at + 1] === MINUS) {
      this.#at = at + 5;
      return true;
    }
    return false;
  }

  /** Takes an error. */
  error(): CommandError {
    return new CommandError(this.#line());
  }

  /** Takes the head of an array, set or push; returns how many items follow. */
  items(): number {
    if (!this.isList()) throw this.#unexpected("an array");
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
    const bytes = this.#bytes;
    const type = bytes[this.#at];
    if (type === SIMPLE) return this.#line();
    if (type !== BULK && type !== VERBATIM) throw this.#unexpected("a string");
    const start = this.#blob();
    const end = this.#at - 2;
    if (type === VERBATIM) return decodeText(bytes, start + KIND_BYTES, end);
    if (expected !== undefined && isTextAt(bytes, start, end, expected)) return expected;
    return decodeText(bytes, start, end);
  }

  /** Takes a string of any kind as bytes of its own. */
  bytes(): Uint8Array {
    if (this.#bytes[this.#at] !== BULK) return encodeText(this.text());
    const start = this.#blob();
    // Not `slice`, which a Buffer takes for a view of the same memory.
    return new Uint8Array(this.#bytes.subarray(start, this.#at - 2));
  }

  /** Takes an integer, or a string that is one. Beyond 2^53 the nearest number. */
  integer(): number {
    if (this.#bytes[this.#at] === INTEGER) return this.#count();
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
      case BULK:
      case VERBATIM:
        return blob(this);
      case SIMPLE:
        return this.text();
      case INTEGER:
        return this.#count();
      case ERROR:
        return this.error();
      case MAP:
        return this.#object(blob, depth);
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
    const isNegative = bytes[at] === MINUS;
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

  /** Takes a string with a length; returns where it begins. It ends two bytes before the next item. */
  #blob(): number {
    const length = this.#count();
    const start = this.#at;
    this.#at = start + length + 2;
    if (length < 0 || this.#at > this.#end) throw new ProtocolError("a reply is cut short");
    return start;
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
/** Takes an array of which `read` takes each item. */
export function readArray<T>(reader: ReplyReader, read: ReadReply<T>): T[] {
  const items: T[] = [];
  for (let left = reader.items(); left > 0; left--) items.push(read(reader));
  return items;
}

/** A reader of an array whose items are read, one after the other, into the fields of an object. */
export function readerOf<T extends object>(
  fields: {
    readonly [Name in keyof T]: ReadReply<T[Name]>;
  },
): ReadReply<T> {
  const readers = Object.entries<ReadReply<unknown>>(fields);
  return (reader) => {
    reader.items();
    return Object.fromEntries(readers.map(([name, read]) => [name, read(reader)])) as T;
  };
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
