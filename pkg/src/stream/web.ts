/** What is written to a Web Stream, appended to a stream. */

import * as limits from "../limits.ts";

/**
 * Values on their way, in batches of which one is under way at a time: those that come while an
 * append is under way make the next. When it has closed, all of them are kept.
 */
export class Batches<T> {
  readonly #append: (values: T[]) => Promise<unknown>;
  #next: T[] = [];
  #underWay: Promise<void> | undefined;
  readonly #fail: (reason: unknown) => void;
  /** Why nothing is appended any more. */
  #failure: { readonly reason: unknown } | undefined;

  /** @param fail hears why an append failed, once */
  constructor(append: (values: T[]) => Promise<unknown>, fail: (reason: unknown) => void) {
    this.#append = append;
    this.#fail = fail;
  }

  /** Takes a value in; waits while as many wait as a batch holds. */
  async write(value: T): Promise<void> {
    this.#next.push(value);
    this.#underWay ??= this.#run();
    if (this.#next.length >= limits.writableEntries) await this.#underWay;
  }

  /** Until all that was taken in is appended. */
  async close(): Promise<void> {
    await this.#underWay;
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  async #run(): Promise<void> {
    // Lets the values of this task come together.
    await Promise.resolve();
    try {
      while (this.#next.length > 0) await this.#append(this.#next.splice(0));
    } catch (reason) {
      this.#failure = { reason };
      this.#next = [];
      this.#fail(reason);
    }
    this.#underWay = undefined;
  }
}
