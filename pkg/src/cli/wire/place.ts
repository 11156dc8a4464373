/**
 * Where the commands of `repl` and `bench` go: an engine in this process, a server that speaks RESP,
 * or one behind a WebSocket. Bytes of requests in, bytes of replies out, whichever it is.
 */

import type { Argv } from "../../resp.ts";

/** A connection, from its own end. */
export interface Wire {
  /** Takes requests. A promise says when more should be sent. */
  send(bytes: Uint8Array): void | Promise<void>;
  /** Ends it; nothing more is received. */
  close(): void;
}

/** The end of a connection at which replies arrive. */
export interface Receiver {
  receive(bytes: Uint8Array): void;
  /** The other side has ended it. */
  end(reason: string): void;
}

/** Something one can connect to, any number of times. */
export interface Place {
  /** What a prompt calls it. */
  readonly name: string;
  /** What a connection says of who it is, as arguments of `AUTH`; empty: nothing. */
  readonly credentials: Argv;
  /** The number of the database that the address names. */
  readonly database: number;
  /** @throws TransportError when nobody answers there */
  connect(receiver: Receiver): Promise<Wire>;
  close(): Promise<void>;
}

/**
 * The address that a word on the command line means: a folder, unless it says what it is.
 */
export function addressOf(word: string | undefined): string {
  if (word === undefined) return "memory://";
  return /^[a-z][a-z0-9+.-]*:/i.test(word) ? word : `file:${word}`;
}
