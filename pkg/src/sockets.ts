/**
 * The engine behind a server, over WebSockets.
 *
 * Ordinary calls share one socket, in their order; every read that waits has one of its own. A
 * socket that ends is opened again by itself. Then what was not sent is sent, and what changes
 * nothing is sent again; a call that may have changed something fails with a `TransportError`, as
 * only the caller knows whether a second entry would do harm.
 */

import type { Call } from "./call.ts";
import { BlockingRead, readLastId } from "./commands/blocking-read.ts";
import { ClosedError, TransportError } from "./errors.ts";
import * as limits from "./limits.ts";
import { Line, type LineOptions } from "./line.ts";
import { Lines, NoLineError } from "./lines.ts";
import { isHarmless, lostError, type PendingRequest, unsentError } from "./pending.ts";
import { type Argv, type ReadReply, readText, requestBound } from "./resp.ts";
import type { Transport, Wait } from "./transport.ts";

/** A transport to the server at an address. */
export class SocketTransport implements Transport {
  readonly #options: LineOptions;
  readonly #lines: Lines;
  /** Ends waits, and tries to connect, at closing. */
  readonly #closing = new AbortController();
  #line: Line | undefined;
  /** Not yet sent. */
  #queue: PendingRequest[] = [];
  /** While the queue is being sent. */
  #sending: Promise<void> | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#lines = new Lines(options);
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    return this.#call(read, (call) => {
      // A mistake in the arguments is this call's alone.
      requestBound(argv);
      if (wait !== undefined) void this.#wait(argv, call, wait.signal);
      else this.#enqueue({ argv, call });
    });
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    return this.#call(read, (call) => {
      for (const argv of commands) requestBound(argv);
      this.#enqueue({ before: [["MULTI"], ...commands], argv: ["EXEC"], call });
    });
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    // Once this is answered, everything before it is.
    const last = this.#isIdle ? undefined : this.send(["PING"], readText).catch(() => {});
    this.#closing.abort(new ClosedError());
    await last;
    this.#lines.close();
    this.#line?.close();
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && (this.#line?.isIdle ?? true);
  }

  #call<T>(read: ReadReply<T>, begin: (call: Call) => void): Promise<T> {
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      begin({ read, resolve: resolve as Call["resolve"], reject });
    });
  }

  #enqueue(request: PendingRequest): void {
    this.#queue.push(request);
    this.#sending ??= this.#sendQueue();
  }

  async #sendQueue(): Promise<void> {
    // Lets the calls of this task come together.
    await Promise.resolve();
    try {
      const line = await this.#openLine();
      line.send(this.#queue.splice(0));
    } catch (cause) {
      const error = cause instanceof TransportError ? cause : unsentError(cause);
      for (const { call } of this.#queue.splice(0)) call.reject(error);
    }
    this.#sending = undefined;
    if (this.#queue.length > 0) this.#sending = this.#sendQueue();
  }

  async #openLine(): Promise<Line> {
    if (this.#line !== undefined && !this.#line.isOver) return this.#line;
    return await this.#persist(async () => {
      const line = new Line(this.#options, (unanswered) => this.#recover(unanswered));
      await line.opened;
      this.#line = line;
      return line;
    });
  }

  /** Sends again what may be, and tells the others that it is not known what they did. */
  #recover(unanswered: PendingRequest[]): void {
    const harmless: PendingRequest[] = [];
    for (const request of unanswered) {
      if (isHarmless(request)) harmless.push(request);
      else request.call.reject(lostError());
    }
    if (harmless.length === 0) return;
    this.#queue.unshift(...harmless);
    this.#sending ??= this.#sendQueue();
  }

  /** Tries until it succeeds, a few times. */
  async #persist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        if (tries >= limits.reconnectTries || this.#closing.signal.aborted) throw error;
        await this.#throwRefusal();
        const pauseMs = limits.reconnectMs * 2 ** (tries - 1);
        // Not all who were cut off shall come back at once.
        await sleep(pauseMs * (0.5 + Math.random() / 2));
      }
    }
  }

  /** A socket does not say why it was not opened: where it is a status that will stay, says so. */
  async #throwRefusal(): Promise<void> {
    const { address, token } = this.#options;
    const url = address.href.replace(/^ws/, "http");
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(url, { headers }).catch(() => undefined);
    if (response === undefined || ![401, 403, 404].includes(response.status)) return;
    const text = `the server answered ${response.status}: ${await response.text()}`;
    throw new TransportError(text, response.status);
  }

  async #wait(argv: Argv, call: Call, given: AbortSignal | undefined): Promise<void> {
    const closing = this.#closing.signal;
    const signal = given === undefined ? closing : AbortSignal.any([given, closing]);
    try {
      const read = await this.#prepare(argv);
      const answer = await this.#persist(async () => {
        try {
          return await this.#lines.wait(read, call, signal);
        } catch (error) {
          if (error instanceof NoLineError) throw error;
          return { release: () => call.reject(error) };
        }
      });
      answer.release();
    } catch (cause) {
      const error = cause instanceof NoLineError ? unsentError(cause) : cause;
      call.reject(signal.aborted ? signal.reason : error);
    }
  }

  /** Waits until what was called before is answered, and finds what `$` means then. */
  async #prepare(argv: Argv): Promise<BlockingRead> {
    const read = new BlockingRead(argv);
    const lasts = read.lastIdQueries();
    if (lasts.length > 0)
      read.setLastIds(await Promise.all(lasts.map((query) => this.send(query, readLastId))));
    else if (!this.#isIdle) await this.send(["PING"], readText);
    return read;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
