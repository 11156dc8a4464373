/** The messages of a consumer one by one. {@link Consumption} is their face. */

import { EddylineError } from "../errors.ts";
import type { Consumer } from "./consumer.ts";
import type { GroupMessage } from "./lease.ts";

/** Hands out what a consumer is given, and keeps to its concurrency. */
export class Messages<T> implements AsyncIterator<GroupMessage<T>, undefined> {
  readonly #consumer: Consumer<T>;
  /** What was handed out last. */
  #current: GroupMessage<T> | undefined;

  constructor(consumer: Consumer<T>) {
    this.#consumer = consumer;
  }

  /**
   * The next message; the end after {@link close} or the signal. With a concurrency of 1 the one
   * before must have been settled; with more it waits until fewer are in flight.
   */
  async next(): Promise<IteratorResult<GroupMessage<T>, undefined>> {
    const consumer = this.#consumer;
    const { concurrency } = consumer.settings;
    if (concurrency === 1 && this.#current?.isSettled === false) this.#refuse(this.#current);
    while (consumer.load >= concurrency && !consumer.stopping.aborted) await consumer.change();
    const message = await consumer.take();
    this.#current = message;
    if (message !== undefined) return { done: false, value: message };
    await this.close();
    return { done: true, value: undefined };
  }

  /** The loop was left: the message it was at is given back, and the consumption ends. */
  async return(): Promise<IteratorResult<GroupMessage<T>, undefined>> {
    this.#current?.nack({ reason: "the loop was left before it was finished" });
    await this.close();
    return { done: true, value: undefined };
  }

  /**
   * Ends the consumption in good order: nothing new is taken, what was read ahead is given back,
   * what is in flight has the time of `drain`, and all that was settled is told to the engine.
   *
   * @throws the reason, when the consumption failed
   */
  close(): Promise<void> {
    return this.#consumer.close();
  }

  /** Resolves when all that was settled until now is told to the engine. */
  flush(): Promise<void> {
    return this.#consumer.flush();
  }

  /** With one message at a time nobody else can settle it: waiting for that would never end. */
  #refuse(message: GroupMessage<T>): void {
    const text =
      `message ${message.id} was neither acknowledged nor given back before the next was asked ` +
      "for: call ack(), nack() or reject() on each, or use process()";
    this.#consumer.fail(new EddylineError("UNSETTLED", text));
    message.nack({ reason: text });
  }
}
