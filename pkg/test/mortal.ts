/** A transport whose user may die at any moment: as a process that is killed between two awaits. */

import type { Argv, ReadReply } from "../src/resp.ts";
import type { Transport, Wait } from "../src/transport.ts";

/** The way of one user to an engine that outlives him. */
export class MortalTransport implements Transport {
  readonly #engine: Transport;
  readonly #onSend: (argv: Argv) => void;
  /** Commands it still has to say, and how it dies then: before the last is heard, or before it is answered. */
  #left: number;
  readonly #isHeard: boolean;
  readonly #death = new AbortController();

  constructor(
    engine: Transport,
    options: { sends: number; isHeard: boolean; onSend: (argv: Argv) => void },
  ) {
    this.#engine = engine;
    this.#left = options.sends;
    this.#isHeard = options.isHeard;
    this.#onSend = options.onSend;
  }

  /** Aborted when it is dead. */
  get death(): AbortSignal {
    return this.#death.signal;
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    return this.#while(() => {
      this.#onSend(argv);
      return this.#engine.send(argv, read, wait && { signal: this.#ending(wait.signal) });
    });
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    return this.#while(() => this.#engine.transact(commands, read));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A connection ends with its process. */
  #ending(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.death : AbortSignal.any([signal, this.death]);
  }

  /** The dead hear nothing. */
  #while<T>(say: () => Promise<T>): Promise<T> {
    if (this.death.aborted) return new Promise(() => {});
    const isLast = --this.#left === 0;
    if (isLast && !this.#isHeard) this.#death.abort();
    const said = this.death.aborted ? Promise.resolve(undefined as T) : say();
    if (isLast) this.#death.abort();
    return new Promise((resolve, reject) => {
      said.then(
        (value) => this.death.aborted || resolve(value),
        (reason) => this.death.aborted || reject(reason),
      );
    });
  }
}
