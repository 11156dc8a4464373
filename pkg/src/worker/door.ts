/** What is answered where it arrives, by an empty engine: what names no key, and what is a mistake. */

import { concat } from "../bytes.ts";
import { replyEnd } from "../framing.ts";
import { RequestError } from "../http/backend.ts";
import { runAtDoor } from "./instance.ts";
import type { Terms } from "./link.ts";
import { type Reply, splitReplies } from "./reply.ts";
import { type Route, readRoutes } from "./route.ts";

const encoder = new TextEncoder();
const HELLO_3 = encoder.encode("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n");
const MULTI = encoder.encode("*1\r\n$5\r\nMULTI\r\n");

/** Where each request of a pipeline belongs. @throws RequestError for bytes that are no requests */
export function routesOf(requests: Uint8Array<ArrayBuffer>, { rules }: Terms): Route[] {
  try {
    const found = runAtDoor((instance) => instance.route(requests, rules));
    return readRoutes(requests, found);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    throw new RequestError((error as Error).message);
  }
}

/** The replies to requests that need no object. */
export function answerAtDoor(requests: readonly Uint8Array[], terms: Terms): Reply[] {
  if (requests.length === 0) return [];
  const all = concat(terms.protocol === 3 ? [HELLO_3, ...requests] : requests);
  const bytes = run(all, terms);
  return splitReplies(terms.protocol === 3 ? bytes.subarray(replyEnd(bytes, 0)) : bytes);
}

/** What a transaction says to a request that is to be queued: `QUEUED`, or what is wrong with it. */
export function queueAtDoor(request: Uint8Array, terms: Terms): Reply {
  return splitReplies(run(concat([MULTI, request]), terms))[1]!;
}

function run(requests: Uint8Array<ArrayBuffer>, { rules }: Terms): Reply {
  return runAtDoor((instance) => instance.answer(Date.now(), requests, rules)) as Reply;
}
