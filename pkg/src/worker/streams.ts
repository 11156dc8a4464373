/** The typed client inside a Worker: straight to the objects, without a front door between. */

import { Eddyline } from "../eddyline.ts";
import { RemoteTransport } from "../remote.ts";
import { ObjectBackend } from "./objects.ts";
import type { Placement } from "./placement.ts";
import type { Objects } from "./places.ts";

/** Options of {@link streams}. */
export interface StreamsOptions {
  /** Where objects are made: see {@link Placement}. */
  placements?: readonly Placement[];
}

/** What is done in the Worker itself may do everything. */
const FULL = { rules: [] };

/**
 * The streams of a namespace, with the same methods as {@link Eddyline.open} gives.
 *
 * To be made anew for each request: a Worker may not use what another request has opened.
 *
 * @example
 * ```ts
 * import { streams } from "eddyline/worker";
 * export { StreamObject } from "eddyline/worker";
 *
 * export default {
 *   async fetch(request, env) {
 *     const id = await streams(env.STREAMS).xAdd("visits", "*", { url: request.url });
 *     return new Response(id);
 *   },
 * };
 * ```
 */
export function streams(namespace: Objects, options: StreamsOptions = {}): Eddyline {
  const backend = new ObjectBackend(namespace, options.placements);
  const never = new AbortController().signal;
  return Eddyline.over(
    new RemoteTransport((requests, signal = never) => backend.run(requests, FULL, signal)),
  );
}
