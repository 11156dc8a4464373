/**
 * The engine behind a Worker, over HTTP.
 *
 * A batch of commands is one `POST /` of RESP requests (`application/octet-stream`), answered with
 * their RESP2 replies in order. One batch is under way at a time, and calls made meanwhile make
 * the next: so calls take effect in their order, as they do in this process. A call that may wait
 * is a request of its own.
 *
 * Nothing is sent twice: when a response is lost, whether the calls took effect is not known, and
 * only the caller knows whether a second entry would do harm.
 */

import { type Call, readAnswer, release } from "./call.ts";
import { ClosedError, TransportError } from "./errors.ts";
import { limits } from "./limits.ts";
import { type Argv, encodeRequests, type ReadReply, ReplyReader } from "./resp.ts";
import type { Transport, Wait } from "./transport.ts";

/** Options of a remote keyspace. */
export interface RemoteOptions {
  /** The Worker's bearer token. */
  token?: string;
  /** Sends the requests; by default the platform's `fetch`. In a Worker: a service binding's. */
  fetch?: (request: Request) => Promise<Response>;
}

/** A command and whoever waits for its reply. */
interface PendingRequest {
  argv: Argv;
  call: Call;
}

/** A transport to the Worker at an address. */
export class RemoteTransport implements Transport {
  readonly #address: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: (request: Request) => Promise<Response>;
  /** Ends the waits at closing. */
  readonly #waits = new AbortController();
  #queue: PendingRequest[] = [];
  /** While batches are under way or about to be. */
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(address: URL, options: RemoteOptions) {
    this.#address = address;
    this.#headers = {
      "content-type": "application/octet-stream",
      "upstash-response-format": "resp2",
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    };
    this.#fetch = options.fetch ?? ((request) => fetch(request));
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    if (this.#isClosed) return Promise.reject(new ClosedError());
    return new Promise((resolve, reject) => {
      const call = { read, resolve: resolve as (value: unknown) => void, reject };
      if (wait !== undefined) void this.#wait({ argv, call }, wait.signal);
      else this.#enqueue({ argv, call });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waits.abort(new ClosedError());
    await this.#sending;
  }

  #enqueue(request: PendingRequest): void {
    this.#queue.push(request);
    this.#sending ??= this.#sendQueue();
  }

  async #wait(request: PendingRequest, signal: AbortSignal | undefined): Promise<void> {
    // What was called before takes effect before.
    if (this.#sending !== undefined) await this.#sending;
    const closing = this.#waits.signal;
    await this.#post(
      [request],
      signal === undefined ? closing : AbortSignal.any([signal, closing]),
    );
  }

  async #sendQueue(): Promise<void> {
    // Lets the calls of this task come together.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#post(this.#queue.splice(0, limits.remoteRequests));
    this.#sending = undefined;
  }

  /** Sends a batch and settles its calls. Never fails itself. */
  async #post(batch: readonly PendingRequest[], signal?: AbortSignal): Promise<void> {
    try {
      const body = encodeRequests(batch.map(({ argv }) => argv));
      const request = new Request(this.#address, {
        method: "POST",
        headers: this.#headers,
        body,
        ...(signal && { signal }),
      });
      const replies = await repliesOf(await this.#fetch(request));
      for (const { call } of batch) {
        if (replies.done)
          throw new TransportError("the Worker sent fewer replies than it got commands");
        release(readAnswer(replies, call));
      }
    } catch (cause) {
      const error = signal?.aborted ? signal.reason : transportError(cause);
      for (const { call } of batch) call.reject(error);
    }
  }
}

async function repliesOf(response: Response): Promise<ReplyReader> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isResp =
    response.headers.get("content-type")?.startsWith("application/octet-stream") ?? false;
  if (response.ok && isResp) return new ReplyReader(bytes);
  throw new TransportError(
    `the Worker answered ${response.status}: ${errorText(bytes)}`,
    response.status,
  );
}

/** The text of `{"error": text}`, or the body's beginning. */
function errorText(bytes: Uint8Array): string {
  const body = new TextDecoder().decode(bytes.subarray(0, 1000));
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not of the Worker's making: shown as it is.
  }
  return body;
}

function transportError(cause: unknown): unknown {
  if (cause instanceof TransportError || cause instanceof TypeError === false) return cause;
  return new TransportError(`the Worker could not be reached: ${cause.message}`, undefined, {
    cause,
  });
}
