/** Commands as text, as redis-cli writes and reads them. */

import type { Argument, Argv } from "eddyline";
import { quote as quoteBytes } from "../../../pkg/src/cli/repl/format.ts";
import { splitLine } from "../../../pkg/src/cli/repl/words.ts";
import { bytesOf, latinOf } from "../base/latin.ts";

const PLAIN = /^[\w!#$%&()*+,\-./:;<=>?@[\]^`{|}~\u{a1}-\u{10ffff}]+$/u;
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
  return typeof text === "string" ? quote(text) : quoteBytes(latinOf(text));
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

/**
 * A line as words; one that is no text comes as bytes.
 *
 * @throws SyntaxError when quotes are not closed
 */
export function splitCommand(line: string): Argument[] {
  const words = splitLine(latinOf(new TextEncoder().encode(line)));
  if (words === undefined)
    throw new SyntaxError("a quote is not closed, or no blank follows where it is");
  return words.map((word) => textOf(bytesOf(word)));
}

/** What bytes say in UTF-8; the bytes themselves when that is nothing. */
function textOf(bytes: Uint8Array): Argument {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}
