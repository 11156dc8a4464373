/** Who of the tabs of a database leads: the one that has its Web Lock. */

/** What a candidate hears. */
export interface ElectionEvents {
  /** It leads, until it calls `release`. */
  onElected(hold: Hold): void;
  /** Another one leads now, though this one has not released. */
  onDeposed(hold: Hold): void;
}

/** The lead, held. */
export interface Hold {
  /** Gives it to the next in line. */
  readonly release: () => void;
  /** Whether it was taken away from a tab that may still be there. */
  readonly isSeized: boolean;
}

/** A candidate. */
export class Election {
  readonly #lock: string;
  readonly #events: ElectionEvents;
  /** While it stands in line. */
  #line: AbortController | undefined;

  constructor(lock: string, events: ElectionEvents) {
    this.#lock = lock;
    this.#events = events;
  }

  /** Gets in line: it is elected when everybody before it has gone. */
  stand(): void {
    const line = new AbortController();
    this.#line = line;
    void this.#request({ signal: line.signal }, line.signal);
  }

  /** Takes the lead from whoever has it. */
  seize(): void {
    // Nothing to seize for who is not in line: it leads, or is about to.
    if (this.#line === undefined) return;
    this.withdraw();
    void this.#request({ steal: true });
  }

  /** Leaves the line. */
  withdraw(): void {
    this.#line?.abort();
    this.#line = undefined;
  }

  async #request(options: LockOptions, signal?: AbortSignal): Promise<void> {
    let hold: Hold | undefined;
    const lead = () =>
      new Promise<void>((release) => {
        hold = { release, isSeized: options.steal === true };
        this.#line = undefined;
        this.#events.onElected(hold);
      });
    try {
      await navigator.locks.request(this.#lock, options, lead);
    } catch (cause) {
      if (hold !== undefined) this.#events.onDeposed(hold);
      else if (!signal?.aborted) throw cause;
    }
  }
}

/** Holds a lock until `release` is called; resolves when it is held. */
export function holdLock(lock: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = () => new Promise<void>((release) => resolve(release));
    navigator.locks.request(lock, held).catch(reject);
  });
}

/** Resolves when nobody holds a lock any more, or `signal` says that it is of no interest. */
export async function untilFree(lock: string, signal: AbortSignal): Promise<void> {
  await navigator.locks
    .request(lock, { signal }, () => {})
    .catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
    });
}
