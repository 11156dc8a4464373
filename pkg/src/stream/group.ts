/** A consumer group of a stream: its work shared out, each message finished once at least. */

import type { ConsumeOptions } from "./consumer.ts";
import { Consumption } from "./consumption.ts";
import type { EntriesOptions } from "./entry-steps.ts";
import type { DeadLetter, GroupWork, Lag, ProcessOptions } from "./group-work.ts";
import type { GroupMessage } from "./lease.ts";

/** A consumer group. Made by {@link Stream.group}; it holds nothing that has to be closed. */
export class Group<Out> {
  /** The group's name. */
  readonly name: string;
  readonly #load: () => Promise<GroupWork<Out>>;

  constructor(name: string, load: () => Promise<GroupWork<Out>>) {
    this.name = name;
    this.#load = load;
  }

  /**
   * Messages as they come, each for this consumer alone until it is settled with `ack`, `nack` or
   * `reject`. Nothing is acknowledged by itself: a message at which the loop is left, by `break` or
   * by an error, is given back. Messages that other consumers have left for `minIdle` are claimed.
   *
   * `await using` or the signal ends it in good order; {@link process} does the settling for you.
   * As other waits without a deadline, waiting here does not keep a Node process alive by itself.
   *
   * @example
   * ```ts
   * for await (const message of orders.group("billing").consume({ signal })) {
   *   await charge(message.value);
   *   message.ack();
   * }
   * ```
   */
  consume(options: ConsumeOptions = {}): Consumption<Out> {
    return new Consumption(async () => (await this.#load()).consume(options));
  }

  /**
   * Calls `handler` with each message, `concurrency` of them at a time. When it returns the message
   * is acknowledged; when it throws, delivered again after `retryDelay`, or put with the dead
   * letters after `maxDeliveries`. A handler may also settle the message itself.
   *
   * Resolves when the signal has ended it: what was in flight is finished or given back by then.
   *
   * @throws the reason, when it cannot go on: the group is gone, the stream is no stream …
   *
   * @example
   * ```ts
   * await orders.group("billing").process(({ value }) => charge(value), { concurrency: 8, signal });
   * ```
   */
  async process(
    handler: (message: GroupMessage<Out>) => unknown,
    options: ProcessOptions = {},
  ): Promise<void> {
    await (await this.#load()).process(handler, options);
  }

  /** How far the group is behind. */
  async lag(): Promise<Lag> {
    return await (await this.#load()).lag();
  }

  /**
   * Messages that no consumer could finish, oldest first: they failed `maxDeliveries` times, were
   * rejected, or are not what the schema asks for.
   *
   * @example
   * ```ts
   * for await (const letter of orders.group("billing").deadLetters()) {
   *   console.log(letter.reason, letter.fields);
   *   await letter.redrive();
   * }
   * ```
   */
  async *deadLetters(options: EntriesOptions = {}): AsyncGenerator<DeadLetter<Out>, undefined> {
    yield* (await this.#load()).deadLetters(options);
    return undefined;
  }
}
