/** `multi()`: commands that are collected, and then done together. */

import { isBlocking } from "./commands/blocking.ts";
import { refusalOf } from "./commands/connection.ts";
import type { Value } from "./commands/message.ts";
import { CommandMethods, defineMethods } from "./commands/methods.ts";
import type { Commands } from "./commands/table.ts";
import { CommandError, MultiErrorReply, ProtocolError } from "./errors.ts";
import type { Argv, ReadReply, ReplyReader, ReplyValue } from "./resp.ts";
import type { Transport, Wait } from "./transport.ts";

/**
 * Commands to be done together: each method of the client adds one and returns the transaction, and
 * `Replies` grows by the type of its reply.
 */
export type Transaction<V extends Value = string, Replies extends unknown[] = []> = {
  [M in keyof Commands<V>]: (
    ...args: Parameters<Commands<V>[M]>
  ) => Transaction<V, [...Replies, Awaited<ReturnType<Commands<V>[M]>>]>;
} & {
  /** Adds any command. */
  addCommand(argv: Argv): Transaction<V, [...Replies, ReplyValue<V>]>;
  /**
   * Does them all or, when one is malformed, none, and nothing of anybody else's in between.
   *
   * @returns the replies in order
   * @throws CommandError of a command that is malformed
   * @throws MultiErrorReply when some were refused; the others have taken effect
   */
  exec(): Promise<Replies>;
  /** Sends them all at once, but others may come in between. Errors as `exec`. */
  execAsPipeline(): Promise<Replies>;
};

interface Queued {
  readonly argv: Argv;
  readonly read: ReadReply<unknown>;
  readonly wait: Wait | undefined;
}

/** What {@link Transaction} is when it runs. */
export class TransactionQueue<V extends Value> extends CommandMethods<V> {
  readonly #transport: Transport;
  readonly #value: ReadReply<V>;
  readonly #queue: Queued[] = [];
  /** Why it cannot be done. */
  #refusal: Error | undefined;

  static {
    defineMethods(TransactionQueue.prototype, (queue, [write, reader, wait], args) => {
      const argv = write(...(args as never[]));
      queue.#queue.push({ argv, read: reader(queue.#value), wait: wait?.(args) });
      return queue;
    });
  }

  constructor(transport: Transport, value: ReadReply<V>) {
    super();
    this.#transport = transport;
    this.#value = value;
  }

  addCommand(argv: Argv): this {
    this.#refusal ??= refusalOf(argv);
    const wait = isBlocking(argv) ? {} : undefined;
    this.#queue.push({ argv, read: (reader) => reader.value(this.#value), wait });
    return this;
  }

  async exec(): Promise<unknown[]> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const argvs = this.#queue.map(({ argv }) => argv);
    return settled(await this.#transport.transact(argvs, (reader) => this.#readReplies(reader)));
  }

  async execAsPipeline(): Promise<unknown[]> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const calls = this.#queue.map(({ argv, read, wait }) =>
      this.#transport.send(argv, read, wait).catch((error: unknown) => {
        // What is no refusal, the end of the database for one, concerns all of them.
        if (error instanceof CommandError) return error;
        throw error;
      }),
    );
    return settled(await Promise.all(calls));
  }

  #readReplies(reader: ReplyReader): unknown[] {
    if (reader.items() !== this.#queue.length)
      throw new ProtocolError("EXEC does not answer each command");
    return this.#queue.map(({ read }) => (reader.isError() ? reader.error() : read(reader)));
  }
}

function settled(replies: unknown[]): unknown[] {
  const errors = [...replies.keys()].filter((index) => replies[index] instanceof CommandError);
  if (errors.length > 0) throw new MultiErrorReply(replies, errors);
  return replies;
}
