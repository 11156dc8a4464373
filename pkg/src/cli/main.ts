/** The program `eddyline`: finds the command, and makes an exit code of what becomes of it. */

import { readFileSync } from "node:fs";
import process from "node:process";
import "../entry/node.ts";
import { EddylineError } from "../errors.ts";
import { FAILED, MISUSED, type Run, UsageError } from "./command.ts";
import { COMMANDS, help, helpOf } from "./commands.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    return await find(words)();
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EddylineError || isOfSystem(error)))
      throw error;
    const isUsage = error instanceof UsageError;
    const hint = isUsage ? ` (eddyline ${hintFor(words)}--help says what there is)` : "";
    if (!isUsage && words.includes("--json")) process.stdout.write(`${failure(error)}\n`);
    process.stderr.write(`eddyline: ${error.message}${hint}\n`);
    return isUsage ? MISUSED : FAILED;
  }
}

/** What a command line asks for. @throws UsageError when that is nothing known */
function find([name, ...words]: readonly string[]): Run {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) {
    const own = words.slice(0, words.indexOf("--") < 0 ? undefined : words.indexOf("--"));
    const asksForHelp = own.some((word) => word === "--help" || word === "-h");
    return asksForHelp ? say(helpOf(command)) : command.prepare(words, process.env);
  }
  if (name === "--version" || name === "-v") return say(`eddyline ${version()}\n`);
  if (name === "--help" || name === "-h") return say(help());
  if (name === "help") {
    const asked = COMMANDS.find((one) => one.name === words[0]);
    return say(asked === undefined ? help() : helpOf(asked));
  }
  const names = COMMANDS.map((one) => one.name).join(", ");
  if (name === undefined) throw new UsageError(`what shall be done? There are: ${names}`);
  throw new UsageError(`unknown command "${name}"; there are: ${names}`);
}

function say(text: string): Run {
  return async () => {
    process.stdout.write(text);
    return 0;
  };
}

function hintFor([name]: readonly string[]): string {
  return COMMANDS.some((one) => one.name === name) ? `${name} ` : "";
}

/** A file that is not there, a pipe that nobody reads: the system's own words say it. */
function isOfSystem(error: unknown): error is Error & { code?: string } {
  return error instanceof Error && "syscall" in error;
}

/** A failure for a program. */
function failure(error: Error & { code?: string }): string {
  return JSON.stringify({ error: { code: error.code ?? "ERR", message: error.message } });
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}
