/** Commands that wait, asked again where one wait is too short. */

import { type Argument, type Argv, type ReadReply, type ReplyReader, readArray } from "../resp.ts";
import { isPop, readOptions, wordOf } from "./blocking.ts";

/**
 * A blocking command whose wait is made of several shorter ones.
 *
 * `$` means the last ID at the time of the call. Asked again it would mean a later one, and what
 * was added in between would be passed over: so it is replaced by an ID before the first time.
 */
export class BlockingRead {
  readonly #argv: Argument[];
  readonly #blockAt: number;
  readonly #keysAt: number;
  /** The unit in which it says how long to wait. */
  readonly #unitMs: number;
  /** Whether it says one that Redis takes; 0 is for ever. */
  readonly #isTime: boolean;
  readonly #deadlineMs: number;

  constructor(argv: Argv) {
    this.#argv = [...argv];
    const { blockAt, keysAt } = readOptions(argv);
    this.#blockAt = blockAt;
    this.#keysAt = keysAt;
    const block = wordOf(argv[blockAt]);
    const pops = isPop(wordOf(argv[0]));
    this.#unitMs = pops ? 1000 : 1;
    this.#isTime = (pops ? /^\d+(\.\d+)?$/ : /^\d+$/).test(block);
    this.#deadlineMs =
      this.#isTime && Number(block) > 0
        ? performance.now() + Number(block) * this.#unitMs
        : Number.POSITIVE_INFINITY;
  }

  /** Commands whose replies {@link readLastId} takes: what `$` means for each stream that has it. */
  lastIdQueries(): Argv[] {
    return this.#lastIdPlaces().map((place) => {
      const key = this.#argv[place - this.#keys] as Argument;
      return ["XREVRANGE", key, "+", "-", "COUNT", "1"];
    });
  }

  /** Replaces each `$`. */
  setLastIds(ids: readonly string[]): void {
    for (const [i, place] of this.#lastIdPlaces().entries()) this.#argv[place] = ids[i] as string;
  }

  /** The command for what is left of the wait, or for so much of it. */
  argv(mostMs: number = Number.POSITIVE_INFINITY): Argv {
    const leftMs = Math.min(mostMs, Math.ceil(this.#deadlineMs - performance.now()));
    if (leftMs === Number.POSITIVE_INFINITY) return this.#argv;
    // What is no time at all is for the server to refuse.
    if (!this.#isTime) return this.#argv;
    return this.#argv.with(this.#blockAt, String(Math.max(1, leftMs) / this.#unitMs));
  }

  /** Milliseconds that are left of the wait; infinite for one without an end. */
  get leftMs(): number {
    return Math.max(0, Math.ceil(this.#deadlineMs - performance.now()));
  }

  /** Whether nothing of the wait is left. */
  isOver(): boolean {
    return performance.now() >= this.#deadlineMs;
  }

  /** How many keys, and as many IDs, the command has. */
  get #keys(): number {
    return (this.#argv.length - this.#keysAt) >> 1;
  }

  #lastIdPlaces(): number[] {
    const places: number[] = [];
    for (let place = this.#keysAt + this.#keys; place < this.#argv.length; place++) {
      if (wordOf(this.#argv[place]) === "$") places.push(place);
    }
    return places;
  }
}

/** Takes the ID of the only entry, or `0-0`. */
export const readLastId: ReadReply<string> = (reader) => readArray(reader, readId)[0] ?? "0-0";

function readId(reader: ReplyReader): string {
  const start = reader.mark();
  reader.items();
  const id = reader.text();
  reader.skipFrom(start);
  return id;
}
