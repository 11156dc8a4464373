/** Reads that wait, each on a line of its own while it does. */

import { type Answer, type Call, readAnswer } from "./call.ts";
import type { BlockingRead } from "./commands/blocking-read.ts";
import { TransportError } from "./errors.ts";
import * as limits from "./limits.ts";
import { Line, type LineOptions } from "./line.ts";
import { isHarmless, lostError } from "./pending.ts";
import type { ReadReply } from "./resp.ts";

/** The line could not be opened; nothing was sent over it. */
export class NoLineError extends Error {}

/** Lines of waiting reads. */
export class Lines {
  readonly #options: LineOptions;
  /** Lines of finished waits, for the next ones. */
  #idle: Line[] = [];
  readonly #busy = new Set<Line>();

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /**
   * Waits for a read's answer, for as long as it waits itself. A read that changes nothing is asked
   * again when its line ends.
   *
   * @throws NoLineError when there is no line to send it over
   * @throws TransportError when the line ended, and the read may have changed something
   */
  async wait(read: BlockingRead, call: Call, signal: AbortSignal): Promise<Answer> {
    for (;;) {
      const line = await this.#take(signal);
      const answer = await this.#ask(line, read, call, signal);
      if (answer === undefined) continue;
      this.#keep(line);
      if (answer.value !== null || read.isOver()) return answer;
    }
  }

  /** Ends every line. */
  close(): void {
    for (const line of [...this.#idle, ...this.#busy]) line.close();
    this.#idle = [];
  }

  async #take(signal: AbortSignal): Promise<Line> {
    signal.throwIfAborted();
    let line = this.#idle.pop();
    while (line?.isOver) line = this.#idle.pop();
    if (line !== undefined) return line;
    const opening = new Line(this.#options, (unanswered) => {
      for (const request of unanswered) request.call.reject(lostError());
    });
    const stop = () => opening.close();
    signal.addEventListener("abort", stop);
    try {
      await opening.opened;
    } catch (cause) {
      signal.throwIfAborted();
      throw new NoLineError("no line could be opened", { cause });
    } finally {
      signal.removeEventListener("abort", stop);
    }
    return opening;
  }

  /** The answer; nothing when the line ended and the read can be asked again. */
  async #ask(
    line: Line,
    read: BlockingRead,
    call: Call,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const argv = read.argv(limits.lineWaitMs);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const stop = () => {
      line.close();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop);
    this.#busy.add(line);
    try {
      const take: ReadReply<Answer> = (reader) => readAnswer(reader, call);
      const taking: Call = { read: take, resolve: resolve as Call["resolve"], reject };
      line.send([{ argv, call: taking }], limits.lineWaitMs);
      return await promise;
    } catch (error) {
      if (error instanceof TransportError && isHarmless({ argv })) return undefined;
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#busy.delete(line);
    }
  }

  #keep(line: Line): void {
    if (!line.isOver && line.isIdle && this.#idle.length < limits.idleLines) this.#idle.push(line);
    else line.close();
  }
}
