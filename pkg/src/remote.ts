/**
 * The engine behind a Worker, over HTTP.
 *
 * A batch of commands is one `POST /` of RESP requests (`application/octet-stream`), answered with
 * their replies in order. One batch is under way at a time, and calls made meanwhile make the
 * next: so calls take effect in their order, as they do in this process. A call that may wait goes
 * over a WebSocket; where there is none it is a request of its own, and another one whenever the
 * Worker will not wait longer.
 *
 * Nothing is sent twice: when a response is lost, whether the calls took effect is not known, and
 * only the caller knows whether a second entry would do harm.
 */

import { type Answer, type Call, readAnswer } from "./call.ts";
import { BlockingRead, readLastId } from "./commands/blocking-read.ts";
import { ClosedError, TransportError } from "./errors.ts";
import { encodeRequests, replyEnd } from "./framing.ts";
import * as limits from "./limits.ts";
import { lineAddress } from "./line.ts";
import { Lines, NoLineError } from "./lines.ts";
import { commandsOf, type PendingRequest, settle } from "./pending.ts";
import { type Argv, type ReadReply, ReplyReader, requestBound } from "./resp.ts";
import type { Transport, Wait } from "./transport.ts";

/** Options of a remote keyspace. */
export interface RemoteOptions {
  /** The Worker's bearer token. */
  token?: string;
  /** Sends the requests; by default the platform's `fetch`. In a Worker: a service binding's. */
  fetch?: (request: Request) => Promise<Response>;
}

/**
 * Runs RESP requests as a session of their own; resolves to their replies. `signal` ends it early.
 *
 * @throws TransportError when there are none
 */
export type Exchange = (
  requests: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
) => Promise<Uint8Array>;

/** A transport on which a session is one exchange long. */
export class RemoteTransport implements Transport {
  readonly #run: Exchange;
  /** Ends the waits at closing. */
  readonly #waits = new AbortController();
  /** For reads that wait; nothing where they have to poll. */
  #lines: Lines | undefined;
  #queue: PendingRequest[] = [];
  /** The batch whose response is awaited. */
  #underWay: readonly PendingRequest[] = [];
  /** While batches are under way or about to be. */
  #sending: Promise<void> | undefined;
  #isClosed = false;

  /** @param lines for reads that wait; without them these poll */
  constructor(run: Exchange, lines?: Lines) {
    this.#run = run;
    this.#lines = lines;
  }

  /** To the Worker at an address. */
  static to(address: URL, options: RemoteOptions): RemoteTransport {
    const { token } = options;
    // Who brings a way of its own for requests has none for sockets.
    const hasLines = options.fetch === undefined && typeof WebSocket === "function";
    const lines = hasLines ? new Lines({ address: lineAddress(address), token }) : undefined;
    return new RemoteTransport(httpExchange(address, options), lines);
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    if (this.#isClosed) return Promise.reject(new ClosedError());
    return new Promise((resolve, reject) => {
      // A mistake in the arguments is this call's alone, not its batch's.
      requestBound(argv);
      const call = { read, resolve: resolve as (value: unknown) => void, reject };
      if (wait !== undefined) void this.#wait({ argv, call }, wait.signal);
      else this.#enqueue({ argv, call });
    });
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new ClosedError());
    return new Promise((resolve, reject) => {
      for (const argv of commands) requestBound(argv);
      const call = { read, resolve: resolve as (value: unknown) => void, reject };
      this.#enqueue({ before: [["MULTI"], ...commands], argv: ["EXEC"], call });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waits.abort(new ClosedError());
    this.#lines?.close();
    await this.#sending;
  }

  #enqueue(request: PendingRequest): void {
    this.#queue.push(request);
    this.#sending ??= this.#sendQueue();
  }

  async #wait({ argv, call }: PendingRequest, given: AbortSignal | undefined): Promise<void> {
    const closing = this.#waits.signal;
    const signal = given === undefined ? closing : AbortSignal.any([given, closing]);
    try {
      await this.#earlier(signal);
      signal.throwIfAborted();
      (await this.#askAndWait(argv, call, signal)).release();
    } catch (cause) {
      call.reject(signal.aborted ? signal.reason : transportError(cause));
    }
  }

  /** Until what was called before is answered, and no longer: calls behind it may never end. */
  #earlier(signal: AbortSignal): Promise<void> {
    const last = this.#queue.at(-1) ?? this.#underWay.at(-1);
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener("abort", go);
        resolve();
      };
      signal.addEventListener("abort", go);
      last.followers ??= [];
      last.followers.push(go);
    });
  }

  /** Asks, over a socket of its own where that can be opened: it costs no request while it waits. */
  async #askAndWait(argv: Argv, call: Call, signal: AbortSignal): Promise<Answer> {
    const read = new BlockingRead(argv);
    const lasts = read.lastIdQueries();
    if (lasts.length > 0) read.setLastIds(await this.#ask(lasts, readLastId, signal));
    try {
      if (this.#lines !== undefined) return await this.#lines.wait(read, call, signal);
    } catch (error) {
      if (!(error instanceof NoLineError)) throw error;
      // The server has none, or something on the way lets none through.
      this.#lines = undefined;
    }
    return await this.#poll(read, call, signal);
  }

  /** Asks until there is something or the read's own time is over. */
  async #poll(read: BlockingRead, call: Call, signal: AbortSignal): Promise<Answer> {
    for (;;) {
      const replies = await this.#exchange([read.argv()], signal);
      const answer = readAnswer(replies, call);
      if (answer.value !== null || read.isOver()) return answer;
    }
  }

  /** The values of some commands' replies. */
  async #ask<T>(commands: readonly Argv[], read: ReadReply<T>, signal: AbortSignal): Promise<T[]> {
    const replies = await this.#exchange(commands, signal);
    return commands.map(() => {
      if (replies.isError()) throw replies.error();
      return read(replies);
    });
  }

  async #sendQueue(): Promise<void> {
    // Lets the calls of this task come together.
    await Promise.resolve();
    while (this.#queue.length > 0)
      await this.#post(this.#queue.splice(0, batchLength(this.#queue)));
    this.#sending = undefined;
  }

  /** Sends a batch and settles its calls. Never fails itself. */
  async #post(batch: readonly PendingRequest[]): Promise<void> {
    this.#underWay = batch;
    try {
      const replies = await this.#exchange(batch.flatMap(commandsOf));
      for (const pending of batch) settle(pending, replies);
    } catch (cause) {
      const error = transportError(cause);
      for (const { call } of batch) call.reject(error);
    }
    this.#underWay = [];
    for (const { followers } of batch) for (const follow of followers ?? []) follow();
  }

  /** Sends commands; the reader that it resolves to holds as many replies. */
  async #exchange(commands: readonly Argv[], signal?: AbortSignal): Promise<ReplyReader> {
    const bytes = await this.#run(encodeRequests([["HELLO", "3"], ...commands]), signal);
    return checkedReplies(bytes, commands.length);
  }
}

/** Exchanges with the Worker at an address. */
function httpExchange(address: URL, options: RemoteOptions): Exchange {
  const headers = {
    "content-type": "application/octet-stream",
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
  };
  const send = options.fetch ?? ((request) => fetch(request));
  return async (body, signal) => {
    const init = { method: "POST", headers, body };
    const request = new Request(address, signal === undefined ? init : { ...init, signal });
    const response = await send(request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isResp = response.headers.get("content-type")?.startsWith("application/octet-stream");
    if (response.ok && isResp === true) return bytes;
    const problem = `the server answered ${response.status}: ${errorText(bytes)}`;
    throw new TransportError(problem, response.status);
  };
}

/** How many requests at the head of the queue fit one HTTP call: one at least. */
function batchLength(queue: readonly PendingRequest[]): number {
  const most = Math.min(queue.length, limits.remoteRequests);
  let bytes = 0;
  for (let length = 0; length < most; length++) {
    for (const argv of commandsOf(queue[length]!)) bytes += requestBound(argv);
    if (bytes > limits.httpBodyBytes) return Math.max(length, 1);
  }
  return most;
}

/** A reader of the replies behind the greeting's, when all are there. */
function checkedReplies(bytes: Uint8Array, commands: number): ReplyReader {
  const greetingEnd = replyEnd(bytes, 0);
  let end = greetingEnd;
  for (let left = commands; left > 0 && end >= 0; left--) end = replyEnd(bytes, end);
  if (end !== bytes.byteLength) {
    throw new TransportError("the Worker did not send one reply to each command");
  }
  const reader = new ReplyReader(bytes);
  if (reader.isError()) throw reader.error();
  reader.skipFrom(0);
  return reader;
}

/** The text of `{"error": text}`, or the body's beginning. */
export function errorText(bytes: Uint8Array): string {
  const body = new TextDecoder().decode(bytes.subarray(0, 1000));
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not of the Worker's making: shown as it is.
  }
  return body;
}

export function transportError(cause: unknown): unknown {
  // `fetch` says with a TypeError that there was no response.
  if (!(cause instanceof TypeError)) return cause;
  return new TransportError(`the Worker could not be reached: ${cause.message}`, undefined, {
    cause,
  });
}
