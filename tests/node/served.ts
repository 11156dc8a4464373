/** The program `eddyline` in a process of its own. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The program. */
export const PROGRAM = fileURLToPath(new URL("../../pkg/bin/eddyline.js", import.meta.url));

/** How a run of the program ended that is expected to end by itself. */
export function runProgram(
  ...words: string[]
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const options = { timeout: 60_000 };
    execFile(process.execPath, [PROGRAM, ...words], options, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err });
    });
  });
}

/** A server in a process of its own, on a free port. */
export class Served implements AsyncDisposable {
  readonly process: ChildProcess;
  #out = "";

  private constructor(child: ChildProcess) {
    this.process = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#out += text;
    });
  }

  static async start(...words: string[]): Promise<Served> {
    const args = [PROGRAM, "serve", "--port", "0", ...words];
    const served = new Served(
      spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }),
    );
    while (!/listening on/.test(served.out))
      await once(served.process.stdout ?? served.process, "data");
    return served;
  }

  get out(): string {
    return this.#out;
  }

  get port(): number {
    return Number(/listening on 127\.0\.0\.1:(\d+)/.exec(this.#out)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.process;
    if (exitCode === null && signalCode === null) await this.end("SIGKILL");
  }

  /** Sends a signal; the exit code that came of it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const ended = once(this.process, "close");
    this.process.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }
}
