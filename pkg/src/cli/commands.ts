/** The commands of the program `eddyline`. */

import { bench } from "./bench.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { consoleCommand } from "./console.ts";
import { exportCommand, importCommand } from "./moving.ts";
import { repl } from "./repl.ts";
import { serve } from "./serve.ts";
import { token } from "./token.ts";
import { pull, push } from "./transfer.ts";

/** Every command, in the order in which `--help` names them. */
export const COMMANDS: readonly Command[] = [
  serve,
  consoleCommand,
  repl,
  check,
  exportCommand,
  importCommand,
  pull,
  push,
  bench,
  token,
];

/** What `eddyline --help` says. */
export function help(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `usage: eddyline COMMAND [options]

${lines.join("\n")}

\`eddyline COMMAND --help\` says what one of them takes. Where an address is wanted: memory:// (in
this process, gone at its end), file:./folder, redis://host:port, https://host of a Worker or of
\`eddyline serve --http\`, whose token is in EDDYLINE_TOKEN.

Exit codes: 0 it is done, 1 it failed (check: something is damaged), 2 it was called wrongly.
--version says which version this is.
`;
}

/** What `eddyline COMMAND --help` says. */
export function helpOf({ name, usage, summary, help: more }: Command): string {
  const own = `usage: eddyline ${name}${usage === "" ? "" : ` ${usage}`}`;
  return `${own}\n\n${summary[0]?.toUpperCase()}${summary.slice(1)}.\n\n${more.replace(/^\n/, "")}`;
}
