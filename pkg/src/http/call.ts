/** One request on its way through the front door: what its route is given. */

import * as limits from "../limits.ts";
import type { Access, Backend } from "./backend.ts";
import { Failure } from "./failure.ts";

/** What of a WebSocket is used: the platform's, or that of the package `ws`. */
export interface Socket {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close" | "error", listener: () => void): void;
  /** Bytes not yet sent, where the platform tells. */
  readonly bufferedAmount?: number;
  /** Holds messages back, where the platform can. */
  pause?(): void;
  resume?(): void;
}

/** Takes over a socket that is open. */
export type Attach = (socket: Socket) => void;

/** A request that was let in. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  /** The path's parts behind the route's own, decoded. */
  readonly parts: readonly string[];
  /** What its sender may do. */
  readonly access: Access;
  /** Whether it says nothing of who sends it, where that may be said later: then nothing is allowed. */
  readonly isAnonymous: boolean;
  /** What the bearer of a token may do. @throws Failure when that is nothing */
  readonly admit: (token: string) => Promise<Access>;
  readonly backend: Backend;
  /** Answers a WebSocket's handshake and hands the socket over; absent where there are none. */
  readonly upgrade: ((attach: Attach, protocol: string | undefined) => Response) | undefined;
}

/**
 * The body, of which no more is read than needed to know that it is too long.
 *
 * @throws Failure 413 when it is
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const announced = request.headers.get("content-length");
  if (Number(announced ?? 0) > limits.httpBodyBytes) throw tooLong();
  // The platform reads no more than was announced.
  if (announced !== null) return new Uint8Array(await request.arrayBuffer());
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const piece of request.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > limits.httpBodyBytes) throw tooLong();
    pieces.push(piece);
  }
  if (pieces.length === 1) return pieces[0]!;
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function tooLong(): Failure {
  return new Failure(413, `ERR the body is longer than ${limits.httpBodyBytes} bytes`);
}
