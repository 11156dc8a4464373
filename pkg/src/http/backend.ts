/** What the front door runs commands on: the objects of a Worker, or an engine in this process. */

import type { Feeds } from "./feed.ts";

/** What whoever has a token may do. */
export interface Access {
  /**
   * Redis' ACL rules, from left to right on nothing allowed, as `["+@read", "~orders:*", "&*"]`;
   * without any, everything is allowed. (`src/command/permissions.rs` says which rules there are.)
   */
  readonly rules: readonly string[];
  /** When it ends, in milliseconds since 1970. The front door sees to that. */
  readonly expiresAtMs?: number | undefined;
}

/** Where the replies of a session go that lasts, and what others' commands cause for it. */
export interface Sink {
  /**
   * Takes whole replies and pushes. A promise says that it is behind, and resolves when it can take
   * more: until then no further requests of the session need be run, while pushes may still come.
   */
  send(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** The session is over: after QUIT, or for this reason. Nothing is sent any more. */
  close(reason?: string): void;
}

/** A session that lasts, as seen from its client. */
export interface Connection {
  /** Takes requests, or parts of them. A promise says when more should be sent. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** The client has gone. The sink is told nothing any more. */
  close(): void;
}

/** What an object tells of itself. */
export interface ObjectFigures {
  /** Its name: the `{hash tag}` of its keys, or the key. */
  readonly object: string;
  /** Rows that it has written to its database since it was last made. */
  readonly rowsWritten: number;
}

/** Runs sessions. Each begins in RESP2, in database 0. */
export interface Backend {
  /** What is read once for all who follow its streams. */
  readonly feeds: Feeds;

  /**
   * Runs complete RESP requests as a session of their own, in order, and resolves to as many
   * replies. A read that waits is ended after `limits.httpWaitMs`; `signal` ends the session early:
   * its sender has gone.
   *
   * @throws {RequestError} for bytes that are no requests
   * @throws {UnavailableError} when not all replies can come; a backend may give `TRYAGAIN …` as
   *   replies instead
   */
  run(
    requests: Uint8Array<ArrayBuffer>,
    access: Access,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;

  /** Begins a session that lasts. */
  connect(sink: Sink, access: Access): Connection;

  /** What the host itself can tell for /metrics: by name, without the prefix `eddyline_`. */
  figures?(): Promise<ReadonlyMap<string, number>>;

  /** What only the objects that hold these keys can tell. */
  objectFigures?(keys: readonly string[]): Promise<readonly ObjectFigures[]>;
}

/** The request cannot be understood, and nothing of it was run. The message is Redis' text. */
export class RequestError extends Error {}

/** The session was broken off, and whether its requests had their effect is not known. */
export class UnavailableError extends Error {}
