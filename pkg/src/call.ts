/** A call on its way to the engine, and its answer on the way back. */

import type { ReadReply, ReplyReader } from "./resp.ts";
import type { KeptAnswers } from "./storage/answers.ts";

/** A call that waits for its reply. */
export interface Call {
  /** Takes the reply into its final shape. */
  readonly read: ReadReply<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Something for a client that must not reach it before what it tells of is durable. */
export interface Held {
  /** Lets it out. */
  release(): void;
  /** It will never go out, for this reason. */
  drop(reason: unknown): void;
  /** What is to be committed with the change that it tells of, so that it can be told again. */
  readonly kept?: KeptAnswers;
}

/** What a call is to be told. */
export class Answer implements Held {
  readonly #call: Call;
  /** A value, or why the call is rejected. */
  readonly value: unknown;
  readonly #isError: boolean;

  constructor(call: Call, value: unknown, isError: boolean) {
    this.#call = call;
    this.value = value;
    this.#isError = isError;
  }

  release(): void {
    if (this.#isError) this.#call.reject(this.value);
    else this.#call.resolve(this.value);
  }

  drop(reason: unknown): void {
    this.#call.reject(reason);
  }
}

/** Takes one reply as what a call expects: a value, or the reason for its rejection. */
export function readAnswer(reader: ReplyReader, call: Call): Answer {
  if (reader.isError()) return new Answer(call, reader.error(), true);
  const start = reader.mark();
  try {
    return new Answer(call, call.read(reader), false);
  } catch (error) {
    // The reply is not what this call expected; those behind it are whole.
    reader.skipFrom(start);
    return new Answer(call, error, true);
  }
}
