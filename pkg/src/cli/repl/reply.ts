/**
 * Replies as a person is shown them: every type of RESP2 and RESP3 kept apart. Texts are bytes, a
 * character each (latin1), as what others stored need not be UTF-8.
 */

import { ProtocolError } from "../../errors.ts";
import * as limits from "../../limits.ts";

/** One reply. */
export type Reply =
  | {
      readonly type:
        | "status"
        | "error"
        | "string"
        | "verbatim"
        | "integer"
        | "double"
        | "bignumber";
      readonly text: string;
    }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "nil" }
  /** A map's keys and values take turns. */
  | { readonly type: "array" | "set" | "push" | "map"; readonly items: readonly Reply[] };

/** What stands for a line's type. */
const LINES = {
  "+": "status",
  "-": "error",
  ":": "integer",
  ",": "double",
  "(": "bignumber",
} as const;
const BLOBS = { $: "string", "=": "verbatim", "!": "error" } as const;
const LISTS = { "*": "array", "~": "set", ">": "push", "%": "map" } as const;

const CR = 13;
const FIRST_BYTES = 64 << 10;

/** Collects bytes as they come, and gives whole replies. */
export class ReplyStream {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #start = 0;
  #end = 0;
  /** Where the reply that is being looked at goes on, and how many items it still lacks. */
  #at = 0;
  #lacking = 1;

  /** Adds bytes. They are copied. */
  push(bytes: Uint8Array): void {
    if (this.#end + bytes.byteLength > this.#bytes.byteLength) this.#makeRoom(bytes.byteLength);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.byteLength;
  }

  /** The next reply, when all of it is there. */
  next(): Reply | undefined {
    if (!this.#skip()) return undefined;
    const reader = new Reader(this.#bytes.subarray(this.#start, this.#at));
    this.#start = this.#at;
    this.#lacking = 1;
    return reader.reply(0);
  }

  #makeRoom(bytes: number): void {
    const used = this.#end - this.#start;
    const room = this.#bytes.byteLength;
    const whole =
      used + bytes > room ? Buffer.alloc(Math.max(room * 2, used + bytes)) : this.#bytes;
    this.#bytes.copy(whole, 0, this.#start, this.#end);
    this.#bytes = whole;
    this.#at -= this.#start;
    this.#start = 0;
    this.#end = used;
  }

  /** Goes on to the end of the reply; whether it is there. What was passed is not looked at again. */
  #skip(): boolean {
    while (this.#lacking > 0) {
      const line = this.#bytes.subarray(this.#at, this.#end).indexOf(CR);
      const next = this.#at + line + 2;
      if (line < 0 || next > this.#end) return false;
      const type = String.fromCharCode(this.#bytes[this.#at] as number);
      const count = Number(this.#bytes.toString("latin1", this.#at + 1, this.#at + line));
      if (type in LISTS) {
        this.#lacking += Math.max(count, 0) * (type === "%" ? 2 : 1);
      } else if (type in BLOBS && count >= 0) {
        if (next + count + 2 > this.#end) return false;
        this.#at = next + count + 2;
        this.#lacking--;
        continue;
      } else if (!(type in BLOBS || type in LINES || type === "#" || type === "_")) {
        throw new ProtocolError(`"${type}" begins no reply`);
      }
      this.#at = next;
      this.#lacking--;
    }
    return true;
  }
}

/** Reads one whole reply. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  reply(depth: number): Reply {
    if (depth > limits.replyDepth) throw new ProtocolError("a reply is nested too deeply");
    const line = this.#line();
    const [type = "", text] = [line[0], line.slice(1)];
    if (type in LINES) return { type: LINES[type as keyof typeof LINES], text };
    if (type === "#") return { type: "boolean", value: text === "t" };
    if (type === "_" || Number(text) < 0) return { type: "nil" };
    if (type in BLOBS) return this.#blob(BLOBS[type as keyof typeof BLOBS], Number(text));
    const items = Array.from({ length: Number(text) * (type === "%" ? 2 : 1) }, () =>
      this.reply(depth + 1),
    );
    return { type: LISTS[type as keyof typeof LISTS], items };
  }

  #line(): string {
    const end = this.#bytes.indexOf(CR, this.#at);
    const line = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #blob(type: "string" | "verbatim" | "error", length: number): Reply {
    const text = this.#bytes.toString("latin1", this.#at, this.#at + length);
    this.#at += length + 2;
    // The format that a verbatim text begins with, `txt:`.
    return { type, text: type === "verbatim" ? text.slice(4) : text };
  }
}
