/**
 * The Worker: the page's files, and the front door to the streams' objects.
 *
 * @module eddyline/worker
 */

import type { ObjectEnv } from "./object.ts";
import { readPlacements } from "./placement.ts";
import { router } from "./router.ts";

export { createToken, type TokenOptions } from "../http/tokens.ts";
export { type ObjectEnv, StreamObject } from "./object.ts";
export type { Jurisdiction, LocationHint, Placement } from "./placement.ts";
export type { Objects } from "./places.ts";
export { type RouterOptions, router } from "./router.ts";
export { type StreamsOptions, streams } from "./streams.ts";

/** What wrangler.toml binds. */
export interface Env extends ObjectEnv {
  /** The objects, one for each key. */
  STREAMS: DurableObjectNamespace;
  /** The secret: who bears it may do everything, and it signs tokens that allow less. */
  EDDYLINE_TOKEN?: string;
  /** Who bears this may read everything. */
  EDDYLINE_READ_ONLY_TOKEN?: string;
  /** Where objects are made, as a JSON array: see `Placement`. */
  EDDYLINE_PLACEMENT?: string;
  /** The page; absent where only the API is wanted. */
  ASSETS?: Fetcher;
}

export default {
  async fetch(request, env) {
    const isPage = request.method === "GET" || request.method === "HEAD";
    if (isPage && env.ASSETS !== undefined && new URL(request.url).pathname === "/")
      return env.ASSETS.fetch(request);
    const route = router({
      namespace: env.STREAMS,
      token: env.EDDYLINE_TOKEN,
      readOnlyToken: env.EDDYLINE_READ_ONLY_TOKEN,
      placements: readPlacements(env.EDDYLINE_PLACEMENT),
    });
    return route(request);
  },
} satisfies ExportedHandler<Env>;
