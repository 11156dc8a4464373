/** The work of a consumer group. Loaded with the first call that needs it; {@link Group} is its face. */

import * as limits from "../limits.ts";
import { type ReplyReader, readArray, readText } from "../resp.ts";
import { type ConsumeOptions, Consumer } from "./consumer.ts";
import { type DeadLetterFields, DeadLetterOffice, letterOf } from "./dead-letters.ts";
import type { EntriesOptions } from "./entry-steps.ts";
import { GroupCommands } from "./group-commands.ts";
import type { GroupMessage } from "./lease.ts";
import { type Link, until } from "./link.ts";
import { Messages } from "./messages.ts";
import { idOf, type Position } from "./position.ts";

/** Options of a group. */
export interface GroupOptions {
  /** Behind which place the group begins, when it is created: by default it is given everything. `$`: what comes. */
  readonly start?: Position | undefined;
  /**
   * The stream of its dead letters; by default `{orders}:billing:dead`. Behind a Worker it has to
   * have the stream's hash tag.
   */
  readonly deadLetters?: string | undefined;
}

/** Options of {@link Group.process}. */
export interface ProcessOptions extends ConsumeOptions {
  /**
   * Milliseconds before a message whose handler failed is delivered again; by default a second,
   * and twice as long each time, up to `minIdle`.
   */
  readonly retryDelay?: number | ((deliveries: number, error: unknown) => number) | undefined;
  /** Hears of each failure of a handler; by default it is written to the console. */
  readonly onError?: ((error: unknown, message: GroupMessage<unknown>) => void) | undefined;
}

/** How far a group is behind. */
export interface Lag {
  /** Entries that no consumer was given yet; null when Redis' counters do not tell. */
  readonly undelivered: number | null;
  /** Messages that were delivered and are not settled. */
  readonly pending: number;
}

/** A message that no consumer could finish. */
export interface DeadLetter<T> extends DeadLetterFields {
  /** The message, unless schema or codec refuse it. */
  readonly value: T | undefined;
  /**
   * Sends the message round again: it is delivered to this group, as if for the first time, under
   * the ID that is answered. Where retention has removed its entry it is appended anew, for all
   * groups; null when the letter is gone.
   */
  redrive(): Promise<string | null>;
  /** Removes the letter. */
  delete(): Promise<void>;
}

/** A group of a stream. */
export class GroupWork<Out> {
  readonly #link: Link<never, Out>;
  readonly #name: string;
  readonly #commands: GroupCommands<Out>;
  readonly #office: DeadLetterOffice;

  constructor(link: Link<never, Out>, name: string, options: GroupOptions) {
    this.#link = link;
    this.#name = name;
    this.#commands = new GroupCommands(link, name, idOf(options.start ?? "0"));
    this.#office = new DeadLetterOffice(link, name, options.deadLetters);
  }

  /** See {@link Group.consume}. */
  consume(options: ConsumeOptions): Messages<Out> {
    return new Messages(this.#consumer(options));
  }

  /** See {@link Group.process}. */
  async process(
    handler: (message: GroupMessage<Out>) => unknown,
    options: ProcessOptions,
  ): Promise<void> {
    const consumer = this.#consumer(options);
    const work = async () => {
      let message = await consumer.take();
      while (message !== undefined) {
        await handle(message, handler, options, consumer.settings.minIdle);
        message = await consumer.take();
      }
    };
    for (let left = consumer.settings.concurrency; left > 0; left--) {
      // A worker fails only by its `onError`.
      work().catch((reason) => consumer.fail(reason));
    }
    await aborted(consumer.stopping);
    await consumer.close();
  }

  /** See {@link Group.lag}. */
  async lag(): Promise<Lag> {
    await this.#commands.ensure();
    const groups = await this.#link.send(["XINFO", "GROUPS", this.#link.key], (reader) =>
      readArray(reader, readLag),
    );
    return groups.find(({ name }) => name === this.#name)?.lag ?? { undelivered: null, pending: 0 };
  }

  /** See {@link Group.deadLetters}. */
  async *deadLetters(options: EntriesOptions): AsyncGenerator<DeadLetter<Out>, undefined> {
    const entries = this.#office.read(options);
    try {
      for (let step = await entries.next(); step.done !== true; step = await entries.next()) {
        yield await this.#letterOf(letterOf(step.value.id, step.value.value));
      }
    } finally {
      await entries.return();
    }
    return undefined;
  }

  #consumer(options: ConsumeOptions): Consumer<Out> {
    return new Consumer(this.#link, this.#commands, this.#office, options);
  }

  async #letterOf(letter: DeadLetterFields): Promise<DeadLetter<Out>> {
    const value = await this.#valueOf(letter);
    const redrive = () => this.#office.redrive(letter.id, letter.origin.id);
    return { ...letter, value, redrive, delete: () => this.#office.delete(letter.id) };
  }

  async #valueOf({ id, fields }: DeadLetterFields): Promise<Out | undefined> {
    try {
      return await this.#link.valueOf({ id, fields: { ...fields }, deliveries: 0 });
    } catch {
      // It may be dead because of that: its reason says so.
      return undefined;
    }
  }
}

/** Has a message handled, and settles it unless the handler did. */
async function handle<T>(
  message: GroupMessage<T>,
  handler: (message: GroupMessage<T>) => unknown,
  { onError = complain, retryDelay }: ProcessOptions,
  minIdle: number,
): Promise<void> {
  try {
    const handled = handler(message);
    // Not only a promise: what some libraries return begins its work when it is awaited.
    if (isThenable(handled)) await until(Promise.resolve(handled), message.signal);
    message.ack();
  } catch (error) {
    const { deliveries } = message;
    const delay =
      typeof retryDelay === "function"
        ? retryDelay(deliveries, error)
        : (retryDelay ?? Math.min(limits.retryDelayMs * 2 ** (deliveries - 1), minIdle));
    message.nack({ delay, reason: error });
    onError(error, message);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return "then" in value && typeof value.then === "function";
}

function complain(error: unknown, { id }: GroupMessage<unknown>): void {
  console.error(`message ${id} was not processed:`, error);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function readLag(reader: ReplyReader): { name: string; lag: Lag } {
  let name = "";
  let [undelivered, pending]: [number | null, number] = [null, 0];
  for (let left = reader.pairs(); left > 0; left--) {
    const field = reader.text();
    if (field === "name") name = reader.text();
    else if (field === "pending") pending = reader.integer();
    else if (field === "lag") undelivered = reader.takeNull() ? null : reader.integer();
    else reader.value(readText);
  }
  return { name, lag: { undelivered, pending } };
}
