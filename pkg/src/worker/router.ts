/** The whole front door as one function, to be mounted in a Worker of one's own. */

import type { Attach, Socket } from "../http/call.ts";
import { type Door, handle } from "../http/handler.ts";
import { ObjectBackend } from "./objects.ts";
import type { Placement } from "./placement.ts";
import type { Objects } from "./places.ts";

/** Options of {@link router}. */
export interface RouterOptions {
  /** The binding of the objects. */
  namespace: Objects;
  /** The secret: who bears it may do everything, and it signs tokens that allow less. */
  token: string | undefined;
  /** Who bears this may read everything. */
  readOnlyToken?: string | undefined;
  /** The path below which it is mounted, as `/streams`. */
  path?: string;
  /** Where objects are made: see {@link Placement}. */
  placements?: readonly Placement[];
}

/**
 * Answers requests as the Worker does: REST, events, WebSockets.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { router } from "eddyline/worker";
 * export { StreamObject } from "eddyline/worker";
 *
 * const app = new Hono<{ Bindings: Env }>();
 * app.all("/streams/*", ({ req, env }) =>
 *   router({ namespace: env.STREAMS, token: env.EDDYLINE_TOKEN, path: "/streams" })(req.raw),
 * );
 * export default app;
 * ```
 */
export function router(options: RouterOptions): (request: Request) => Promise<Response> {
  const { namespace, placements, token, readOnlyToken, path = "" } = options;
  const prefix = path.replace(/\/+$/, "");
  const door: Door = {
    backend: new ObjectBackend(namespace, placements),
    token,
    readOnlyToken,
    upgrade,
    log: (event) => console.error(JSON.stringify(event)),
  };
  return (request) => handle(below(prefix, request), door);
}

/** The request as it would be at the top. */
function below(prefix: string, request: Request): Request {
  if (prefix === "") return request;
  const url = new URL(request.url);
  if (url.pathname !== prefix && !url.pathname.startsWith(`${prefix}/`)) return request;
  url.pathname = url.pathname.slice(prefix.length);
  return new Request(url, request);
}

function upgrade(attach: Attach, protocol: string | undefined): Response {
  const { 0: theirs, 1: ours } = new WebSocketPair();
  ours.binaryType = "arraybuffer";
  ours.accept();
  attach(ours as unknown as Socket);
  // The platform waits with its own closing for ours.
  ours.addEventListener("close", () => ours.close());
  const headers = protocol === undefined ? {} : { "sec-websocket-protocol": protocol };
  return new Response(null, { status: 101, webSocket: theirs, headers });
}
