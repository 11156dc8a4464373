/** The front door's backend on an engine in this process. */

import { concat } from "../bytes.ts";
import type { Held } from "../call.ts";
import { CommandError } from "../errors.ts";
import { countRequests, encodeRequests, replyEnd } from "../framing.ts";
import type { EngineClient, EngineHost } from "../host.ts";
import {
  type Access,
  type Backend,
  type Connection,
  RequestError,
  type Sink,
  UnavailableError,
} from "../http/backend.ts";
import { repliesTooLong } from "../http/failure.ts";
import { Feeds } from "../http/feed.ts";
import * as limits from "../limits.ts";

const NOTHING = new Uint8Array(0);

/** Gives the host of the engine in use, and waits while one is restored. */
export type FindHost = () => Promise<EngineHost>;

/** Runs sessions on an engine. */
export class EngineBackend implements Backend {
  readonly feeds = new Feeds();
  readonly #findHost: FindHost;
  readonly #maxSessions: number;
  readonly #sessions = new Set<EngineSession>();

  constructor(findHost: FindHost, maxSessions: number = limits.httpSessions) {
    this.#findHost = findHost;
    this.#maxSessions = maxSessions;
  }

  async run(
    requests: Uint8Array<ArrayBuffer>,
    access: Access,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const count = countRequests(requests);
    if (count < 0) throw new RequestError("ERR Protocol error: the last request is cut short");
    signal.throwIfAborted();
    const exchange = new Exchange(count);
    const session = await this.#begin(exchange, access, undefined);
    signal.addEventListener("abort", exchange.fail);
    const patience = setTimeout(() => exchange.hurry(session), limits.httpWaitMs);
    try {
      session.write(requests);
      return await exchange.replies;
    } finally {
      clearTimeout(patience);
      exchange.end();
      signal.removeEventListener("abort", exchange.fail);
      session.close();
    }
  }

  connect(sink: Sink, access: Access): Connection {
    const begun = this.#begin(sink, access, "addr=http:0 laddr=http:0 fd=-1");
    begun.catch((error: unknown) => sink.close(error instanceof Error ? error.message : "ERR"));
    let isOver = false;
    let session: EngineSession | undefined;
    void begun.then(
      (opened) => {
        session = opened;
        if (isOver) opened.close();
      },
      () => {},
    );
    return {
      write: (bytes) => {
        if (session !== undefined) return session.write(bytes);
        // The bytes may lie in a buffer that is used again.
        const kept = new Uint8Array(bytes);
        return begun.then(
          (opened) => opened.write(kept),
          () => {},
        );
      },
      close: () => {
        isOver = true;
        session?.close();
      },
    };
  }

  async figures(): Promise<ReadonlyMap<string, number>> {
    const host = await this.#findHost();
    return new Map([
      ["resident_bytes", host.residentBytes],
      ["http_sessions", this.#sessions.size],
    ]);
  }

  async #begin(sink: Sink, { rules }: Access, origin: string | undefined): Promise<EngineSession> {
    if (this.#sessions.size >= this.#maxSessions)
      throw new UnavailableError(`there are ${this.#maxSessions} sessions over HTTP already`);
    let host: EngineHost;
    try {
      host = await this.#findHost();
    } catch (error) {
      throw new UnavailableError(String(error), { cause: error });
    }
    try {
      const frame = rules.length === 0 ? NOTHING : encodeRequests([rules]);
      const session = new EngineSession(host, sink, frame, origin, () => {
        this.#sessions.delete(session);
      });
      this.#sessions.add(session);
      return session;
    } catch (error) {
      if (error instanceof CommandError) throw new RequestError(error.message);
      throw error;
    }
  }
}

/** A client of the engine whose replies go to a sink. */
class EngineSession implements EngineClient, Connection {
  readonly #host: EngineHost;
  readonly #sink: Sink;
  readonly #id: number;
  readonly #onEnd: () => void;
  /** Bytes of requests since the last reply: they are in the engine's memory. */
  #unansweredBytes = 0;
  /** Replies that wait for a commit. */
  #held = 0;
  /** What is to be sent when the present turn has been read: then the sink may call the host. */
  #ready: Uint8Array<ArrayBuffer>[] = [];
  /** While the sink is behind. */
  #behind: Promise<void> | undefined;
  /** Requests rest in the engine until what was asked before has been taken. */
  #isResting = false;
  /** The engine has hung up, and nothing follows what it has said. */
  #isEnding = false;
  #isOver = false;

  constructor(
    host: EngineHost,
    sink: Sink,
    rules: Uint8Array,
    origin: string | undefined,
    onEnd: () => void,
  ) {
    this.#host = host;
    this.#sink = sink;
    this.#onEnd = onEnd;
    this.#id = host.join(this, origin, rules);
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#isOver || this.#isEnding) return undefined;
    this.#unansweredBytes += bytes.byteLength;
    if (this.#unansweredBytes > limits.unansweredBytes) {
      this.#end("ERR too much unanswered input");
      return undefined;
    }
    this.#host.run(this.#id, bytes);
    return this.#behind;
  }

  /** Ends a read that waits. */
  cancel(): void {
    this.#host.cancel(this.#id);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.leave(this.#id);
    this.#onEnd();
  }

  answer(bytes: Uint8Array, start: number, end: number, held: Held[] | undefined): void {
    const reply = new Uint8Array(bytes.subarray(start, end));
    this.#unansweredBytes = 0;
    if (held === undefined) {
      this.#deliver(reply);
      return;
    }
    this.#held += 1;
    held.push({
      release: () => {
        this.#held -= 1;
        this.#deliver(reply);
      },
      drop: () => {},
    });
  }

  rest(): void {
    this.#isResting = true;
    queueMicrotask(() => this.#goOn());
  }

  hangUp(): void {
    this.#isEnding = true;
    queueMicrotask(() => this.#endWhenSent());
  }

  drop(reason: unknown): void {
    const text = reason instanceof Error ? reason.message : String(reason);
    queueMicrotask(() => this.#end(`TRYAGAIN ${text}`));
  }

  #deliver(reply: Uint8Array<ArrayBuffer>): void {
    if (this.#ready.push(reply) === 1) queueMicrotask(() => this.#send());
  }

  #send(): void {
    const replies = this.#ready;
    this.#ready = [];
    for (const reply of replies) {
      if (this.#isOver) return;
      const taken = this.#sink.send(reply);
      if (taken !== undefined) this.#waitFor(taken);
    }
    this.#endWhenSent();
  }

  #waitFor(taken: Promise<void>): void {
    this.#behind = taken;
    void taken.then(() => {
      if (this.#behind !== taken) return;
      this.#behind = undefined;
      this.#goOn();
    });
  }

  #goOn(): void {
    if (!this.#isResting || this.#behind !== undefined || this.#isOver) return;
    this.#isResting = false;
    this.#host.run(this.#id);
  }

  #endWhenSent(): void {
    if (this.#isEnding && this.#held === 0 && this.#ready.length === 0) this.#end();
  }

  #end(reason?: string): void {
    if (this.#isOver) return;
    this.close();
    this.#sink.close(reason);
  }
}

/** Requests that are all sent, and as many replies that are awaited. */
class Exchange implements Sink {
  readonly #replies = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  #owed: number;
  #bytes = 0;
  /** Ends waits, as the time for them is over. */
  #hurry: ReturnType<typeof setInterval> | undefined;

  constructor(owed: number) {
    this.#owed = owed;
    if (owed === 0) this.#finish();
  }

  get replies(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#replies.promise;
  }

  /** From now on nothing waits for entries. */
  hurry(session: EngineSession): void {
    // Each cancelled read may be followed by another one of the same pipeline, at once or later.
    this.#hurry = setInterval(() => session.cancel(), limits.hurryMs);
  }

  /** The sender has gone. */
  readonly fail = (): void => {
    this.#replies.reject(new UnavailableError("the request was given up by its sender"));
  };

  /** Nothing more will be asked. */
  end(): void {
    clearInterval(this.#hurry);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.byteLength;
    if (this.#bytes > limits.httpReplyBytes) this.#replies.reject(repliesTooLong());
    for (let at = 0; at < bytes.byteLength; at = replyEnd(bytes, at)) this.#owed--;
    if (this.#owed <= 0) this.#finish();
  }

  close(reason?: string): void {
    if (reason === undefined) this.#finish();
    else this.#replies.reject(new UnavailableError(reason.replace(/^TRYAGAIN /, "")));
  }

  #finish(): void {
    const [first, ...rest] = this.#pieces;
    this.#replies.resolve(rest.length === 0 && first !== undefined ? first : concat(this.#pieces));
  }
}
