/** Reads the notation of scenarios, which `README.md` beside this file defines. */

import { type Expected, fromBytes } from "./reply.ts";

/** Something a host must have. A release is `major.minor`. */
export type Need = "connection" | "blocking" | `${number}.${number}`;

/** One line of a scenario, with its number. Strings hold bytes. */
export type Step = { line: number } & (
  | { kind: "command"; client: string; argv: string[]; expect: Expected | "parked"; times: number }
  | { kind: "arrives"; client: string; expect: Expected }
  | { kind: "stillParked"; client: string }
  | { kind: "pass"; ms: number }
  | { kind: "close"; client: string }
);

/** A scenario. */
export interface Scenario {
  name: string;
  line: number;
  needs: Need[];
  keys: string[];
  steps: Step[];
}

/** Every scenario of a file, or an error that names the line. */
export function parseScenarios(text: string): Scenario[] {
  return new Parser(fromBytes(new TextEncoder().encode(text))).scenarios();
}

const CLIENT = /^(?!(?:id|int|any|parked)[:>])([a-z][a-z0-9]*|)([:>])(.*)$/s;

class Parser {
  readonly #lines: string[];
  /** How many lines were read: the number of the last one. */
  #read = 0;

  constructor(bytes: string) {
    this.#lines = bytes.split("\n");
  }

  scenarios(): Scenario[] {
    const scenarios: Scenario[] = [];
    const fileNeeds: Need[] = [];
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      const scenario = scenarios.at(-1);
      if (line.startsWith("==")) scenarios.push(this.#begin(line, fileNeeds, scenarios));
      else if (line.startsWith("@needs "))
        (scenario?.needs ?? fileNeeds).push(...this.#needs(line));
      else if (scenario === undefined) this.#fail("a scenario begins with ==");
      else if (line.startsWith("@keys ")) scenario.keys = this.#words(line.slice(6));
      else scenario.steps.push(this.#step(line));
    }
    return scenarios;
  }

  #begin(line: string, needs: Need[], scenarios: Scenario[]): Scenario {
    const name = trim(line.slice(2));
    if (name === "" || scenarios.some((other) => other.name === name)) {
      this.#fail("a scenario needs a name of its own");
    }
    return { name, line: this.#read, needs: [...needs], keys: ["s"], steps: [] };
  }

  #needs(line: string): Need[] {
    const words = this.#words(line.slice("@needs ".length));
    const unknown = words.find((word) => !/^(connection|blocking|\d+\.\d+)$/.test(word));
    if (unknown !== undefined) this.#fail(`no host is known to have \`${unknown}\``);
    return words as Need[];
  }

  #step(line: string): Step {
    const at = this.#read;
    if (line.startsWith("~")) return { line: at, kind: "pass", ms: this.#number(line.slice(1)) };
    if (line.startsWith("close ")) return { line: at, kind: "close", client: trim(line.slice(6)) };
    if (line.startsWith("@repeat ")) {
      const times = this.#number(line.slice("@repeat ".length));
      return this.#command(this.#next() ?? this.#fail("nothing to repeat"), times);
    }
    const [, client = "", sign, rest = ""] = CLIENT.exec(line) ?? [];
    if (sign !== ":" || client === "") return this.#command(line, 1);
    if (trim(rest) === "parked") return { line: at, kind: "stillParked", client };
    return { line: at, kind: "arrives", client, expect: this.#value(trim(rest)) };
  }

  #command(line: string, times: number): Step {
    const [, client = "", sign, rest = ""] = CLIENT.exec(line) ?? [];
    if (sign !== ">") this.#fail(`neither a command nor anything else: ${line}`);
    const at = this.#read;
    const argv = this.#words(rest);
    const reply = this.#next() ?? this.#fail("a command is followed by its reply");
    const expect = reply === "parked" ? "parked" : this.#value(reply);
    return { line: at, kind: "command", client, argv, expect, times };
  }

  /** The next line that says something. */
  #next(): string | undefined {
    while (this.#read < this.#lines.length) {
      const line = trim(this.#lines[this.#read++] as string);
      if (line !== "" && !line.startsWith("#")) return line;
    }
    return undefined;
  }

  #number(text: string): number {
    if (!/^\d+$/.test(trim(text))) this.#fail(`not a number: ${text}`);
    return Number(text);
  }

  #words(text: string): string[] {
    const reader = new Reader(text);
    const words: string[] = [];
    for (reader.skipSpace(); reader.peek() !== ""; reader.skipSpace()) {
      words.push(reader.peek() === '"' ? reader.string() : reader.bare(/[^\s"]*/y));
    }
    return words;
  }

  /** The value that begins with `first` and takes as many lines as its brackets need. */
  #value(first: string): Expected {
    const alone = /^(?:(\+)|-(?!\d))(?!")(.*)$/s.exec(first);
    if (alone !== null)
      return { type: alone[1] === "+" ? "simple" : "error", text: alone[2] ?? "" };
    for (let text = first; ; text += `\n${this.#lines[this.#read++]}`) {
      const reader = new Reader(text);
      const value = attempt(() => reader.value());
      if (value instanceof Unfinished && this.#read < this.#lines.length) continue;
      if (value instanceof Error) this.#fail(`${value.message}: ${text}`);
      reader.skipSpace();
      if (reader.peek() !== "") this.#fail(`more than a value: ${text}`);
      return value;
    }
  }

  #fail(problem: string): never {
    throw new SyntaxError(`line ${this.#read}: ${problem}`);
  }
}

/** The text ends before the value does. */
class Unfinished extends Error {}

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
}

/** What a sign before an array makes of it. */
const collections = { ">": "push", "~": "set", "*": "unordered" } as const;

/** Reads values and words off a text. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): string {
    return this.#text.charAt(this.#at);
  }

  skipSpace(): void {
    this.bare(/[ \t\n\r\f]*/y);
  }

  bare(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  string(): string {
    const found = this.bare(/"(?:[^"\\]|\\["\\nrt]|\\x[0-9a-fA-F]{2})*"/y);
    if (found === "") throw new SyntaxError("a string is not closed or has an unknown escape");
    return found.slice(1, -1).replaceAll(/\\(x..|.)/gs, (_, code: string) => {
      if (code.startsWith("x")) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
    });
  }

  value(): Expected {
    this.skipSpace();
    if (this.peek() === "") throw new Unfinished("a bracket is not closed");
    if (this.peek() === '"') return { type: "bulk", text: this.string() };
    if (this.bare(/\[/y)) return { type: "array", items: this.#items(/\]/y, () => this.value()) };
    if (this.bare(/=\[/y)) return { type: "lines", lines: this.#items(/\]/y, () => this.#line()) };
    const sign = this.bare(/[>~*](?=\[)/y);
    if (sign !== "") {
      this.bare(/\[/y);
      return { type: collections[sign as ">"], items: this.#items(/\]/y, () => this.value()) };
    }
    if (this.bare(/\{\{/y))
      return { type: "pairs", pairs: this.#items(/\}\}/y, () => this.#pair()) };
    if (this.bare(/\{/y)) return { type: "map", pairs: this.#items(/\}/y, () => this.#pair()) };
    if (this.bare(/\+(?=")/y)) return { type: "simple", text: this.string() };
    if (this.bare(/-(?=")/y)) return { type: "error", text: this.string() };
    return this.#word();
  }

  #word(): Expected {
    const word = this.bare(/[^\s,\]}:]*/y);
    const type = (
      { nil$: "nilBulk", "nil*": "nilArray", id: "anyId", int: "anyInt", any: "any" } as const
    )[word];
    if (type !== undefined) return { type };
    if (!/^[+-]?\d+$/.test(word)) throw new SyntaxError("not a value");
    return { type: "int", value: BigInt(word) };
  }

  /** A pattern of a line. */
  #line(): string {
    this.skipSpace();
    if (this.peek() === "") throw new Unfinished("a bracket is not closed");
    return this.string();
  }

  #pair(): [Expected, Expected] {
    const key = this.value();
    this.skipSpace();
    if (this.peek() === "") throw new Unfinished("a bracket is not closed");
    if (!this.bare(/:/y)) throw new SyntaxError("a key is followed by a colon");
    return [key, this.value()];
  }

  #items<T>(close: RegExp, item: () => T): T[] {
    const items: T[] = [];
    for (;;) {
      this.skipSpace();
      if (this.bare(close)) return items;
      items.push(item());
      this.skipSpace();
      if (this.peek() === "") throw new Unfinished("a bracket is not closed");
      if (this.bare(/,/y)) continue;
      if (!this.bare(close)) throw new SyntaxError("a comma or the closing bracket is missing");
      return items;
    }
  }
}

function trim(text: string): string {
  return text.replace(/^[ \t\r\f]+|[ \t\r\f]+$/g, "");
}
