/**
 * `GET /v1/connect`: a session over a WebSocket.
 *
 * Binary messages carry RESP in both directions: from the client requests, any number of them or
 * parts of one; to it whole replies and pushes. The session begins in RESP2, as on TCP, and ends
 * with the socket. Who the client is it says with the handshake, or, if it offers no protocol of
 * ours, as on TCP by its first command, AUTH or HELLO.
 */

import { concat } from "../bytes.ts";
import * as limits from "../limits.ts";
import { offered, PROTOCOL } from "../subprotocols.ts";
import type { Access, Backend, Connection } from "./backend.ts";
import type { Call, Socket } from "./call.ts";
import { whenExpired } from "./conversation.ts";
import { Failure } from "./failure.ts";
import { Greeting } from "./greeting.ts";

/** Codes of a closing, as RFC 6455 has them. */
const NORMAL = 1000;
const POLICY = 1008;
const TOO_LARGE = 1009;
const FAILED = 1011;
const NOBODY = "NOAUTH Authentication required.";
const encoder = new TextEncoder();

/** The route. */
export function connectSocket(call: Call): Response {
  const { request, upgrade } = call;
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket" || upgrade === undefined)
    throw new Failure(426, "ERR this address is for WebSockets", { upgrade: "websocket" });
  const protocol = offered(request).includes(PROTOCOL) ? PROTOCOL : undefined;
  return upgrade((socket) => void new SocketSession(socket, call), protocol);
}

/** Whether a handshake without a token may be followed by commands that say who the client is. */
export function mayGreet(request: Request): boolean {
  return !offered(request).includes(PROTOCOL);
}

/** A socket and the session behind it. */
class SocketSession {
  readonly #socket: Socket;
  readonly #backend: Backend;
  #connection: Connection | undefined;
  #forgetExpiry: () => void = () => {};
  /** Until the client has said who it is, or something else. */
  #greeting: Greeting | undefined;
  #greeted: Promise<void> = Promise.resolve();
  #patience: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(socket: Socket, { backend, access, isAnonymous, admit }: Call) {
    this.#socket = socket;
    this.#backend = backend;
    this.#greeting = new Greeting(admit, !isAnonymous);
    if (isAnonymous)
      this.#patience = setTimeout(() => this.#end(POLICY, NOBODY), limits.greetingMs);
    else this.#begin(access);
    socket.addEventListener("message", ({ data }) => this.#receive(data));
    socket.addEventListener("close", () => this.#leave());
    // An error is followed by "close".
    socket.addEventListener("error", () => {});
  }

  /** Begins the session. One that was begun before has been told nothing yet. */
  #begin(access: Access): void {
    clearTimeout(this.#patience);
    this.#forgetExpiry();
    this.#connection?.close();
    const sink = {
      send: (bytes: Uint8Array<ArrayBuffer>) => this.#send(bytes),
      close: (reason?: string) => this.#end(reason === undefined ? NORMAL : FAILED, reason),
    };
    this.#connection = this.#backend.connect(sink, access);
    this.#forgetExpiry = whenExpired(access, () => this.#end(POLICY, "the token has expired"));
  }

  #receive(data: unknown): void {
    if (this.#isOver) return;
    const bytes = bytesOf(data);
    if (bytes === undefined) {
      this.#end(POLICY, "ERR messages are binary");
      return;
    }
    if (bytes.byteLength > limits.socketMessageBytes) {
      this.#end(TOO_LARGE, `ERR a message may have ${limits.socketMessageBytes} bytes`);
      return;
    }
    if (this.#greeting === undefined) this.#write(bytes);
    else {
      this.#socket.pause?.();
      // Not a view of what the platform may use again.
      const kept = bytes.slice();
      this.#greeted = this.#greeted
        .then(() => this.#greet(kept))
        .catch((error: unknown) => {
          console.error("a session could not begin:", error);
          this.#end(FAILED, "ERR the server has failed; its log says how");
        });
    }
  }

  #write(bytes: Uint8Array): void {
    const taken = this.#connection?.write(bytes);
    if (taken === undefined) return;
    this.#socket.pause?.();
    void taken.then(() => this.#socket.resume?.());
  }

  /** Takes what has come while it may be a greeting. */
  async #greet(bytes: Uint8Array): Promise<void> {
    if (this.#isOver) return;
    this.#socket.resume?.();
    if (this.#greeting === undefined) return this.#write(bytes);
    const { replies, access, rest, isOver } = await this.#greeting.take(bytes);
    if (this.#isOver) return;
    if (access !== undefined) this.#begin(access);
    for (const reply of replies) void this.#send(concat([encoder.encode(reply)]));
    if (isOver) this.#end(NORMAL);
    if (rest === undefined) return;
    this.#greeting = undefined;
    this.#write(rest);
  }

  #send(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    this.#socket.send(bytes);
    const unsent = this.#socket.bufferedAmount ?? 0;
    if (unsent > limits.laggardBytes) this.#end(POLICY, "ERR too much was left unread");
    return unsent > limits.unsentBytes ? this.#drained() : undefined;
  }

  /** Resolves when the socket has taken what it was given. No event tells. */
  async #drained(): Promise<void> {
    while (!this.#isOver && (this.#socket.bufferedAmount ?? 0) > limits.unsentBytes)
      await new Promise((resolve) => setTimeout(resolve, limits.drainMs));
  }

  #end(code: number, reason?: string): void {
    if (this.#isOver) return;
    this.#leave();
    // A reason has 123 bytes at most; ours are ASCII, others' are cut so that they fit in any case.
    this.#socket.close(code, reason?.slice(0, 40 + 80 * Number(/^[\x20-\x7e]*$/.test(reason))));
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#patience);
    this.#forgetExpiry();
    this.#connection?.close();
  }
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return undefined;
}
