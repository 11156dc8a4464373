/** A client of the engine whose requests come from another tab: answers are told by number. */

import { concat } from "../bytes.ts";
import type { Held } from "../call.ts";
import { ClosedError } from "../errors.ts";
import { encodeRequests, replyEnd } from "../framing.ts";
import type { EngineClient, EngineHost } from "../host.ts";
import { soon } from "../soon.ts";
import type { NumberedAnswer } from "../storage/answers.ts";

/** What a lane tells. */
export interface LaneEvents {
  /** Answers have come; `isKept` says that storage may have them too. */
  tell(answers: readonly NumberedAnswer[], isKept: boolean): void;
  /** The engine has ended, or this session of it; these were not answered. */
  fail(numbers: readonly number[], reason: unknown): void;
}

/** Requests to run: their numbers, how many replies each has, and their bytes. */
export interface LaneRequests {
  readonly requests: readonly (readonly [number: number, replies: number])[];
  readonly bytes: Uint8Array;
}

/** A request that the engine has not answered in full. */
interface Owed {
  readonly number: number;
  repliesLeft: number;
  /** Replies that came in turns before. */
  pieces: Uint8Array[];
}

const GREETING = encodeRequests([["HELLO", "3"]]);
/** The number of the greeting, which nobody wants to be told of. */
const NO_NUMBER = 0;
const PUSH = 0x3e;

/** One lane, from its first request on. */
export class Lane implements EngineClient {
  readonly #host: EngineHost;
  readonly #sender: string;
  readonly #events: LaneEvents;
  readonly #id: number;
  #owed: Owed[] = [{ number: NO_NUMBER, repliesLeft: 1, pieces: [] }];
  /** Answers that wait for a commit, or for the end of the turn. */
  readonly #untold = new Map<number, Uint8Array>();
  #isOver = false;

  /** @param sender under whose name answers are kept */
  constructor(host: EngineHost, sender: string, events: LaneEvents) {
    this.#host = host;
    this.#sender = sender;
    this.#events = events;
    this.#id = host.join(this);
    host.run(this.#id, GREETING);
  }

  /** Whether the engine has answered everything, though not all of it has been told. */
  get isAnswered(): boolean {
    return this.#owed.length === 0 && this.#untold.size > 0;
  }

  /** Runs requests. */
  run({ requests, bytes }: LaneRequests): void {
    for (const [number, repliesLeft] of requests)
      this.#owed.push({ number, repliesLeft, pieces: [] });
    this.#host.run(this.#id, bytes);
  }

  /** Has the engine look at the clock. */
  goOn(): void {
    this.#host.run(this.#id);
  }

  /** Ends it, and what waits. Nothing is told any more. */
  leave(): void {
    this.#isOver = true;
    this.#host.leave(this.#id);
  }

  answer(bytes: Uint8Array, start: number, end: number, held: Held[] | undefined): void {
    const answers = this.#take(bytes, start, end);
    if (answers.length === 0) return;
    for (const [number, answer] of answers) this.#untold.set(number, answer);
    // Not at once: who hears of it may call the host, which is in the middle of a turn.
    const release = () => soon(() => this.#tell(answers, held !== undefined));
    if (held === undefined) release();
    else held.push({ release, drop: () => {}, kept: { sender: this.#sender, answers } });
  }

  hangUp(): void {
    soon(() => this.#fail(new ClosedError("the engine ended this session")));
  }

  drop(reason: unknown): void {
    soon(() => this.#fail(reason));
  }

  /** The answers that are complete with these replies. */
  #take(bytes: Uint8Array, start: number, end: number): NumberedAnswer[] {
    const answers: NumberedAnswer[] = [];
    let done = 0;
    for (let at = start; at < end; ) {
      const next = replyEnd(bytes, at, end);
      const owed = this.#owed[done];
      if (bytes[at] !== PUSH && owed !== undefined) {
        // The bytes lie in wasm memory.
        owed.pieces.push(bytes.slice(at, next));
        owed.repliesLeft--;
        if (owed.repliesLeft === 0) {
          done++;
          if (owed.number !== NO_NUMBER) answers.push([owed.number, concat(owed.pieces)]);
        }
      }
      at = next;
    }
    this.#owed = this.#owed.slice(done);
    return answers;
  }

  #tell(answers: readonly NumberedAnswer[], isKept: boolean): void {
    for (const [number] of answers) this.#untold.delete(number);
    if (!this.#isOver) this.#events.tell(answers, isKept);
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const owed = this.#owed.map(({ number }) => number).filter((number) => number !== NO_NUMBER);
    this.#events.fail([...this.#untold.keys(), ...owed], reason);
  }
}
