/** A person at a terminal: editing, history, hints behind what is typed, completion. */

import process from "node:process";
import { createInterface, emitKeypressEvents, type Interface } from "node:readline";
import { commandNames, hintOf, wordsThatFit } from "../../syntax.ts";
import { bytesOf, InterruptedError } from "./conversation.ts";
import { History } from "./history.ts";
import { runLine } from "./lines.ts";
import type { Shell } from "./shell.ts";

/** A command that takes so long is told how long it took. */
const SLOW_MS = 500;
/** How many keys are offered, and in how many steps they are looked for. */
const MOST_KEYS = 100;
const SCANS = 10;

/** Speaks with a person until they leave; the exit code. */
export async function interact(shell: Shell, historyFile: string | undefined): Promise<number> {
  const history = new History(historyFile);
  await shell.connect();
  const typed = new Typed(shell, history);
  for (;;) {
    const line = await typed.next(shell.prompt);
    if (line === undefined) break;
    history.add(line);
    if (/^\s*clear\s*$/i.test(line)) {
      process.stdout.write("\x1b[H\x1b[2J");
      continue;
    }
    if (/^\s*(help|\?)(\s|$)/i.test(line)) {
      help(line.trim().split(/\s+/).slice(1).join(" "));
      continue;
    }
    if ((await runTimed(shell, line)) === "quit") break;
  }
  typed.close();
  return 0;
}

/** Runs a line; says what went wrong, and goes on. */
async function runTimed(shell: Shell, line: string): Promise<unknown> {
  const start = performance.now();
  try {
    const reply = await runLine(shell, bytesOf(line));
    const tookMs = performance.now() - start;
    if (reply !== undefined && reply !== "quit" && tookMs >= SLOW_MS)
      process.stdout.write(`(${(tookMs / 1000).toFixed(2)}s)\n`);
    return reply;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!(error instanceof InterruptedError)) process.stdout.write(`Error: ${error.message}\n`);
    return undefined;
  }
}

function help(about: string): void {
  const names = commandNames().filter((name) => name.startsWith(about.toUpperCase()));
  const text = names.map(
    (name) =>
      `  ${name}${hintOf(`${name} `)
        .trimEnd()
        .replace(/^(?=.)/, " ")}`,
  );
  const rest =
    about === "" ? ["  quit, clear, help COMMAND; a number before a command repeats it"] : [];
  process.stdout.write(`${[...text, ...rest].join("\n")}\n`);
}

/** What a person types, line by line. */
class Typed {
  readonly #shell: Shell;
  readonly #readline: Interface;
  readonly #lines: string[] = [];
  #isOver = false;
  /** Whether a hint stands behind the cursor. */
  #isHinting = false;
  /** Whether a line is being typed, and not a command run. */
  #isAsking = false;
  #wake: () => void = () => {};

  constructor(shell: Shell, history: History) {
    this.#shell = shell;
    const { stdin, stdout } = process;
    emitKeypressEvents(stdin);
    // Before the line is edited: the hint may not be left behind.
    stdin.on("keypress", () => this.#takeHintAway());
    this.#readline = createInterface({
      input: stdin,
      output: stdout,
      history: history.lines(),
      historySize: history.size,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) =>
        void this.#complete(line).then((result) => done(null, result)),
    });
    stdin.on("keypress", () => this.#hint());
    this.#readline.on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.#readline.on("SIGINT", () => this.#interrupt());
    this.#readline.on("close", () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** The next line; `undefined` when there is none any more. */
  async next(prompt: string): Promise<string | undefined> {
    if (this.#lines.length === 0 && !this.#isOver) {
      this.#isAsking = true;
      this.#readline.setPrompt(prompt);
      this.#readline.prompt();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#isAsking = false;
    }
    return this.#lines.shift();
  }

  close(): void {
    this.#readline.close();
  }

  #interrupt(): void {
    if (!this.#isAsking) {
      process.stdout.write("\n");
      void this.#shell.interrupt();
      return;
    }
    // The line is given up.
    process.stdout.write("^C\n");
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
  }

  #takeHintAway(): void {
    if (this.#isHinting) process.stdout.write("\x1b[K");
    this.#isHinting = false;
  }

  /** Shows behind the cursor what is still to be typed, where there is room for it. */
  #hint(): void {
    const { line, cursor } = this.#readline;
    if (!this.#isAsking || line === "" || cursor !== line.length) return;
    const { cols } = this.#readline.getCursorPos();
    const room = process.stdout.columns - cols - 1;
    const hint = hintOf(line).slice(0, Math.max(room, 0));
    if (hint === "") return;
    this.#isHinting = true;
    process.stdout.write(`\x1b[90m${hint}\x1b[0m\x1b[${hint.length}D`);
  }

  async #complete(line: string): Promise<[string[], string]> {
    const word = /\S*$/.exec(line)?.[0] ?? "";
    const known = wordsThatFit(line);
    const before = line.slice(0, line.length - word.length);
    if (before.trim() === "" || this.#shell.inTransaction) return [known, word];
    const keys = await this.#keys(word).catch(() => []);
    return [[...known, ...keys], word];
  }

  /** Keys that begin so, of those that can be typed without quotes. */
  async #keys(start: string): Promise<string[]> {
    const pattern = `${start.replaceAll(/[\\*?[\]]/g, "\\$&")}*`;
    const keys = new Set<string>();
    let cursor = "0";
    for (let scans = 0; scans < SCANS && keys.size < MOST_KEYS; scans++) {
      const reply = await this.#shell.ask([
        "SCAN",
        cursor,
        "MATCH",
        bytesOf(pattern),
        "COUNT",
        "1000",
      ]);
      if (!("items" in reply)) break;
      const [next, found] = reply.items;
      if (next === undefined || !("text" in next) || found === undefined || !("items" in found))
        break;
      for (const key of found.items) {
        if ("text" in key && /^[!-~]+$/.test(key.text) && !/["']/.test(key.text))
          keys.add(key.text);
      }
      cursor = next.text;
      if (cursor === "0") break;
    }
    return [...keys].sort();
  }
}
