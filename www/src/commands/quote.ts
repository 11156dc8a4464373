/** Commands as text, as redis-cli writes them. */

import type { Argument, Argv } from "eddyline";
import { latinOf } from "../base/latin.ts";

const PLAIN = /^[\w!#$%&()*+,\-./:;<=>?@[\]^`{|}~\u{a1}-\u{10ffff}]+$/u;
/** Of a text, what is not shown as it is; of bytes with a character each, everything beyond ASCII. */
const OF_TEXT = /["\\]|\p{Cc}/gu;
const OF_BYTES = /["\\]|[^ -~]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

/** A command as one line. */
export function commandText(argv: Argv): string {
  return argv.map(wordText).join(" ");
}

function wordText(word: Argument): string {
  const text = typeof word === "string" ? word : textOf(word);
  return typeof text === "string" ? quote(text) : inQuotes(latinOf(text), OF_BYTES);
}

/** One word, in quotes when it needs them. */
export function quote(word: string): string {
  return PLAIN.test(word) ? word : inQuotes(word, OF_TEXT);
}

function inQuotes(text: string, special: RegExp): string {
  const escaped = text.replace(special, (char) => {
    const code = char.charCodeAt(0).toString(16).padStart(2, "0");
    return ESCAPES[char] ?? `\\x${code}`;
  });
  return `"${escaped}"`;
}

/** What bytes say in UTF-8; the bytes themselves when that is nothing. */
export function textOf(bytes: Uint8Array): Argument {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}
