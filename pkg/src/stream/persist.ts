/** Calls that outlast what passes: a network that is down, an engine that is being restored. */

import { CommandError, EngineLostError, TransportError } from "../errors.ts";
import * as limits from "../limits.ts";

/** Codes of refusals that say "later". */
const LATER: ReadonlySet<string> = new Set(["TRYAGAIN", "LOADING", "BUSY"]);
/** HTTP's. */
const TOO_MANY_REQUESTS = 429;
const SERVER_ERRORS = 500;

/** Whether the same call may succeed later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof EngineLostError) return !error.stateLost;
  if (error instanceof CommandError) return LATER.has(error.code);
  if (!(error instanceof TransportError)) return false;
  const { status = SERVER_ERRORS } = error;
  return status >= SERVER_ERRORS || status === TOO_MANY_REQUESTS;
}

/**
 * Makes a call, again and again while what hinders it may pass, until the signal says enough. For
 * calls that do no harm when they take effect twice.
 */
export async function persist<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (
    let pauseMs: number = limits.attemptMs;
    ;
    pauseMs = Math.min(pauseMs * 2, limits.attemptMaxMs)
  ) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
    }
    await pause(pauseMs, signal);
  }
}

/** Resolves after some time, or when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
