/** Commands that a route runs for itself, as one session that is over with their replies. */

import { encodeRequests } from "../framing.ts";
import { ReplyReader } from "../resp.ts";
import type { Call } from "./call.ts";

/** Runs commands in RESP3; a reader of their replies. */
export async function askOnce(
  { backend, access, request }: Call,
  commands: readonly (readonly string[])[],
): Promise<ReplyReader> {
  const requests = encodeRequests([["HELLO", "3"], ...commands]);
  const reader = new ReplyReader(await backend.run(requests, access, request.signal));
  reader.skipFrom(0);
  return reader;
}
