/** Replies that the front door makes of those of several objects, or by itself. */

import { concat } from "../bytes.ts";
import { replyEnd } from "../framing.ts";
import * as limits from "../limits.ts";
import { ReplyReader } from "../resp.ts";
import type { Protocol } from "./link.ts";

export type Reply = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const ERROR = 0x2d;
const BLOB_ERROR = 0x21;
const PUSH = 0x3e;
const NULL = 0x5f;
const LF = 10;

/** A reply in plain text, without its line end. */
export function line(text: string): Reply {
  return encode(`${text.replaceAll(/[\r\n]+/g, " ")}\r\n`);
}

function encode(text: string): Reply {
  return encoder.encode(text) as Reply;
}

export const OK = line("+OK");
export const QUEUED = line("+QUEUED");
export const CROSSING = line("-CROSSSLOT Keys in request don't hash to the same slot");
export const REFUSED = line(
  "-ERR this command is not available here: every key has an object of its own",
);

export const TOO_LONG = line(`-ERR a key may have ${limits.keyBytes} bytes`);
export const UNWATCHED = line(
  "-ERR WATCH needs a session that lasts: a WebSocket, GET /v1/connect",
);

export function integer(value: number): Reply {
  return line(`:${value}`);
}

/** A text, or a run of bytes. */
export function bulk(text: string | Uint8Array): Reply {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  return concat([encoder.encode(`$${bytes.byteLength}\r\n`), bytes, encoder.encode("\r\n")]);
}

export function array(items: readonly Uint8Array[]): Reply {
  return concat([encoder.encode(`*${items.length}\r\n`), ...items]);
}

export function nullArray(protocol: Protocol): Reply {
  return encode(protocol === 3 ? "_\r\n" : "*-1\r\n");
}

export function isError(reply: Uint8Array): boolean {
  return reply[0] === ERROR || reply[0] === BLOB_ERROR;
}

export function isNull(reply: Uint8Array): boolean {
  return new ReplyReader(reply).takeNull();
}

/** The replies in a run of them. */
export function splitReplies(bytes: Reply): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const end = replyEnd(bytes, at);
    if (end < 0) throw new Error("an object's reply is cut short");
    replies.push(bytes.subarray(at, end));
    at = end;
  }
  return replies;
}

/** What several objects answered to their shares of a read: what all of them have, or null. */
export function mergeReads(replies: readonly Reply[], protocol: Protocol): Reply {
  const filled = replies.filter((reply) => !isError(reply) && !isNull(reply));
  // What was read is told: to a group it counts as delivered. The error comes with the next read.
  if (filled.length === 0) return replies.find(isError) ?? nullArray(protocol);
  const [first] = filled;
  if (filled.length === 1) return first!;
  const count = filled.reduce((sum, reply) => sum + itemsOf(reply), 0);
  const items = filled.map((reply) => reply.subarray(reply.indexOf(LF) + 1));
  return concat([encoder.encode(`${String.fromCharCode(first![0]!)}${count}\r\n`), ...items]);
}

function itemsOf(reply: Reply): number {
  const reader = new ReplyReader(reply);
  return reader.isMap() ? reader.pairs() : reader.items();
}

/** The sum of integers, or the first error among them. */
export function sum(replies: readonly Reply[]): Reply {
  const problem = replies.find(isError);
  if (problem !== undefined) return problem;
  return integer(replies.reduce((total, reply) => total + new ReplyReader(reply).integer(), 0));
}

/** Whether a RESP3 push is a message, and not the confirmation of a subscription. */
export function isMessage(item: Uint8Array): boolean {
  if (item[0] !== PUSH) return false;
  const reader = new ReplyReader(item);
  reader.items();
  return ["message", "pmessage"].includes(reader.text());
}

/** A push, or a confirmation, as RESP2 has it. */
export function inProtocol(item: Reply, protocol: Protocol): Reply {
  if (protocol === 3 || item[0] !== PUSH) return item;
  const copy = item.slice();
  copy[0] = 0x2a;
  // Unsubscribing from nothing names no channel.
  const place = copy.indexOf(NULL, copy.indexOf(LF) + 1);
  const isNullName = place > 0 && copy[place - 1] === LF && copy[place + 1] === 0x0d;
  if (!isNullName) return copy;
  return concat([copy.subarray(0, place), encoder.encode("$-1"), copy.subarray(place + 1)]);
}
