/** Replies as redis-cli writes them. */

import type { ReplyValue } from "eddyline";
import { write } from "../../../pkg/src/cli/repl/format.ts";
import type { Reply } from "../../../pkg/src/cli/repl/reply.ts";
import { latinOf } from "../base/latin.ts";

/** What a client decodes: bytes for bulk strings, text for simple ones. */
export type TypedReply = ReplyValue<string | Uint8Array>;

/** Commands whose bulk reply is a text in lines. */
const IN_LINES = /^(?:info|client)\b/i;
/** Characters that are shown of one reply. */
const MOST_CHARACTERS = 100_000;

/** The text of a reply to the command. */
export function replyText(command: string, reply: TypedReply): string {
  const isLines = reply instanceof Uint8Array && IN_LINES.test(command);
  const text = isLines ? new TextDecoder().decode(reply) : write(replyOf(reply), "standard");
  const rest = text.length - MOST_CHARACTERS;
  return rest > 0 ? `${text.slice(0, MOST_CHARACTERS)}\n… ${rest} characters more` : text.trimEnd();
}

function replyOf(value: TypedReply): Reply {
  if (value === null) return { type: "nil" };
  if (value instanceof Uint8Array) return { type: "string", text: latinOf(value) };
  if (value instanceof Error) return { type: "error", text: value.message };
  if (Array.isArray(value)) return { type: "array", items: value.map(replyOf) };
  switch (typeof value) {
    case "string":
      return { type: "status", text: value };
    case "boolean":
      return { type: "boolean", value };
    case "bigint":
      return { type: "bignumber", text: String(value) };
    case "number":
      return { type: Number.isInteger(value) ? "integer" : "double", text: String(value) };
    default:
      return { type: "map", items: Object.entries(value).flatMap(itemsOf) };
  }
}

function itemsOf([key, value]: [string, TypedReply]): Reply[] {
  return [{ type: "string", text: latinOf(new TextEncoder().encode(key)) }, replyOf(value)];
}
