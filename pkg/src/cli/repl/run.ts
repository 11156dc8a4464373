/** `eddyline repl`: one command, commands from a pipe, or a person at a terminal. */

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { FAILED } from "../command.ts";
import { openPlace } from "../wire/open.ts";
import { bytesOf, type Word } from "./conversation.ts";
import type { Format } from "./format.ts";
import { interact } from "./interactive.ts";
import { runLine } from "./lines.ts";
import { Shell } from "./shell.ts";

/** What `eddyline repl` is told. */
export interface ReplRequest {
  readonly address: string;
  readonly token: string | undefined;
  /** By default that of the address. */
  readonly database: number | undefined;
  readonly protocol: 2 | 3;
  /** A command; none: they are read. */
  readonly words: readonly string[];
  readonly times: number;
  readonly intervalMs: number;
  /** Whether the command's last argument is read. */
  readonly lastFromInput: boolean;
  /** Whether an error among the replies is a failure. */
  readonly failsByReply: boolean;
  readonly format: Format;
  /** The file of the history, if it is not where it usually is. */
  readonly history: string | undefined;
}

/** Runs it; the exit code. */
export async function runRepl(request: ReplRequest): Promise<number> {
  // Who read the output may go: `| head`.
  process.stdout.on("error", () => process.exit(0));
  const { protocol, format } = request;
  const place = await openPlace(request.address, request.token);
  const database = request.database ?? place.database;
  const shell = new Shell(place, { protocol, format, database });
  try {
    if (request.words.length > 0) return await runOne(shell, request);
    if (process.stdin.isTTY) return await interact(shell, request.history);
    return await runScript(shell, request);
  } finally {
    await shell.close();
    await place.close();
  }
}

async function runOne(shell: Shell, request: ReplRequest): Promise<number> {
  const words = request.words.map(bytesOf);
  if (request.lastFromInput) words.push(await readAll());
  for (let left = request.times; left > 0; left--) {
    const reply = await shell.run(words);
    if (request.failsByReply && reply.type === "error") return FAILED;
    if (left > 1) await sleep(request.intervalMs);
  }
  return 0;
}

async function readAll(): Promise<Word> {
  let all = "";
  for await (const piece of process.stdin.setEncoding("latin1")) all += piece;
  return all;
}

async function runScript(shell: Shell, { failsByReply }: ReplRequest): Promise<number> {
  for await (const line of lines()) {
    const reply = await runLine(shell, line);
    if (reply === "quit") return 0;
    if (failsByReply && reply?.type === "error") return FAILED;
  }
  return 0;
}

async function* lines(): AsyncGenerator<Word, void> {
  let rest = "";
  for await (const piece of process.stdin.setEncoding("latin1")) {
    const parts = `${rest}${piece}`.split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}
