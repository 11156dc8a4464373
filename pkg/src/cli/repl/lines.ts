/** A line that was typed, or that a script has. */

import process from "node:process";
import type { Word } from "./conversation.ts";
import type { Reply } from "./reply.ts";
import type { Shell } from "./shell.ts";
import { splitLine } from "./words.ts";

/** Runs a line, a number before the command times; nothing for one that is empty or no words. */
export async function runLine(shell: Shell, line: Word): Promise<Reply | "quit" | undefined> {
  const words = splitLine(line);
  if (words === undefined) {
    process.stdout.write("Invalid argument(s)\n");
    return undefined;
  }
  const times = /^\d+$/.test(words[0] ?? "") && words.length > 1 ? Number(words.shift()) : 1;
  const [name] = words;
  if (name === undefined) return undefined;
  if (/^(quit|exit)$/i.test(name)) return "quit";
  let reply: Reply | undefined;
  for (let left = times; left > 0; left--) reply = await shell.run(words);
  return reply;
}
