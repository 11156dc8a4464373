/** Commands on their way over a network, and what becomes of them when it fails. */

import { type Call, readAnswer } from "./call.ts";
import { TransportError } from "./errors.ts";
import type { Argument, Argv, ReplyReader } from "./resp.ts";

/** A command and whoever waits for its reply. */
export interface PendingRequest {
  /** What has to go right before it in the same batch: a transaction but for its EXEC. */
  before?: readonly Argv[];
  argv: Argv;
  call: Call;
  /** Called when it has been answered: reads that wait and were called behind it. */
  followers?: (() => void)[];
}

/** All its commands in order. */
export function commandsOf({ before = [], argv }: PendingRequest): readonly Argv[] {
  return [...before, argv];
}

/** Tells a caller its reply; of a transaction rather why a command was not queued. */
export function settle({ before = [], call }: PendingRequest, replies: ReplyReader): void {
  let refusal: unknown;
  for (let left = before.length; left > 0; left--) {
    if (replies.isError()) refusal ??= replies.error();
    else replies.skipFrom(replies.mark());
  }
  const answer = readAnswer(replies, call);
  if (refusal === undefined) answer.release();
  else call.reject(refusal);
}

/** Commands that change nothing, so that asking twice does no harm. */
const HARMLESS = new Set(
  `DBSIZE DUMP ECHO EXISTS EXPIRETIME GET HGET HGETALL HLEN HMGET INFO KEYS LLEN LRANGE MGET PEXPIRETIME PING
   PTTL SCAN SCARD SISMEMBER SMEMBERS STRLEN TIME TTL TYPE XINFO XLEN XPENDING XRANGE XREAD XREVRANGE`.split(
    /\s+/,
  ),
);

/** Whether a command may be sent again when its reply was lost. */
export function isHarmless({ before, argv }: Pick<PendingRequest, "before" | "argv">): boolean {
  return before === undefined && HARMLESS.has(nameOf(argv[0]));
}

function nameOf(name: Argument | undefined): string {
  if (name === undefined) return "";
  return (typeof name === "string" ? name : new TextDecoder().decode(name)).toUpperCase();
}

/** What a caller is told whose command was under way when the connection ended. */
export function lostError(cause?: unknown): TransportError {
  const text = "the connection was lost; whether this call took effect is not known";
  return new TransportError(text, undefined, { cause });
}

/** What a caller is told whose command was never sent. */
export function unsentError(cause?: unknown): TransportError {
  const text = "the server could not be reached; this call was not sent";
  return new TransportError(text, undefined, { cause, effect: "none" });
}
