/** A line as it is typed, taken apart into the words of a command. */

import type { Argument } from "eddyline";
import { splitLine } from "../../../pkg/src/cli/repl/words.ts";
import { bytesOf, latinOf } from "../base/latin.ts";
import { textOf } from "../commands/quote.ts";

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
