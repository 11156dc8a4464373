/** Telling commands that wait from others, by their words. */

import type { Argument, Argv } from "../resp.ts";
import { decodeText } from "../text.ts";

/** Whether a command may wait: BLPOP, BRPOP, and XREAD or XREADGROUP with `BLOCK`. */
export function isBlocking(argv: Argv): boolean {
  const name = wordOf(argv[0]);
  if (isPop(name)) return true;
  return (name === "XREAD" || name === "XREADGROUP") && readOptions(argv).blockAt > 0;
}

/** How many values follow an option; those not named here have none. */
const OPTION_VALUES: Readonly<Record<string, number>> = {
  BLOCK: 1,
  CLAIM: 1,
  COUNT: 1,
  GROUP: 2,
  MAXCOUNT: 1,
  MAXSIZE: 1,
};

/**
 * Where a command has its time to wait (0: nowhere), and a read its first key. A pop has its seconds
 * at the end, and nothing of it depends on when it is asked.
 */
export function readOptions(argv: Argv): { blockAt: number; keysAt: number } {
  if (isPop(wordOf(argv[0]))) return { blockAt: argv.length - 1, keysAt: argv.length };
  let blockAt = 0;
  for (let at = 1; at < argv.length; at++) {
    const word = wordOf(argv[at]);
    if (word === "STREAMS") return { blockAt, keysAt: at + 1 };
    if (word === "BLOCK") blockAt = at + 1;
    at += OPTION_VALUES[word] ?? 0;
  }
  return { blockAt, keysAt: argv.length };
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
