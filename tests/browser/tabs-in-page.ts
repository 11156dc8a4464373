/** Runs in tabs and in workers of the browser: one database, opened by all. Bundled by `tabs.test.ts`. */

import { Eddyline } from "../../pkg/src/entry/browser.ts";
import { streamScenario } from "../stream-scenario.ts";

/** What is told while it runs; each line leaves the browser at once. */
export type Tell = (line: string) => void;

/** Opens the database that all share. */
export function open(name: string): Promise<Eddyline> {
  return Eddyline.open(`idb://${name}`);
}

/** Goes through what streams of values do. */
export function scenario(db: Eddyline): Promise<void> {
  return streamScenario(db, "jobs");
}

/**
 * Appends, reads as a member of a group and waits, all at once and on and on, until it is told to
 * stop, or gone. Lines: `S` and what is about to be appended, `A` and what was; `R` and what was
 * read and acknowledged.
 */
export class Worker {
  readonly #db: Eddyline;
  readonly #name: string;
  readonly #tell: Tell;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(db: Eddyline, name: string, tell: Tell) {
    this.#db = db;
    this.#name = name;
    this.#tell = tell;
  }

  /** Begins. */
  run(): void {
    this.#running = Promise.all([this.#append(), this.#appendTogether(), this.#consume()]);
  }

  /** Ends when everything under way is answered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** One entry after the other. */
  async #append(): Promise<void> {
    for (let n = 1; !this.#stop.signal.aborted; n++) {
      const value = `${this.#name}-one-${n}`;
      this.#tell(`S${value}`);
      await this.#db.xAdd("log", "*", { lane: `${this.#name}-one`, n: `${n}`, value });
      this.#tell(`A${value}`);
      await pause();
    }
  }

  /** Several at once, one of them in a transaction. */
  async #appendTogether(): Promise<void> {
    for (let n = 1; !this.#stop.signal.aborted; n += 4) {
      const lane = `${this.#name}-many`;
      const message = (at: number) => ({ lane, n: `${at}`, value: `${lane}-${at}` });
      for (let at = n; at < n + 4; at++) this.#tell(`S${lane}-${at}`);
      const told = (at: number) => () => this.#tell(`A${lane}-${at}`);
      await Promise.all([
        this.#db.xAdd("log", "*", message(n)).then(told(n)),
        this.#db.xAdd("log", "*", message(n + 1)).then(told(n + 1)),
        this.#db
          .multi()
          .incr("sum")
          .xAdd("log", "*", message(n + 2))
          .exec()
          .then(told(n + 2)),
        this.#db.xAdd("log", "*", message(n + 3)).then(told(n + 3)),
      ]);
      await pause();
    }
  }

  /** What the group is given, acknowledged entry by entry. */
  async #consume(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const reads = await this.#db
        .xReadGroup("all", this.#name, { key: "log", id: ">" }, { COUNT: 5, BLOCK: 0, signal })
        .catch((error: unknown) => {
          if (signal.aborted) return null;
          throw error;
        });
      for (const { id, message } of reads?.[0]?.messages ?? []) {
        const acknowledged = await this.#db.xAck("log", "all", id);
        this.#tell(`R${acknowledged} ${message["value"]}`);
      }
    }
  }
}

/** What is told goes through the browser's own process, which is not to be what is measured. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
