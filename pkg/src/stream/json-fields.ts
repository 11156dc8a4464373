/** The codec of streams that are given no other: properties as fields, in JSON where they are no text. */

import type { Value } from "../commands/message.ts";
import type { Message } from "../commands/xadd.ts";
import type { TextCodec } from "./codec.ts";

/** The mapping that {@link PlainOptions} describe. */
export const jsonFields: TextCodec<object, unknown> = {
  encode: encodeFields,
  decode: decodeFields,
};

function encodeFields(value: object): Message {
  if (!isPlain(value)) throw unfit(value, "the value");
  const fields: [string, string][] = [];
  for (const [name, property] of Object.entries(value)) {
    if (property === undefined) continue;
    if (!name.isWellFormed()) throw new TypeError(`${JSON.stringify(name)} is no valid Unicode`);
    fields.push([name, encodeProperty(property, name)]);
  }
  // An entry has one field at least.
  if (fields.length === 0) fields.push(["", ""]);
  return fields;
}

function encodeProperty(property: unknown, name: string): string {
  const value = speaksForItself(property) ? property.toJSON(name) : property;
  if (typeof value === "string") return encodeText(value, name);
  requireJson(value, name);
  return JSON.stringify(value);
}

function encodeText(text: string, name: string): string {
  const isItself = decodeText(text) === text && text.isWellFormed();
  return isItself && (text !== "" || name !== "") ? text : JSON.stringify(text);
}

/** In place: the fields were read for this alone. */
function decodeFields(fields: Record<string, Value | unknown>): unknown {
  const names = Object.keys(fields);
  if (names.length === 1 && fields[""] === "") return {};
  for (const name of names) fields[name] = decodeText(fields[name] as string);
  return fields;
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function decodeText(text: string): unknown {
  const first = text.charCodeAt(0);
  // `"`, `[`, `{`
  if (first === 0x22 || first === 0x5b || first === 0x7b) return parsed(text);
  // `-`, digits
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
    const number = Number(text);
    return Number.isFinite(number) && String(number) === text ? number : text;
  }
  // `f`, `n`, `t`
  if (first !== 0x66 && first !== 0x6e && first !== 0x74) return text;
  const word = WORDS.get(text);
  return word === undefined ? text : word;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether it says itself what it is in JSON. A Buffer does, in a way that nobody means. */
function speaksForItself(value: unknown): value is { toJSON(name: string): unknown } {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  return "toJSON" in value && typeof value.toJSON === "function";
}

/** Throws for what JSON would leave out or change. */
function requireJson(value: unknown, place: string): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) throw unfit(value, place);
      return;
    case "object":
      break;
    default:
      throw unfit(value, place);
  }
  if (value === null) return;
  if (speaksForItself(value)) {
    requireJson(value.toJSON(""), place);
    return;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) requireJson(value[i], `${place}[${i}]`);
    return;
  }
  if (!isPlain(value)) throw unfit(value, place);
  for (const [name, property] of Object.entries(value)) {
    if (property !== undefined) requireJson(property, `${place}.${name}`);
  }
}

/** Whether it is an object of no class, in whichever realm it was made. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function unfit(value: unknown, place: string): TypeError {
  const named = typeof value === "object" ? (value?.constructor?.name ?? "null") : typeof value;
  const what = typeof value === "number" ? String(value) : named;
  return new TypeError(`${place} is ${what}, which would not be read as it was written`);
}
