/**
 * The front door over HTTP: `(Request, door) → Response` on Web APIs alone, so that it runs in a
 * Worker, in Node and in tests. What it answers is in {@link ROUTES}; each route's file says how.
 *
 * Whatever goes wrong before a command runs is `{"error": …}` with 400, 401, 403, 404, 405 or 413;
 * 503 means to send it again.
 */

import { protocolToken } from "../subprotocols.ts";
import { admit, bearerOf, type Keys } from "./auth.ts";
import { type Access, type Backend, RequestError, UnavailableError } from "./backend.ts";
import type { Call } from "./call.ts";
import { runOne, runPath, runPipeline, runTransaction } from "./commands.ts";
import { followStream } from "./events.ts";
import { Failure } from "./failure.ts";
import { showMetrics } from "./metrics.ts";
import { exportKey, importKey } from "./moving.ts";
import { connectSocket, mayGreet } from "./socket.ts";
import { psubscribe, subscribe } from "./subscribe.ts";

/** What stands behind the door. */
export interface Door extends Keys {
  backend: Backend;
  /** Answers a WebSocket's handshake and hands the socket over; absent where there are none. */
  upgrade?: Call["upgrade"];
  /** Hears of what an operator wants to know; nothing in it is secret. */
  log?: ((event: DoorEvent) => void) | undefined;
}

/** A request that failed for a reason of ours. */
export interface DoorEvent {
  event: "request failed";
  method: string;
  path: string;
  error: string;
}

/** Where a request may go. */
interface Route {
  /** Parts of a path; `*` is any one part and `**` any number of them, which the call is given. */
  readonly path: readonly string[];
  readonly methods: readonly string[];
  /** Where else than in the header `Authorization` the token may be; or that none is needed. */
  readonly token?: "in the query" | "in the protocol" | "none";
  readonly answer: (call: Call) => Response | Promise<Response>;
}

const ANY = ["GET", "HEAD", "POST", "PUT"];
const POST = ["POST"];
const GET = ["GET"];

/** Every route; the first one whose path fits is taken. */
const ROUTES: readonly Route[] = [
  { path: [""], methods: POST, answer: runOne },
  { path: ["pipeline"], methods: POST, answer: runPipeline },
  { path: ["multi-exec"], methods: POST, answer: runTransaction },
  { path: ["subscribe", "**"], methods: ["GET", "POST"], answer: subscribe },
  { path: ["psubscribe", "**"], methods: ["GET", "POST"], answer: psubscribe },
  { path: ["metrics"], methods: GET, answer: showMetrics },
  {
    path: ["healthz"],
    methods: ["GET", "HEAD"],
    token: "none",
    answer: () => new Response("ok\n"),
  },
  {
    path: ["v1", "streams", "*", "events"],
    methods: GET,
    token: "in the query",
    answer: followStream,
  },
  { path: ["v1", "streams", "*", "export"], methods: GET, answer: exportKey },
  { path: ["v1", "streams", "*", "import"], methods: POST, answer: importKey },
  { path: ["v1", "connect"], methods: GET, token: "in the protocol", answer: connectSocket },
  { path: ["v1", "**"], methods: ANY, answer: noSuchPath },
  { path: ["**"], methods: ANY, answer: runPath },
];

/** Any page may call, as it has to bring the token along by itself. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "upstash-sync-token, retry-after",
};
const PREFLIGHT = {
  ...CORS,
  "access-control-allow-methods": "GET, HEAD, POST, PUT, OPTIONS",
  "access-control-allow-headers": [
    "accept",
    "authorization",
    "cache-control",
    "connection",
    "content-type",
    "idempotency-key",
    "last-event-id",
    "upstash-encoding",
    "upstash-response-format",
    "upstash-sync-token",
    "upstash-telemetry-platform",
    "upstash-telemetry-retry",
    "upstash-telemetry-runtime",
    "upstash-telemetry-sdk",
  ].join(", "),
  "access-control-max-age": "86400",
};

/**
 * What a client is to send back to read what it has written. Whatever was answered is readable
 * everywhere at once here, so one value is as good as another.
 */
const SYNC_TOKEN = "eddyline";

/** Answers a request. */
export async function handle(request: Request, door: Door): Promise<Response> {
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT });
  const response = await answer(request, door).catch((error) => failed(error, request, door));
  // The platform's handshake is not ours to change.
  if (response.status === 101) return response;
  for (const [name, value] of Object.entries(CORS)) response.headers.set(name, value);
  response.headers.set("upstash-sync-token", SYNC_TOKEN);
  return request.method === "HEAD" ? new Response(null, response) : response;
}

async function answer(request: Request, door: Door): Promise<Response> {
  const url = new URL(request.url);
  const { route, parts } = find(url.pathname);
  if (!route.methods.includes(request.method)) {
    const allow = [...route.methods, "OPTIONS"].join(", ");
    throw new Failure(405, `ERR this path takes ${allow}`, { allow });
  }
  const token = tokenOf(request, url, route);
  const isAnonymous = token === undefined && route.token === "in the protocol" && mayGreet(request);
  const isOpen = route.token === "none" || (isAnonymous && Boolean(door.token));
  const access = isOpen ? NOTHING : await admit(token, door);
  const { backend, upgrade } = door;
  const admitLater = (borne: string) => admit(borne, door);
  const call = { request, url, parts, access, isAnonymous, admit: admitLater, backend, upgrade };
  return await route.answer(call);
}

function find(pathname: string): { route: Route; parts: string[] } {
  const parts = partsOf(pathname);
  for (const route of ROUTES) {
    const own = fitting(route.path, parts);
    if (own !== undefined) return { route, parts: own };
  }
  throw new Failure(404, "ERR no such path");
}

function partsOf(pathname: string): string[] {
  try {
    return pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw new RequestError("ERR the path is not percent-encoded UTF-8");
  }
}

/** The parts for which a route has `*` or `**`; `undefined` when the path is another. */
function fitting(path: readonly string[], parts: readonly string[]): string[] | undefined {
  const own: string[] = [];
  for (const [at, wanted] of path.entries()) {
    if (wanted === "**") return [...own, ...parts.slice(at)];
    const part = parts[at];
    if (part === undefined || (wanted !== "*" && wanted !== part)) return undefined;
    if (wanted === "*") own.push(part);
  }
  return parts.length === path.length ? own : undefined;
}

/** The token that a request bears, where its route allows one to be. */
function tokenOf(request: Request, url: URL, route: Route): string | undefined {
  const query = url.searchParams.get("_token") ?? undefined;
  const others = {
    none: () => undefined,
    "in the query": () => url.searchParams.get("token") ?? query,
    "in the protocol": () => protocolToken(request),
  };
  return bearerOf(request) ?? (route.token === undefined ? query : others[route.token]());
}

/** Where no command is run, or none yet. */
const NOTHING: Access = { rules: ["-@all"] };

function noSuchPath(): Response {
  throw new Failure(404, "ERR no such path");
}

function failed(error: unknown, request: Request, door: Door): Response {
  if (error instanceof Failure) {
    const { status, headers, message } = error;
    return Response.json({ error: message }, { status, headers });
  }
  if (error instanceof UnavailableError) {
    const headers = { "retry-after": "1" };
    return Response.json({ error: `TRYAGAIN ${error.message}` }, { status: 503, headers });
  }
  if (error instanceof RequestError)
    return Response.json({ error: error.message }, { status: 400 });
  const { method, url } = request;
  // Not the query: it may hold a token.
  const path = new URL(url).pathname;
  if (!request.signal.aborted)
    (door.log ?? console.error)({ event: "request failed", method, path, error: String(error) });
  const text = "ERR the server has failed; its log says how";
  return Response.json({ error: text }, { status: 500 });
}
