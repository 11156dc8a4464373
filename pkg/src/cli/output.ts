/** What commands print: objects for programs, lines for people. */

import process from "node:process";

/** Writes an object in a line to the standard output. */
export function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Tells a person who sits before a terminal; a script is told by the exit code. */
export function tellPerson(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}
