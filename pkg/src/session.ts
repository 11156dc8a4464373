/** A client of the engine, and the calls whose replies it still owes. */

import { type Answer, type Call, readAnswer, release } from "./call.ts";
import { ProtocolError } from "./errors.ts";
import type { ReplyReader } from "./resp.ts";

/** Answered calls kept in the list before it is cut: cutting costs, keeping costs memory. */
const ANSWERED_KEPT = 1024;

/** One client: replies come in the order of its calls. */
export class Session {
  /** The engine's number for this client. */
  readonly id: number;
  #calls: Call[] = [];
  /** Calls before this place are answered; the list is cut when all are. */
  #next = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** Whether every call was answered. */
  get isIdle(): boolean {
    return this.#next === this.#calls.length;
  }

  /** Adds a call that was sent. */
  push(call: Call): void {
    this.#calls.push(call);
  }

  /** Takes all replies off `reader`: to `held`, if given, else to the callers at once. */
  answer(reader: ReplyReader, held: Answer[] | undefined): void {
    while (!reader.done) {
      const call = this.#calls[this.#next];
      if (call === undefined)
        throw new ProtocolError("a reply came for which there was no request");
      this.#next++;
      const answer = readAnswer(reader, call);
      if (held === undefined) release(answer);
      else held.push(answer);
    }
    this.#forgetAnswered();
  }

  #forgetAnswered(): void {
    if (this.isIdle) this.#calls = [];
    else if (this.#next >= ANSWERED_KEPT) this.#calls.splice(0, this.#next);
    else return;
    this.#next = 0;
  }

  /** Gives up: the calls that were not answered. */
  drop(): Call[] {
    const dropped = this.#calls.slice(this.#next);
    this.#calls = [];
    this.#next = 0;
    return dropped;
  }
}
