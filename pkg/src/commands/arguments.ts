/** How arguments are written: as they are given, lists spread, options by their names. */

import type { Argument, Argv } from "../resp.ts";

/** Writes a command from what a method was given. */
export type WriteArgv = (...args: readonly never[]) => Argv;

/** What is written as an argument, or as several; nothing for `undefined`. */
type Given = Argument | number | Date | readonly Argument[] | undefined;

/** An options object: `true` writes the name alone, a value the name and the value. */
type Options = Readonly<Record<string, Given | boolean>>;

/**
 * Appends an argument or all of a list. What is neither text, bytes nor number is left to be
 * refused where the command is encoded, and so are the numbers of a list: IDs, keys and members are
 * none.
 */
export function pushArguments(argv: Argument[], given: Given): void {
  if (given === undefined) return;
  if (Array.isArray(given)) for (const one of given) argv.push(one);
  else if (typeof given === "number" || given instanceof Date) argv.push(String(Number(given)));
  else argv.push(given as Argument);
}

/** A command of what is given, one by one. */
export function argvOf(...given: readonly Given[]): Argument[] {
  const argv: Argument[] = [];
  for (const one of given) pushArguments(argv, one);
  return argv;
}

/**
 * Appends options in the order of `names`, as `IDMP_MAXSIZE` a name in Redis' own spelling but for
 * its dashes.
 */
export function pushOptions(argv: Argument[], names: string, options: object | undefined): void {
  if (options === undefined) return;
  for (const name of names.split(" ")) {
    const value = (options as Options)[name];
    if (value === undefined || value === false) continue;
    argv.push(name.replaceAll("_", "-"));
    if (value !== true) pushArguments(argv, value as Given);
  }
}

/**
 * A writer of commands whose arguments follow their name one by one, and after them options.
 *
 * @param name one word or two, as `XGROUP CREATE`
 * @param options the names of the options, divided by spaces, in the order in which they are written
 * @param end what comes last
 */
export function plain(name: string, options = "", end?: string): WriteArgv {
  const words = name.split(" ");
  return (...args: readonly unknown[]): Argv => {
    const argv: Argument[] = [...words];
    for (const arg of args) {
      if (options !== "" && isOptions(arg)) pushOptions(argv, options, arg);
      else pushArguments(argv, arg as Given);
    }
    pushArguments(argv, end);
    return argv;
  };
}

function isOptions(arg: unknown): arg is object {
  if (typeof arg !== "object" || arg === null) return false;
  return !(Array.isArray(arg) || arg instanceof Uint8Array || arg instanceof Date);
}

/** Appends fields and values: those of an object, of pairs, or of a flat list. */
export function pushFields(argv: Argument[], fields: object): void {
  const isList = Symbol.iterator in fields;
  const list = isList ? [...(fields as Iterable<Given>)] : Object.entries(fields);
  for (const given of list.flat()) pushArguments(argv, given);
}

/** Appends `IDS n id …`. */
export function pushIds(argv: Argument[], ids: Given): void {
  const list = argvOf(ids);
  argv.push("IDS", String(list.length), ...list);
}
