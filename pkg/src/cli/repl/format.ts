/**
 * Replies as redis-cli writes them: for people, as they are (`--raw`), as CSV, as JSON. Texts are
 * bytes, a character each.
 *
 * Three things are otherwise, so that JSON is JSON: an error is `{"error":"…"}`, `inf` is a text, and
 * in quoted JSON `"` is escaped twice.
 */

import type { Reply } from "./reply.ts";

/** How replies are written. */
export type Format = "standard" | "raw" | "csv" | "json" | "quoted-json";

/** A reply with its line end. */
export function write(reply: Reply, format: Format): string {
  switch (format) {
    case "standard":
      return standard(reply, "");
    case "raw":
      return `${raw(reply)}\n`;
    case "csv":
      return `${csv(reply)}\n`;
    default:
      return `${json(reply, format === "quoted-json")}\n`;
  }
}

const EMPTY = { array: "array", set: "set", push: "push", map: "hash" } as const;
/** What follows the number of an item. */
const MARK = { array: ")", set: "~", push: ")", map: "#" } as const;

/** For people. `indent` is what stands before each further line. */
function standard(reply: Reply, indent: string): string {
  switch (reply.type) {
    case "error":
      return `(error) ${reply.text}\n`;
    case "status":
    case "verbatim":
      return `${reply.text}\n`;
    case "string":
      return `${quote(reply.text)}\n`;
    case "integer":
    case "double":
      return `(${reply.type}) ${reply.text}\n`;
    case "bignumber":
      return `${reply.text}\n`;
    case "boolean":
      return `(${reply.value})\n`;
    case "nil":
      return "(nil)\n";
    default:
      return list(reply, indent);
  }
}

function list({ type, items }: Extract<Reply, { items: unknown }>, indent: string): string {
  if (items.length === 0) return `(empty ${EMPTY[type]})\n`;
  const step = type === "map" ? 2 : 1;
  const width = String(items.length / step).length;
  const inner = `${indent}${" ".repeat(width + 2)}`;
  let text = "";
  for (let at = 0; at < items.length; at += step) {
    const number = String(at / step + 1).padStart(width);
    text += `${at === 0 ? "" : indent}${number}${MARK[type]} `;
    const first = standard(items[at] as Reply, inner);
    if (type !== "map") {
      text += first;
      continue;
    }
    const value = items[at + 1] as Reply;
    const second = standard(value, inner);
    // What has several lines begins on one of its own.
    const isLong = "items" in value && second.indexOf("\n") < second.length - 1;
    text += `${first.slice(0, -1)} => ${isLong ? `\n${inner}` : ""}${second}`;
  }
  return text;
}

/** A text in double quotes, in which everything but printable ASCII is escaped. */
export function quote(text: string): string {
  const escaped = text.replaceAll(/[\\"]|[^ -~]/g, (char) => {
    const known = ESCAPES[char];
    return known ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

/** As it is; items in lines, and a map's values behind their keys. */
export function raw(reply: Reply): string {
  switch (reply.type) {
    case "error":
      return `${reply.text}\n`;
    case "boolean":
      return `(${reply.value})`;
    case "nil":
      return "";
    case "map":
      return pairs(reply.items)
        .map(([key, value]) => `${raw(key)} ${raw(value)}`)
        .join("\n");
    case "array":
    case "set":
    case "push":
      return reply.items.map(raw).join("\n");
    default:
      return reply.text;
  }
}

function csv(reply: Reply): string {
  switch (reply.type) {
    case "error":
      return `ERROR,${quote(reply.text)}`;
    case "status":
    case "string":
    case "verbatim":
      return quote(reply.text);
    case "boolean":
      return String(reply.value);
    case "nil":
      return "NULL";
    case "integer":
    case "double":
    case "bignumber":
      return reply.text;
    default:
      return reply.items.map(csv).join(",");
  }
}

/** JSON; `quoted` escapes bytes as a person would type them, so that it is text whatever they are. */
function json(reply: Reply, quoted: boolean): string {
  switch (reply.type) {
    case "error":
      return `{"error":${JSON.stringify(reply.text)}}`;
    case "status":
      return JSON.stringify(reply.text);
    case "string":
    case "verbatim":
      return JSON.stringify(quoted ? quote(reply.text).slice(1, -1) : reply.text);
    case "boolean":
      return String(reply.value);
    case "nil":
      return "null";
    case "integer":
    case "bignumber":
      return reply.text;
    case "double":
      return /^-?\d/.test(reply.text) ? reply.text : JSON.stringify(reply.text);
    case "map":
      return `{${pairs(reply.items)
        .map(([key, value]) => `${name(key, quoted)}:${json(value, quoted)}`)
        .join(",")}}`;
    default:
      return `[${reply.items.map((item) => json(item, quoted)).join(",")}]`;
  }
}

/** The name of a member: a key that is no text is written as JSON, in a text. */
function name(key: Reply, quoted: boolean): string {
  const text = json(key, quoted);
  return text.startsWith('"') ? text : JSON.stringify(text);
}

function pairs(items: readonly Reply[]): [key: Reply, value: Reply][] {
  return Array.from({ length: items.length / 2 }, (_, at) => [
    items[2 * at] as Reply,
    items[2 * at + 1] as Reply,
  ]);
}
