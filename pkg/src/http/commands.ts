/**
 * Routes that run commands and answer with their replies.
 *
 * | request | body | answer |
 * |---|---|---|
 * | `POST /` | JSON `["XLEN", "orders"]` | 200 `{"result": 3}`, 400 `{"error": "ERR …"}` |
 * | `POST /pipeline` | JSON `[["XADD", …], ["XLEN", …]]` | 200 `[{"result": …}, {"error": …}]` |
 * | `POST /multi-exec` | the same | the same, run as one; 400 `{"error": "EXECABORT …"}` if not at all |
 * | `GET /set/greeting/hello?EX=60` | of POST and PUT: one more argument behind the path | as `POST /` |
 * | any of them, with `Upstash-Encoding: base64` | | the same, strings in base64 |
 * | all but the third, with `Upstash-Response-Format: resp2` | | 200 RESP replies |
 * | `POST /` of `application/octet-stream` | RESP requests; `HELLO 3` among them speaks RESP3 | 200 RESP replies |
 *
 * A request is a session: it begins in RESP2 and ends with its last reply. A blocking read waits for
 * `limits.httpWaitMs` at most, and not longer than its sender does. With an `Idempotency-Key` each
 * XADD of the request is sent as `XADD … IDMP`, so that the same request sent again adds nothing and
 * gets the same IDs.
 */

import { countRequests, encodeRequests } from "../framing.ts";
import * as limits from "../limits.ts";
import { type Argument, type Argv, ReplyReader } from "../resp.ts";
import { RequestError } from "./backend.ts";
import { type Call, readBody } from "./call.ts";
import { Failure, replyFailure } from "./failure.ts";
import {
  type Answer,
  type ReadAnswer,
  readAnswer,
  readBase64Answer,
  readCommand,
  readCommands,
} from "./rest.ts";

/** `POST /` */
export async function runOne(call: Call): Promise<Response> {
  const body = await readBody(call.request);
  if (isResp(call.request)) {
    if (countRequests(body) > limits.httpCommands)
      throw new RequestError(`ERR a pipeline may have ${limits.httpCommands} commands here`);
    return resp(await call.backend.run(body, call.access, signalOf(call)));
  }
  return await answerOne(call, readCommand(parse(body)));
}

/** `/name/argument/…` */
export async function runPath(call: Call): Promise<Response> {
  const { parts, request, url } = call;
  const argv: Argument[] = [...parts];
  if (request.method === "POST" || request.method === "PUT") {
    const body = await readBody(request);
    if (body.byteLength > 0) argv.push(body);
  }
  for (const [name, value] of url.searchParams) {
    if (name === "_token") continue;
    argv.push(name);
    if (value !== "") argv.push(value);
  }
  if (argv.length > limits.httpArguments)
    throw new RequestError(`ERR a command may have ${limits.httpArguments} arguments here`);
  return await answerOne(call, argv);
}

/** `POST /pipeline` */
export async function runPipeline(call: Call): Promise<Response> {
  const commands = readCommands(parse(await readBody(call.request)));
  const replies = await run(call, commands);
  if (wantsResp(call.request)) return resp(replies);
  const reader = new ReplyReader(replies);
  const read = answerReader(call.request);
  return Response.json(commands.map(() => (reader.done ? ENDED : read(reader))));
}

/** `POST /multi-exec` */
export async function runTransaction(call: Call): Promise<Response> {
  const commands = readCommands(parse(await readBody(call.request)));
  if (wantsResp(call.request)) throw new Failure(400, "ERR a transaction is answered in JSON only");
  const whole = [["MULTI"], ...idempotent(call.request, commands), ["EXEC"]];
  const reader = new ReplyReader(
    await call.backend.run(encodeRequests(whole), call.access, signalOf(call)),
  );
  let refusal: string | undefined;
  for (let left = commands.length + 1; left > 0 && !reader.done; left--) {
    const answer = readAnswer(reader);
    if ("error" in answer) refusal ??= answer.error;
  }
  if (reader.done) throw new Failure(400, refusal ?? ENDED.error);
  if (reader.isError()) throw replyFailure(fullRefusal(reader.error().message, refusal));
  const read = answerReader(call.request);
  return Response.json(Array.from({ length: reader.items() }, () => read(reader)));
}

/** Says with EXEC's refusal also which command was the reason. */
function fullRefusal(refusal: string, reason: string | undefined): string {
  return reason === undefined ? refusal : `${refusal} (${reason})`;
}

/** What is answered behind a command that ended the session, such as QUIT. */
const ENDED = { error: "ERR the session has ended before this command" };

async function answerOne(call: Call, argv: Argv): Promise<Response> {
  const replies = await run(call, [argv]);
  if (wantsResp(call.request)) return resp(replies);
  const reader = new ReplyReader(replies);
  return single(reader.done ? ENDED : answerReader(call.request)(reader));
}

function run(call: Call, commands: readonly Argv[]): Promise<Uint8Array<ArrayBuffer>> {
  if (commands.length === 0) return Promise.resolve(new Uint8Array(0));
  const requests = encodeRequests(idempotent(call.request, commands));
  return call.backend.run(requests, call.access, signalOf(call));
}

function signalOf({ request }: Call): AbortSignal {
  return request.signal;
}

function single(answer: Answer): Response {
  if ("error" in answer) throw replyFailure(answer.error);
  return Response.json(answer);
}

/** Lets each XADD say the request's key, if it has one and says none itself. */
function idempotent(request: Request, commands: readonly Argv[]): readonly Argv[] {
  const key = request.headers.get("idempotency-key");
  if (key === null) return commands;
  return commands.map((argv, place) => {
    const words = argv.map((word) => (typeof word === "string" ? word.toUpperCase() : ""));
    if (words[0] !== "XADD" || words.includes("IDMP") || words.includes("IDMPAUTO")) return argv;
    // Each request is a producer of its own, so that no other one can push it out of memory.
    return [...argv.slice(0, 2), "IDMP", `http:${key}`, String(place), ...argv.slice(2)];
  });
}

function answerReader(request: Request): ReadAnswer {
  return request.headers.get("upstash-encoding") === "base64" ? readBase64Answer : readAnswer;
}

function wantsResp(request: Request): boolean {
  if (request.headers.get("upstash-response-format") !== "resp2") return false;
  if (request.headers.get("upstash-encoding") === "base64")
    throw new Failure(400, "ERR replies are either resp2 or base64");
  return true;
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

function resp(replies: Uint8Array<ArrayBuffer>): Response {
  const headers = {
    "content-type": "application/octet-stream",
    "content-length": String(replies.byteLength),
  };
  return new Response(replies, { headers });
}
