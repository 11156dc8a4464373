/** A client of the engine in this process, and the calls whose replies it is still owed. */

import { type Call, type Held, readAnswer } from "./call.ts";
import { ClosedError, ProtocolError } from "./errors.ts";
import type { EngineClient } from "./host.ts";
import { ReplyReader } from "./resp.ts";

/** Answered calls kept in the list before it is cut: cutting costs, keeping costs memory. */
const ANSWERED_KEPT = 1024;

/** All sessions read with this one: a reading is over before the next begins. */
const reader = new ReplyReader();

/** One client: replies come in the order of its calls. */
export class Session implements EngineClient {
  /** The engine's number for this client. */
  readonly id: number;
  #calls: Call[] = [];
  /** Calls before this place are answered; the list is cut when all are. */
  #next = 0;
  #isOver = false;

  /** @param join gives the new client its number */
  constructor(join: (client: EngineClient) => number) {
    this.id = join(this);
  }

  /** Whether every call was answered. */
  get isIdle(): boolean {
    return this.#next === this.#calls.length;
  }

  /** Whether it is a client no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Adds a call that was sent. */
  push(call: Call): void {
    this.#calls.push(call);
  }

  answer(bytes: Uint8Array, start: number, end: number, held: Held[] | undefined): void {
    reader.reset(bytes, start, end);
    while (!reader.done) {
      const call = this.#calls[this.#next];
      if (call === undefined)
        throw new ProtocolError("a reply came for which there was no request");
      this.#next++;
      const answer = readAnswer(reader, call);
      if (held === undefined) answer.release();
      else held.push(answer);
    }
    this.#forgetAnswered();
  }

  hangUp(): void {
    this.drop(new ClosedError("the engine ended this session"));
  }

  drop(reason: unknown): void {
    for (const call of this.giveUp()) call.reject(reason);
  }

  /** Ends it: the calls that were not answered. */
  giveUp(): Call[] {
    this.#isOver = true;
    const unanswered = this.#calls.slice(this.#next);
    this.#calls = [];
    this.#next = 0;
    return unanswered;
  }

  #forgetAnswered(): void {
    if (this.isIdle) this.#calls = [];
    else if (this.#next >= ANSWERED_KEPT) this.#calls.splice(0, this.#next);
    else return;
    this.#next = 0;
  }
}
