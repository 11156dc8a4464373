/** A person who has had enough says so with a signal. */

import process from "node:process";
import { EddylineError } from "../errors.ts";

/** A signal has ended it. `code` is `INTERRUPTED`. */
class InterruptedError extends EddylineError {
  constructor(signal: NodeJS.Signals) {
    super("INTERRUPTED", `ended by ${signal}`);
  }
}

/** Aborted by SIGINT and SIGTERM. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => controller.abort(new InterruptedError(name)));
  return controller.signal;
}
