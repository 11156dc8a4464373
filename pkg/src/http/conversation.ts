/** A session that lasts, for a route that asks and listens: requests out, replies and pushes in. */

import { encodeRequests, replyEnd } from "../framing.ts";
import * as limits from "../limits.ts";
import { type Argv, ReplyReader } from "../resp.ts";
import type { Access, Backend, Connection } from "./backend.ts";
import { Failure } from "./failure.ts";

/** What a conversation tells besides its replies. */
export interface Listener {
  /** A message came that is no reply. */
  onPush?(push: ReplyReader): void;
  /** The session was ended by the other side. */
  onEnd?(reason: string | undefined): void;
}

/** Whoever waits for a reply. */
interface Waiting {
  resolve(reply: ReplyReader): void;
  reject(reason: unknown): void;
}

const PUSH = 0x3e;

/** A session in RESP3, where pushes can be told from replies. */
export class Conversation {
  readonly #connection: Connection;
  readonly #listener: Listener;
  readonly #waiting: Waiting[] = [];
  readonly #forgetExpiry: () => void;
  #isOver = false;

  constructor(backend: Backend, access: Access, listener: Listener = {}) {
    this.#listener = listener;
    const sink = {
      send: (bytes: Uint8Array) => this.#take(bytes),
      close: (reason?: string) => this.#end(reason),
    };
    this.#connection = backend.connect(sink, access);
    this.#forgetExpiry = whenExpired(access, () => this.#end("the token has expired"));
    this.ask(["HELLO", "3"]).catch(() => {});
  }

  /** Sends a command; resolves to its reply. */
  ask(argv: Argv): Promise<ReplyReader> {
    if (this.#isOver) return Promise.reject(ended(undefined));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      void this.#connection.write(encodeRequests([argv]));
    });
  }

  /** Ends it from this side. */
  close(): void {
    if (this.#isOver) return;
    this.#settle(undefined);
    this.#connection.close();
  }

  #take(bytes: Uint8Array): void {
    for (let at = 0, end = 0; at < bytes.byteLength && !this.#isOver; at = end) {
      end = replyEnd(bytes, at);
      const reply = new ReplyReader(bytes.subarray(at, end));
      if (bytes[at] === PUSH) this.#listener.onPush?.(reply);
      else this.#waiting.shift()?.resolve(reply);
    }
  }

  #end(reason: string | undefined): void {
    if (this.#isOver) return;
    this.#settle(reason);
    this.#connection.close();
    this.#listener.onEnd?.(reason);
  }

  #settle(reason: string | undefined): void {
    this.#isOver = true;
    this.#forgetExpiry();
    for (const { reject } of this.#waiting.splice(0)) reject(ended(reason));
  }
}

/** Calls once the access ends, if it ever does. What it returns sees to it that it does not call. */
export function whenExpired({ expiresAtMs }: Access, end: () => void): () => void {
  if (expiresAtMs === undefined) return () => {};
  // Who has a token for longer than a timer can hold connects again.
  const timer = setTimeout(end, Math.min(Math.max(expiresAtMs - Date.now(), 0), limits.timerMs));
  return () => clearTimeout(timer);
}

function ended(reason: string | undefined): Failure {
  return new Failure(503, reason ?? "TRYAGAIN the session has ended", { "retry-after": "1" });
}
