/** `pipeline()` and `multi()`: commands that are collected and sent together. */

import type { ReplyReader } from "../../resp.ts";
import { asCallback, type Callback, Command } from "./command.ts";
import { Commander, type CommanderOptions } from "./commander.ts";

/** One reply as ioredis gives it. */
export type Result = [error: Error | null, result?: unknown];

/** What a pipeline needs of its client. */
export interface Sender {
  readonly options: CommanderOptions;
  /** Sends a command, whose reply `read` takes. */
  send(command: Command, read?: (reader: ReplyReader) => unknown): Promise<unknown>;
}

/** Commands to be sent together; `multi` and `exec` among them make some of them a transaction. */
export class Pipeline extends Commander {
  readonly options: CommanderOptions;
  readonly isPipeline = true;
  readonly #sender: Sender;
  readonly #queue: Command[] = [];
  /** Transactions that were begun and not ended. */
  #open = 0;
  /** The whole of it is one transaction, and is answered as one. */
  readonly #isTransaction: boolean;
  #results: Promise<unknown> | undefined;

  constructor(sender: Sender, isTransaction: boolean) {
    super();
    this.#sender = sender;
    this.options = sender.options;
    this.#isTransaction = isTransaction;
  }

  get length(): number {
    return this.#queue.length;
  }

  sendCommand(command: Command): this {
    this.#queue.push(command);
    if (command.name.toLowerCase() === "multi") this.#open++;
    return this;
  }

  /** Adds commands, each a name with its arguments. */
  addBatch(commands: readonly (readonly [name: string, ...args: unknown[]])[]): this {
    for (const [name, ...args] of commands) this.call(name, ...args);
    return this;
  }

  /** Ends a transaction that was begun with `multi`, or sends everything. */
  exec(callback?: Callback): unknown {
    if (this.#open > 0) {
      this.#open--;
      this.sendCommand(new Command("exec", []));
      if (!this.#isTransaction) {
        this.#queue.at(-1)?.promise.then((value) => callback?.(null, value), callback);
        return this;
      }
    }
    this.#results ??= this.#isTransaction ? this.#transact() : this.#sendAll();
    return asCallback(this.#results, callback);
  }

  execBuffer(callback?: Callback): unknown {
    return this.exec(callback);
  }

  async #sendAll(): Promise<Result[]> {
    let queued: Command[] = [];
    const replies = this.#queue.map((command) => {
      const name = command.name.toLowerCase();
      const inTransaction = queued;
      if (name === "multi") queued = [];
      else queued.push(command);
      const reply =
        name === "exec"
          ? this.#sender.send(command, (reader) => readExec(reader, inTransaction))
          : this.#sender.send(command);
      return reply.then(
        (result): Result => [null, result],
        (error: Error): Result => [error],
      );
    });
    return await Promise.all(replies);
  }

  async #transact(): Promise<Result[] | null> {
    const results = await this.#sendAll();
    const [error, replies] = results.at(-1) as Result;
    if (error !== null) {
      const previousErrors = results.slice(0, -1).flatMap(([previous]) => previous ?? []);
      throw Object.assign(error, { previousErrors });
    }
    return wrapResults(replies as unknown[] | null);
  }
}

/** What EXEC answers, as pairs of an error and a result; null when a watched key was changed. */
export function wrapResults(replies: readonly unknown[] | null): Result[] | null {
  if (replies === null) return null;
  return replies.map((reply) => (reply instanceof Error ? [reply] : [null, reply]));
}

/** Takes EXEC's reply, each part as its command does. */
function readExec(reader: ReplyReader, commands: readonly Command[]): unknown {
  if (reader.takeNull()) return null;
  const length = reader.items();
  return Array.from({ length }, (_, i) => commands[i]?.read(reader));
}
