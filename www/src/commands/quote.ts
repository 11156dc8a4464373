/** Commands as text, as redis-cli writes and reads them. */

import type { Argv } from "eddyline";

const PLAIN = /^[\w!#$%&()*+,\-./:;<=>?@[\]^`{|}~\u{a1}-\u{10ffff}]+$/u;
const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};
const UNESCAPED: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
};

/** A command as one line. */
export function commandText(argv: Argv): string {
  return argv.map((word) => quote(typeof word === "string" ? word : latin(word))).join(" ");
}

/** One word, in quotes when it needs them. */
export function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  const escaped = word.replace(/[\n\r\t"\\]|\p{Cc}/gu, (char) => {
    const code = char.charCodeAt(0).toString(16).padStart(2, "0");
    return ESCAPES[char] ?? `\\x${code}`;
  });
  return `"${escaped}"`;
}

/** A line as words, or what is wrong with it. */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let at = skipBlank(line, 0);
  while (at < line.length) {
    const { word, end } = readWord(line, at);
    words.push(word);
    at = skipBlank(line, end);
  }
  return words;
}

function skipBlank(line: string, from: number): number {
  let at = from;
  while (/\s/.test(line[at] ?? "")) at++;
  return at;
}

function readWord(line: string, from: number): { word: string; end: number } {
  const mark = line[from];
  if (mark === '"' || mark === "'") return readQuoted(line, from + 1, mark);
  let end = from;
  while (end < line.length && !/\s/.test(line[end] ?? "")) end++;
  return { word: line.slice(from, end), end };
}

function readQuoted(line: string, from: number, mark: string): { word: string; end: number } {
  let word = "";
  for (let at = from; at < line.length; at++) {
    const char = line[at] as string;
    if (char === mark) {
      if (at + 1 < line.length && !/\s/.test(line[at + 1] as string))
        throw new SyntaxError(`a blank has to follow the closing ${mark}`);
      return { word, end: at + 1 };
    }
    if (char !== "\\") {
      word += char;
      continue;
    }
    const { text, length } = readEscape(line.slice(at + 1), mark);
    word += text;
    at += length;
  }
  throw new SyntaxError(`the quote ${mark} is not closed`);
}

function readEscape(rest: string, mark: string): { text: string; length: number } {
  const next = rest[0] ?? "";
  // Between single quotes only the quote itself is escaped.
  if (mark === "'") return next === "'" ? { text: "'", length: 1 } : { text: "\\", length: 0 };
  const hex = /^x([0-9a-f]{2})/i.exec(rest)?.[1];
  if (hex !== undefined) return { text: String.fromCharCode(Number.parseInt(hex, 16)), length: 3 };
  return { text: UNESCAPED[next] ?? next, length: 1 };
}

function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
