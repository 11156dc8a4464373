/**
 * `GET /v1/connect`: a session over a WebSocket.
 *
 * Binary messages carry RESP in both directions: from the client requests, any number of them or
 * parts of one; to it whole replies and pushes. The session begins in RESP2, as on TCP, and ends
 * with the socket.
 */

import { limits } from "../limits.ts";
import { offered, PROTOCOL } from "../subprotocols.ts";
import type { Access, Backend, Connection } from "./backend.ts";
import type { Call, Socket } from "./call.ts";
import { whenExpired } from "./conversation.ts";
import { Failure } from "./failure.ts";

/** Codes of a closing, as RFC 6455 has them. */
const NORMAL = 1000;
const POLICY = 1008;
const TOO_LARGE = 1009;
const FAILED = 1011;

/** The route. */
export function connectSocket(call: Call): Response {
  const { request, upgrade, access, backend } = call;
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket" || upgrade === undefined)
    throw new Failure(426, "ERR this address is for WebSockets", { upgrade: "websocket" });
  const protocol = offered(request).includes(PROTOCOL) ? PROTOCOL : undefined;
  return upgrade((socket) => void new SocketSession(socket, backend, access), protocol);
}

/** A socket and the session behind it. */
class SocketSession {
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #forgetExpiry: () => void;
  #isOver = false;

  constructor(socket: Socket, backend: Backend, access: Access) {
    this.#socket = socket;
    const sink = {
      send: (bytes: Uint8Array<ArrayBuffer>) => this.#send(bytes),
      close: (reason?: string) => this.#end(reason === undefined ? NORMAL : FAILED, reason),
    };
    this.#connection = backend.connect(sink, access);
    this.#forgetExpiry = whenExpired(access, () => this.#end(POLICY, "the token has expired"));
    socket.addEventListener("message", ({ data }) => this.#receive(data));
    socket.addEventListener("close", () => this.#leave());
    // An error is followed by "close".
    socket.addEventListener("error", () => {});
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
    const taken = this.#connection.write(bytes);
    if (taken === undefined) return;
    this.#socket.pause?.();
    void taken.then(() => this.#socket.resume?.());
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
    this.#forgetExpiry();
    this.#connection.close();
  }
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return undefined;
}
