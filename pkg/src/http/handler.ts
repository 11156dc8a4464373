/**
 * The front door over HTTP: `(Request, backend) → Response` on Web APIs alone, so that it runs in a
 * Worker, in Node and in tests.
 *
 * | request | body | answer |
 * |---|---|---|
 * | `POST /` | JSON `["XLEN", "orders"]` | 200 `{"result": 3}`, 400 `{"error": "ERR …"}` |
 * | `POST /pipeline` | JSON `[["XADD", …], ["XLEN", …]]` | 200 `[{"result": …}, {"error": …}]` |
 * | either, with `Upstash-Encoding: base64` | the same | the same, strings in base64 |
 * | either, with `Upstash-Response-Format: resp2` | the same | 200 RESP replies |
 * | `POST /` of `application/octet-stream` | RESP requests; `HELLO 3` among them speaks RESP3 | 200 RESP replies |
 *
 * A request is a session: it begins in RESP2 and ends with its last reply. A blocking read waits
 * for `limits.httpWaitMs` at most, and not longer than its sender does. Whatever goes wrong before
 * a command runs is `{"error": …}` with 400, 401, 404, 405 or 413; 503 means to send it again.
 */

import { limits } from "../limits.ts";
import { encodeRequests, ReplyReader } from "../resp.ts";
import { refusal } from "./auth.ts";
import { type Access, type Backend, RequestError } from "./backend.ts";
import { type Answer, readAnswer, readBase64Answer, readCommand, readCommands } from "./rest.ts";

/** What stands behind the door. */
export interface Door {
  backend: Backend;
  /** What a request must bear; without one nothing is let in. */
  token: string | undefined;
}

/** Who has the token may do everything. */
const FULL: Access = { rules: [] };

/** Any page may call, as it has to bring the token along by itself. */
const CORS = { "access-control-allow-origin": "*" };
const PREFLIGHT = {
  ...CORS,
  "access-control-allow-methods": "POST, OPTIONS",
  "access-control-allow-headers": [
    "authorization",
    "content-type",
    "upstash-encoding",
    "upstash-response-format",
    "upstash-sync-token",
    "upstash-telemetry-platform",
    "upstash-telemetry-runtime",
    "upstash-telemetry-sdk",
  ].join(", "),
  "access-control-max-age": "86400",
};

/** Answers a request. */
export async function handle(request: Request, door: Door): Promise<Response> {
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT });
  const { pathname } = new URL(request.url);
  if (pathname !== "/" && pathname !== "/pipeline") return failure(404, "ERR no such path");
  if (request.method !== "POST") {
    return failure(405, "ERR commands are sent with POST", { allow: "POST, OPTIONS" });
  }
  const refused = await refusal(request, door.token);
  if (refused !== undefined) return failure(401, refused);
  const body = await readBody(request);
  if (body === undefined) {
    return failure(413, `ERR the body is longer than ${limits.httpBodyBytes} bytes`);
  }
  try {
    return await run(request, pathname === "/pipeline", body, door.backend);
  } catch (error) {
    if (error instanceof RequestError) return failure(400, error.message);
    console.error("a request failed:", error);
    return failure(500, "ERR the server has failed; its log says how");
  }
}

async function run(
  request: Request,
  isPipeline: boolean,
  body: Uint8Array<ArrayBuffer>,
  backend: Backend,
): Promise<Response> {
  if (isResp(request)) return resp(await backend.run(body, FULL, request.signal));
  const json = parse(body);
  const commands = isPipeline ? readCommands(json) : [readCommand(json)];
  const replies = await backend.run(encodeRequests(commands), FULL, request.signal);
  if (request.headers.get("upstash-response-format") === "resp2") return resp(replies);
  const reader = new ReplyReader(replies);
  const isBase64 = request.headers.get("upstash-encoding") === "base64";
  const answers = commands.map(() => (isBase64 ? readBase64Answer : readAnswer)(reader));
  return isPipeline ? Response.json(answers, { headers: CORS }) : single(answers[0]!);
}

function single(answer: Answer): Response {
  if (!("error" in answer)) return Response.json(answer, { headers: CORS });
  if (!answer.error.startsWith("TRYAGAIN ")) return failure(400, answer.error);
  return failure(503, answer.error, { "retry-after": "1" });
}

function isResp(request: Request): boolean {
  const type = request.headers.get("content-type") ?? "";
  return /^application\/(octet-stream|resp)\b/.test(type);
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new RequestError("ERR the body is not JSON");
  }
}

/** The body; `undefined` when it is too long, of which no more is read than needed to know. */
async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > limits.httpBodyBytes) return undefined;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const piece of request.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > limits.httpBodyBytes) return undefined;
    pieces.push(piece);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function resp(replies: Uint8Array<ArrayBuffer>): Response {
  const headers = { ...CORS, "content-type": "application/octet-stream" };
  return new Response(replies, { headers });
}

function failure(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers: { ...CORS, ...headers } });
}
