/**
 * Replies as scenarios expect them and as they come over the wire. Strings hold bytes, one to a
 * character, so that everything can be compared and shown.
 */

/** What a client speaks. */
export type Protocol = 2 | 3;

/** An expected reply: one for both protocols, with wildcards for what depends on the clock. */
export type Expected =
  | { type: "bulk" | "simple" | "error"; text: string }
  | { type: "int"; value: bigint }
  | { type: "array" | "push" | "set" | "unordered"; items: Expected[] }
  | { type: "lines"; lines: string[] }
  | { type: "map" | "pairs"; pairs: [Expected, Expected][] }
  | { type: "nilBulk" | "nilArray" | "anyId" | "anyInt" | "any" };

/** A reply that came. */
export type Value =
  | { type: "bulk" | "simple" | "error" | "verbatim"; text: string }
  | { type: "int"; value: bigint }
  | { type: "array" | "push" | "set"; items: Value[] }
  | { type: "map"; pairs: [Value, Value][] }
  | { type: "nilBulk" | "nilArray" | "null" };

/** The bytes of a string of bytes. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Bytes as a string of bytes. */
export function fromBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Whether `value`, which came to a client of this protocol, is what was expected. */
export function isExpected(expected: Expected, value: Value, protocol: Protocol): boolean {
  switch (expected.type) {
    case "any":
      return value.type !== "error";
    case "anyInt":
      return value.type === "int";
    case "anyId":
      return value.type === "bulk" && /^\d+-\d+$/.test(value.text);
    case "nilBulk":
    case "nilArray":
      return value.type === (protocol === 3 ? "null" : expected.type);
    case "int":
      return value.type === "int" && value.value === expected.value;
    case "array":
      return value.type === "array" && areExpected(expected.items, value.items, protocol);
    case "push":
      return (
        value.type === (protocol === 3 ? "push" : "array") &&
        areExpected(expected.items, value.items, protocol)
      );
    case "set":
    case "unordered":
      return (
        value.type === (protocol === 3 && expected.type === "set" ? "set" : "array") &&
        areInSomeOrder(expected.items, value.items, protocol)
      );
    case "lines":
      return (
        value.type === (protocol === 3 ? "verbatim" : "bulk") &&
        hasLines(value.text, expected.lines)
      );
    case "map":
    case "pairs":
      return arePairs(expected.type, expected.pairs, value, protocol);
    default:
      return value.type === expected.type && value.text === expected.text;
  }
}

function areExpected(expected: Expected[], values: Value[], protocol: Protocol): boolean {
  return (
    expected.length === values.length &&
    expected.every((item, i) => isExpected(item, values[i] as Value, protocol))
  );
}

function areInSomeOrder(expected: Expected[], values: Value[], protocol: Protocol): boolean {
  const left = [...values];
  const found = expected.every((item) => {
    const at = left.findIndex((value) => isExpected(item, value, protocol));
    return at >= 0 && left.splice(at, 1).length === 1;
  });
  return found && left.length === 0;
}

/** Whether for every pattern there is a line like it; `*` stands for anything. */
function hasLines(text: string, patterns: string[]): boolean {
  const lines = text.split(/\r?\n/);
  return patterns.every((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[.?+^${}()|[\]\\]/g, "\\$&"));
    const like = new RegExp(`^${parts.join(".*")}$`, "s");
    return lines.some((line) => like.test(line));
  });
}

/** RESP3 has maps; RESP2 a flat array in the place of one kind and an array of pairs of the other. */
function arePairs(
  type: "map" | "pairs",
  pairs: [Expected, Expected][],
  value: Value,
  protocol: Protocol,
): boolean {
  if (protocol === 3) {
    return value.type === "map" && areExpected(pairs.flat(), value.pairs.flat(), protocol);
  }
  const items: Expected[] =
    type === "map" ? pairs.flat() : pairs.map((pair) => ({ type: "array", items: pair }));
  return value.type === "array" && areExpected(items, value.items, protocol);
}

/** Decodes one complete reply. */
export function decodeReply(bytes: Uint8Array): Value {
  return new Decoder(fromBytes(bytes)).value();
}

class Decoder {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Value {
    const line = this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return { type: "simple", text: rest };
      case "-":
        return { type: "error", text: rest };
      case ":":
        return { type: "int", value: BigInt(rest) };
      case "_":
        return { type: "null" };
      case "$":
        return rest === "-1" ? { type: "nilBulk" } : { type: "bulk", text: this.#blob(rest) };
      case "*":
        return rest === "-1" ? { type: "nilArray" } : { type: "array", items: this.#items(rest) };
      case ">":
        return { type: "push", items: this.#items(rest) };
      case "~":
        return { type: "set", items: this.#items(rest) };
      case "=":
        return { type: "verbatim", text: this.#blob(rest).slice("txt:".length) };
      case "%":
        return { type: "map", pairs: this.#pairs(rest) };
      default:
        throw new Error(`no reply begins with ${JSON.stringify(line)}`);
    }
  }

  #line(): string {
    const end = this.#text.indexOf("\r\n", this.#at);
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #blob(length: string): string {
    const start = this.#at;
    this.#at += Number(length) + 2;
    return this.#text.slice(start, this.#at - 2);
  }

  #items(count: string): Value[] {
    return Array.from({ length: Number(count) }, () => this.value());
  }

  #pairs(count: string): [Value, Value][] {
    return Array.from({ length: Number(count) }, () => [this.value(), this.value()]);
  }
}

/** A reply in the notation of scenarios. */
export function show(reply: Expected | Value): string {
  switch (reply.type) {
    case "bulk":
      return quote(reply.text);
    case "simple":
      return `+${reply.text}`;
    case "error":
      return `-${reply.text}`;
    case "int":
      return String(reply.value);
    case "array":
    case "push":
    case "set":
    case "unordered":
      return `${signs[reply.type]}[${reply.items.map(show).join(", ")}]`;
    case "lines":
      return `=[${reply.lines.map(quote).join(", ")}]`;
    case "verbatim":
      return `=${quote(reply.text)}`;
    case "map":
      return `{${showPairs(reply.pairs)}}`;
    case "pairs":
      return `{{${showPairs(reply.pairs)}}}`;
    default:
      return words[reply.type];
  }
}

const signs = { array: "", push: ">", set: "~", unordered: "*" } as const;

const words = {
  nilBulk: "nil$",
  nilArray: "nil*",
  null: "null",
  anyId: "id",
  anyInt: "int",
  any: "any",
} as const;

function showPairs(pairs: [Expected | Value, Expected | Value][]): string {
  return pairs.map(([key, value]) => `${show(key)}: ${show(value)}`).join(", ");
}

function quote(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, "\\$&").replaceAll(/[^ -~]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}
