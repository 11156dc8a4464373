/** What a command of the program `eddyline` is: its options, its help, and how it is called. */

import { type ParseArgsConfig, type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** Exit codes besides 0: it failed, and it was called wrongly. */
export const FAILED = 1;
export const MISUSED = 2;

/** A command line that says nothing known; its message is one line. */
export class UsageError extends Error {}

/** Does what was asked; the exit code. */
export type Run = () => Promise<number>;

/** The options of a command line, and its other words. */
export interface Given<O extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ options: O }>>["values"];
  readonly words: readonly string[];
  /** What follows the command's own words, or `--`. */
  readonly rest: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** How a command is declared. */
export interface Declaration<O extends ParseArgsOptionsConfig> {
  readonly name: string;
  /** What follows the name on a command line. */
  readonly usage: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What `--help` says after the usage: options, and what one has to know. */
  readonly help: string;
  readonly options: O;
  /** How many words are its own; what follows them is taken as it is, options or not. */
  readonly ownWords?: number;
  /** Reads a command line. @throws UsageError when it says nothing known */
  readonly prepare: (given: Given<O>) => Run;
}

/** A command that can be called. */
export interface Command extends Omit<Declaration<ParseArgsOptionsConfig>, "prepare"> {
  /** Reads what follows its name. @throws UsageError when that says nothing known */
  prepare(words: readonly string[], env: NodeJS.ProcessEnv): Run;
}

/** Makes a command of what declares it. */
export function command<const O extends ParseArgsOptionsConfig>(
  declaration: Declaration<O>,
): Command {
  return {
    ...declaration,
    prepare: (words, env) => {
      const [own, rest] = divide(words, declaration);
      const { values, positionals } = parse(own, declaration);
      return declaration.prepare({ values, words: positionals, rest, env });
    },
  };
}

/** The part of a command line that is the command's own, and what it only hands on. */
function divide<O extends ParseArgsOptionsConfig>(
  words: readonly string[],
  { options, ownWords }: Declaration<O>,
): [own: readonly string[], rest: readonly string[]] {
  if (ownWords === undefined) return [words, []];
  const args = [...words];
  const loosely: ParseArgsConfig = { args, options, allowPositionals: true, strict: false };
  const { tokens } = parseArgs({ ...loosely, tokens: true });
  let left = ownWords;
  for (const token of tokens) {
    if (token.kind === "option-terminator")
      return [words.slice(0, token.index), words.slice(token.index + 1)];
    if (token.kind === "positional" && left-- === 0)
      return [words.slice(0, token.index), words.slice(token.index)];
  }
  return [words, []];
}

function parse<O extends ParseArgsOptionsConfig>(
  words: readonly string[],
  { name, options }: Declaration<O>,
): { values: Given<O>["values"]; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    const unknown = /^Unknown option '([^']+)'/.exec((error as Error).message)?.[1];
    if (unknown !== undefined) throw new UsageError(`${name} has no ${unknown}`);
    // Node's text goes on with advice that concerns other programs.
    const [first = ""] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(first);
  }
}

/** A whole number among the options. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`);
}

/** The highest port there is. */
export const MAX_PORT = 65_535;
/** The highest number of a database. */
export const MAX_DATABASE = 15;
