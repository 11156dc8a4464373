/** Arguments that may be given alone or as a list. */

import type { Argument, Arguments } from "../resp.ts";

/** Appends one argument or all of a list. */
export function pushArguments(argv: Argument[], given: Arguments): void {
  if (isOne(given)) argv.push(given);
  else for (const argument of given) argv.push(argument);
}

function isOne(given: Arguments): given is Argument {
  return typeof given === "string" || given instanceof Uint8Array;
}

/** Appends `name value` when there is a value. */
export function pushOption(
  argv: Argument[],
  name: string,
  value: number | Argument | undefined,
): void {
  if (value !== undefined) argv.push(name, typeof value === "number" ? String(value) : value);
}
