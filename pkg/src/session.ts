/** A client of the engine in this process, and the calls whose replies it is still owed. */

import { type Call, type Held, readAnswer } from "./call.ts";
import { ClosedError, ProtocolError } from "./errors.ts";
import type { EngineClient } from "./host.ts";
import { ReplyReader, type ReplyValue, readBytes } from "./resp.ts";
import { soon } from "./soon.ts";

/** Answered calls kept in the list before it is cut: cutting costs, keeping costs memory. */
const ANSWERED_KEPT = 1024;

/** All sessions read with this one: a reading is over before the next begins. */
const reader = new ReplyReader();

/** What a session tells of itself besides the answers to its calls. */
export interface SessionEvents {
  /** Something came that nobody asked for: a message of a channel, or that one is subscribed to. */
  onPush(push: readonly ReplyValue<Uint8Array>[]): void;
  /** It ended otherwise than by being left: its calls have been rejected for this reason. */
  onOver(reason: unknown): void;
}

/** One client: replies come in the order of its calls. */
export class Session implements EngineClient {
  /** The engine's number for this client. */
  readonly id: number;
  readonly #events: SessionEvents | undefined;
  #calls: Call[] = [];
  /** Calls before this place are answered; the list is cut when all are. */
  #next = 0;
  #isOver = false;

  /** @param join gives the new client its number */
  constructor(join: (client: EngineClient) => number, events?: SessionEvents) {
    this.#events = events;
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
      if (reader.isPush()) {
        this.#push(held);
        continue;
      }
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
    this.#events?.onOver(reason);
  }

  /** Ends it: the calls that were not answered. */
  giveUp(): Call[] {
    this.#isOver = true;
    const unanswered = this.#calls.slice(this.#next);
    this.#calls = [];
    this.#next = 0;
    return unanswered;
  }

  #push(held: Held[] | undefined): void {
    const push = reader.value(readBytes) as ReplyValue<Uint8Array>[];
    // Not at once: whoever hears of it may call the engine, which is in the middle of a turn.
    const release = () => soon(() => this.#events?.onPush(push));
    if (held === undefined) release();
    else held.push({ release, drop: () => {} });
  }

  #forgetAnswered(): void {
    if (this.isIdle) this.#calls = [];
    else if (this.#next >= ANSWERED_KEPT) this.#calls.splice(0, this.#next);
    else return;
    this.#next = 0;
  }
}
