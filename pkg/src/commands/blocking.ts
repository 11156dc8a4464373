/** Telling commands that wait from others, by their words. */

import type { Argument, Argv } from "../resp.ts";
import { decodeText } from "../text.ts";

/** Where the options of a read begin: behind its name, a group and a consumer. */
const OPTIONS_AT: Readonly<Record<string, number>> = { XREAD: 1, XREADGROUP: 4 };

/** Whether a command may wait: BLPOP, BRPOP, and XREAD or XREADGROUP with `BLOCK`. */
export function isBlocking(argv: Argv): boolean {
  const name = wordOf(argv[0]);
  if (isPop(name)) return true;
  const options = OPTIONS_AT[name];
  if (options === undefined) return false;
  const words = argv.slice(options).map(wordOf);
  return words.find((word) => word === "BLOCK" || word === "STREAMS") === "BLOCK";
}

/** Whether it is a list's read that waits. */
export function isPop(name: string): boolean {
  return name === "BLPOP" || name === "BRPOP";
}

/** Bytes of a word at most, as far as anybody looks. */
const MAX_WORD = 32;

/** A word of a command, in capitals. */
export function wordOf(argument: Argument | undefined): string {
  if (argument === undefined) return "";
  if (typeof argument === "string") return argument.toUpperCase();
  return decodeText(argument, 0, Math.min(argument.length, MAX_WORD)).toUpperCase();
}
