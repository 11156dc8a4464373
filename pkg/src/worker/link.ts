/**
 * The ways from a session at the front door to an object: a request for what is answered at once,
 * and a socket for a session that lasts, or waits.
 */

import { concat } from "../bytes.ts";
import { replyEnd } from "../framing.ts";
import * as limits from "../limits.ts";
import { LIFE, LISTENS, PROTOCOL, REQUESTS, RULES, toBase64 } from "./headers.ts";
import { Mark } from "./mark.ts";

/** A version of RESP. */
export type Protocol = 2 | 3;

/** What an object has to know of a session. */
export interface Terms {
  protocol: Protocol;
  /** What it may do, as one RESP request; empty: everything. */
  rules: Uint8Array<ArrayBuffer>;
}

/** No replies have come. The message is what the client is to be told, as an error's text. */
export class LinkFailure extends Error {}

/** A read that waits at an object: how to ask for the rest of the wait. */
export interface Wait {
  request: Uint8Array<ArrayBuffer>;
  deadlineMs: number | undefined;
  /** When it began, by the object's clock. */
  sinceMs: number;
  /** Which life of the object it was. */
  life: string | null;
}

const HELLO_3 = new TextEncoder().encode("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n");
const ADDRESS = "https://object/";

/** Runs complete requests at an object as a session of their own; resolves to their replies. */
export async function post(
  object: DurableObjectStub,
  requests: readonly Uint8Array[],
  terms: Terms,
): Promise<Uint8Array<ArrayBuffer>> {
  return (await exchange(object, requests, terms)).bytes;
}

/** As {@link post}; and which life of the object has answered. */
export async function exchange(
  object: DurableObjectStub,
  requests: readonly Uint8Array[],
  { protocol, rules }: Terms,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; life: string | null }> {
  const body = concat(protocol === 3 ? [HELLO_3, ...requests] : requests);
  const headers = rules.byteLength > 0 ? { [RULES]: toBase64(rules) } : {};
  let response: Response;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    response = await object.fetch(ADDRESS, { method: "POST", headers, body });
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw unknownOutcome(cause);
  }
  if (!response.ok) throw new LinkFailure(new TextDecoder().decode(bytes));
  const life = response.headers.get(LIFE);
  return { bytes: protocol === 3 ? bytes.subarray(replyEnd(bytes, 0)) : bytes, life };
}

function unknownOutcome(cause: unknown): LinkFailure {
  const message = `TRYAGAIN the stream's object failed, and whether the command ran is unknown: ${cause}`;
  return new LinkFailure(message, { cause });
}

/** The replies that a socket is to bring. */
interface Expected {
  replies: number;
  resolve(bytes: Uint8Array<ArrayBuffer>): void;
  reject(reason: unknown): void;
}

/** What a socket's owner is told besides replies. */
export interface LinkEvents {
  /** Takes a whole reply or push of a session that listens; `true`: it was a push. */
  takePush?(item: Uint8Array<ArrayBuffer>): boolean;
  /** The socket is closed. */
  closed(): void;
}

/** A session's socket to an object, opened by the first run. One run at a time. */
export class SocketLink {
  readonly #object: DurableObjectStub;
  readonly #terms: Terms;
  readonly #events: LinkEvents;
  #socket: Promise<WebSocket> | undefined;
  #expected: Expected | undefined;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #wait: Wait | undefined;
  #life: string | null = null;
  #isClosed = false;
  #isCancelled = false;

  constructor(object: DurableObjectStub, terms: Terms, events: LinkEvents) {
    this.#object = object;
    this.#terms = terms;
    this.#events = events;
  }

  /** Whether the session at the object is the one that it was, as far as is known. */
  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** Whether nothing is being run. */
  get isIdle(): boolean {
    return this.#expected === undefined;
  }

  /** The read that waits, once the object has said so. */
  get wait(): Wait | undefined {
    return this.#wait;
  }

  /** Runs complete requests that have so many replies. @throws LinkFailure */
  run(requests: readonly Uint8Array[], replies: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#wait = undefined;
    this.#isCancelled = false;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    this.#expected = { replies, resolve, reject };
    void this.#send(concat(requests));
    return promise;
  }

  /** Ends the wait that is or will be on: what is being run comes to its end. */
  cancel(): void {
    this.#isCancelled = true;
    void this.#socket?.then(
      (socket) => {
        if (!this.#isClosed && this.#expected !== undefined) socket.send("cancel");
      },
      () => {},
    );
  }

  close(): void {
    this.#isClosed = true;
    void this.#socket?.then(
      (socket) => socket.close(1000),
      () => {},
    );
    this.#fail(new Error("the session has ended"));
  }

  async #send(requests: Uint8Array<ArrayBuffer>): Promise<void> {
    const isFirst = this.#socket === undefined;
    const fits = requests.byteLength <= limits.handshakeBytes;
    this.#socket ??= this.#open(fits ? requests : undefined);
    try {
      const socket = await this.#socket;
      if (this.#isClosed) return;
      if (!isFirst || !fits) socket.send(requests);
      if (isFirst && this.#isCancelled) socket.send("cancel");
    } catch (cause) {
      this.#fail(cause);
    }
  }

  async #open(requests: Uint8Array<ArrayBuffer> | undefined): Promise<WebSocket> {
    const { protocol, rules } = this.#terms;
    const headers: Record<string, string> = { upgrade: "websocket", [PROTOCOL]: String(protocol) };
    if (rules.byteLength > 0) headers[RULES] = toBase64(rules);
    if (requests !== undefined) headers[REQUESTS] = toBase64(requests);
    if (this.#events.takePush !== undefined) headers[LISTENS] = "1";
    const { webSocket: socket, headers: told } = await this.#object.fetch(ADDRESS, { headers });
    this.#life = told.get(LIFE);
    if (socket === null) throw new Error("the object has no sockets");
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#take(data as string | ArrayBuffer));
    socket.addEventListener("close", ({ reason }) => {
      socket.close();
      this.#fail(new Error(reason === "" ? "it was restarted" : reason));
    });
    socket.addEventListener("error", ({ message }) => this.#fail(new Error(message)));
    socket.accept();
    return socket;
  }

  #take(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      this.#settle()?.reject(new LinkFailure(data));
      return;
    }
    const message = new Uint8Array(data);
    if (message[0] === Mark.waits) {
      const times = new DataView(data);
      const deadlineMs = times.getFloat64(1, true);
      this.#wait = {
        request: message.subarray(17),
        deadlineMs: Number.isNaN(deadlineMs) ? undefined : deadlineMs,
        sinceMs: times.getFloat64(9, true),
        life: this.#life,
      };
      return;
    }
    this.#pieces.push(message.subarray(1));
    if (message[0] === Mark.end) this.#takeReplies();
  }

  /** Takes what has come, which ends with a whole reply or push. */
  #takeReplies(): void {
    const bytes = concat(this.#pieces);
    const replies: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.byteLength; ) {
      const end = replyEnd(bytes, at);
      const item = bytes.subarray(at, end);
      if (this.#events.takePush?.(item) !== true) replies.push(item);
      at = end;
    }
    const isAll = replies.length >= (this.#expected?.replies ?? 0);
    this.#pieces = isAll ? [] : [concat(replies)];
    if (isAll) this.#settle()?.resolve(concat(replies));
  }

  #settle(): Expected | undefined {
    const expected = this.#expected;
    this.#expected = undefined;
    return expected;
  }

  #fail(cause: unknown): void {
    const wasOpen = !this.#isClosed;
    this.#isClosed = true;
    this.#pieces = [];
    this.#settle()?.reject(unknownOutcome(cause));
    if (wasOpen) this.#events.closed();
  }
}
