/** The Worker: the page's files, and the front door to the streams' objects. */

import { handle } from "../http/handler.ts";
import { ObjectBackend } from "./objects.ts";

export { StreamObject } from "./object.ts";

/** What wrangler.toml binds. */
export interface Env {
  /** The objects, one for each key. */
  STREAMS: DurableObjectNamespace;
  /** The secret that requests must bear. */
  EDDYLINE_TOKEN?: string;
  /** The page; absent where only the API is wanted. */
  ASSETS?: Fetcher;
}

export default {
  async fetch(request, env) {
    const isPage = request.method === "GET" || request.method === "HEAD";
    if (isPage && env.ASSETS !== undefined) return env.ASSETS.fetch(request);
    const backend = new ObjectBackend(env.STREAMS);
    return handle(request, { backend, token: env.EDDYLINE_TOKEN });
  },
} satisfies ExportedHandler<Env>;
