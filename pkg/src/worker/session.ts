/** A client of an object's engine: one HTTP request, from its first byte to its last reply. */

import type { Output } from "./output.ts";

export class Session {
  readonly #settled = Promise.withResolvers<void>();
  #replies: Uint8Array<ArrayBuffer>[] = [];
  #isParked = false;

  /** Whether the engine still owes replies, for want of an entry. */
  get isParked(): boolean {
    return this.#isParked;
  }

  /** Resolves when no reply is owed any more; rejects when none can come. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  add(output: Output): void {
    this.#replies.push(output.reply);
    this.#isParked = output.isParked;
    if (!this.#isParked) this.#settled.resolve();
  }

  /** The engine was lost, and with it what it owed. */
  fail(error: unknown): void {
    // Whoever waits hears of it; for a session that does not wait it is thrown besides.
    this.#settled.promise.catch(() => {});
    this.#settled.reject(error);
  }

  /** Everything that was replied. */
  replies(): Blob {
    return new Blob(this.#replies);
  }
}
