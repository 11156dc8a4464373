// One step of a set-up or a build: runs a command, says what takes long, and when it fails says
// which command it was, why, and what to do. Progress goes to stderr; stdout is for results.

import { spawn } from "node:child_process";
import process from "node:process";
import { inRoot } from "./root.mjs";

/** A step stays silent until it has taken this long. */
const SILENT_MS = 2000;
/** How often the progress line of a terminal is drawn. */
const REDRAW_MS = 200;
/** Exit code of a command that did not end within its time, as the program `timeout` has it. */
const TIMED_OUT = 124;
/** Lines from the start and from the end of a failed command's output that are shown. */
const HEAD_LINES = 10;
const TAIL_LINES = 40;

/** A command failed; the message is complete and for a person. */
export class StepFailed extends Error {}

/**
 * @typedef {object} StepOptions
 * @property {string} [hint] what to do when the command fails
 * @property {string} [cwd] folder to run in; the repository's root when missing
 * @property {NodeJS.ProcessEnv} [env] variables to add
 * @property {number} [timeoutMs] after this it is killed with all that it started; never without
 *
 * @typedef {object} Outcome
 * @property {number} code exit code; 127 when the command could not be started
 * @property {string} output stdout and stderr as they came
 */

/**
 * Runs a command that has to succeed.
 * @param {string} title what is being done, for a person
 * @param {string} command
 * @param {string[]} args
 * @param {StepOptions} [options]
 * @returns {Promise<string>} its output
 */
export async function step(title, command, args, options = {}) {
  const { code, output } = await attempt(title, command, args, options);
  if (code === 0) return output;
  throw new StepFailed(
    [
      `\nFAILED: ${title}`,
      `  command: ${[command, ...args].join(" ")}`,
      `  why: exit code ${code}; what it said:`,
      ...excerpt(output).map((line) => `    ${line}`),
      `  what to do: ${options.hint ?? "mend what the output above names, then run this again"}`,
    ].join("\n"),
  );
}

/**
 * Runs a command that may fail.
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {StepOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function attempt(title, command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: options.cwd ?? inRoot(),
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what it started can be ended with it.
    detached: options.timeoutMs !== undefined,
  });
  const progress = new Progress(title);
  /** @type {string[]} */
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ chunk) => {
      chunks.push(chunk);
      progress.saw(chunk);
    });
  }
  const timer = watch(child, options.timeoutMs, chunks);
  return new Promise((resolve) => {
    /** @type {(code: number) => void} */
    const end = (code) => {
      timer?.stop();
      progress.end(code === 0 ? "done" : "failed");
      resolve({ code, output: chunks.join("") });
    };
    child.on("error", (error) => {
      chunks.push(`${error.message}\n`);
      end(127);
    });
    child.on("close", (code) => end(timer?.passed() ? TIMED_OUT : (code ?? 1)));
  });
}

/**
 * Kills a command that does not end in time, with its whole group; a person's Ctrl-C reaches
 * the group too.
 * @param {import("node:child_process").ChildProcess} child
 * @param {number | undefined} timeoutMs
 * @param {string[]} chunks gets the reason
 */
function watch(child, timeoutMs, chunks) {
  if (timeoutMs === undefined) return undefined;
  let passed = false;
  const kill = () => signalGroup(child.pid, "SIGKILL");
  const timer = setTimeout(() => {
    passed = true;
    chunks.push(`\nkilled: it did not end within ${timeoutMs / 1000} s\n`);
    kill();
    // What left the group may hold the pipes; "close" must come without it.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, timeoutMs);
  const interrupted = () => {
    kill();
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  const stop = () => {
    clearTimeout(timer);
    process.removeListener("SIGINT", interrupted);
  };
  return { stop, passed: () => passed };
}

/**
 * @param {number | undefined} pid leader of the group
 * @param {NodeJS.Signals} signal
 */
export function signalGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the group has ended, which is what was wanted.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/**
 * The start and the end of an output: the reason may stand at either.
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.trimEnd().split("\n");
  const left = lines.length - HEAD_LINES - TAIL_LINES;
  if (left <= 0) return lines;
  return [...lines.slice(0, HEAD_LINES), `… ${left} lines …`, ...lines.slice(-TAIL_LINES)];
}

/** Says that a step is under way: one redrawn line on a terminal, two plain lines elsewhere. */
class Progress {
  #title;
  #started = performance.now();
  #lastLine = "";
  /** @type {NodeJS.Timeout} */
  #timer;
  #shown = false;

  /** @param {string} title */
  constructor(title) {
    this.#title = title;
    this.#timer = setTimeout(() => this.#show(), SILENT_MS);
  }

  /** @param {string} chunk newest output of the command */
  saw(chunk) {
    this.#lastLine = chunk.trimEnd().split("\n").at(-1)?.trim() || this.#lastLine;
  }

  /** @param {string} how */
  end(how) {
    clearTimeout(this.#timer);
    clearInterval(this.#timer);
    if (!this.#shown) return;
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
    process.stderr.write(`${this.#title}: ${how} after ${this.#seconds()} s\n`);
  }

  #show() {
    this.#shown = true;
    if (!process.stderr.isTTY) {
      process.stderr.write(`${this.#title} …\n`);
      return;
    }
    this.#redraw();
    this.#timer = setInterval(() => this.#redraw(), REDRAW_MS);
  }

  #redraw() {
    const line = `${this.#title} … ${this.#seconds()} s  ${this.#lastLine}`;
    process.stderr.write(`\r\x1b[2K${line.slice(0, process.stderr.columns - 1)}`);
  }

  #seconds() {
    return Math.round((performance.now() - this.#started) / 1000);
  }
}
