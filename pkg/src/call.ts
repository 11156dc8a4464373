/** A call on its way to the engine, and its answer on the way back. */

import type { ReadReply, ReplyReader } from "./resp.ts";

/** A call that waits for its reply. */
export interface Call {
  /** Takes the reply into its final shape. */
  readonly read: ReadReply<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** What a call is to be told. */
export interface Answer {
  readonly call: Call;
  readonly value: unknown;
  readonly isError: boolean;
}

/** Takes one reply as what a call expects: a value, or the reason for its rejection. */
export function readAnswer(reader: ReplyReader, call: Call): Answer {
  if (reader.isError()) return { call, value: reader.error(), isError: true };
  const start = reader.mark();
  try {
    return { call, value: call.read(reader), isError: false };
  } catch (error) {
    // The reply is not what this call expected; those behind it are whole.
    reader.skipFrom(start);
    return { call, value: error, isError: true };
  }
}

/** Tells the caller. */
export function release(answer: Answer): void {
  if (answer.isError) answer.call.reject(answer.value);
  else answer.call.resolve(answer.value);
}
