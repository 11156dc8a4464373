/**
 * The calls of this process: clients of the engine that speak in values.
 *
 * Ordinary calls share one client of the engine, and those made before the next microtask share
 * one turn. Every call that may wait has a client of its own, so it holds up nobody.
 */

import type { Call } from "./call.ts";
import { ClosedError } from "./errors.ts";
import type { EngineHost } from "./host.ts";
import * as limits from "./limits.ts";
import { type Argv, type ReadReply, readText, requestBound } from "./resp.ts";
import { Session, type SessionEvents } from "./session.ts";
import { soon } from "./soon.ts";
import type { Wait } from "./transport.ts";

/** The reply to what a session says first: of no interest. */
const greeting: Call = {
  read: (reader) => reader.value(readText),
  resolve: () => {},
  reject: () => {},
};

/** What makes the client of ordinary calls a connection of its own, and not one that all share. */
export interface ConnectionOptions extends SessionEvents {
  /** What CLIENT LIST says of where it comes from. */
  readonly origin: string;
  /** What each client of the engine says first, those of waits too: the database, a name. */
  greeting(): readonly Argv[];
}

/** Everybody in this process who calls the engine of one host, or one who has a connection to it. */
export class Calls {
  readonly #host: EngineHost;
  readonly #connection: ConnectionOptions | undefined;
  #ordinary: Session | undefined;
  /** Sessions of finished waits. */
  readonly #idle: Session[] = [];
  /** Sessions that wait. */
  readonly #waiting = new Set<Session>();

  constructor(host: EngineHost, connection?: ConnectionOptions) {
    this.#host = host;
    this.#connection = connection;
  }

  /** Sends a command, through a client of its own if it may wait. */
  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    if (wait?.signal?.aborted) return Promise.reject(wait.signal.reason);
    return new Promise((resolve, reject) => {
      const call = { read, resolve: resolve as (value: unknown) => void, reject };
      if (wait === undefined) this.#call(argv, call);
      else this.#wait(argv, call, wait.signal);
    });
  }

  /** Sends commands as one transaction. See {@link Transport.transact}. */
  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // A mistake in the arguments must not be found in the middle.
      for (const argv of commands) requestBound(argv);
      const session = this.#speaker();
      let refusal: unknown;
      const queued: Call = {
        read: readText,
        resolve: () => {},
        reject: (reason) => {
          refusal ??= reason;
        },
      };
      for (const argv of [["MULTI"], ...commands]) this.#write(session, argv, queued);
      // What was not run before the engine hung up is not run at all.
      if (session.isOver) reject(new ClosedError("the engine ended this session"));
      this.#write(session, ["EXEC"], {
        read,
        resolve: resolve as (value: unknown) => void,
        reject: (reason) => reject(refusal ?? reason),
      });
    });
  }

  /** The engine's number of the client of ordinary calls. */
  get id(): number {
    return this.#speaker().id;
  }

  /** The number of a client that waits. */
  get waitingId(): number | undefined {
    const [session] = this.#waiting;
    return session?.id;
  }

  /** Sends a command that is not answered but by pushes: SUBSCRIBE and its like. */
  tell(argv: Argv): void {
    this.#host.write(this.#speaker().id, argv);
  }

  /** Ends every client; calls that are not answered are rejected. */
  end(reason: unknown): void {
    const sessions = [...this.#waiting, ...this.#idle.splice(0)];
    if (this.#ordinary !== undefined) sessions.push(this.#ordinary);
    for (const session of sessions) {
      const unanswered = session.giveUp();
      this.#host.leave(session.id);
      for (const call of unanswered) call.reject(reason);
    }
  }

  /** Gives up the client of ordinary calls, all of which are answered, until the next call. */
  rest(): void {
    if (this.#ordinary !== undefined) this.#leave(this.#ordinary);
  }

  #call(argv: Argv, call: Call): void {
    this.#write(this.#speaker(), argv, call);
  }

  /** The client of ordinary calls. */
  #speaker(): Session {
    // The engine may have hung up on the last one: after a QUIT.
    if (this.#ordinary === undefined || this.#ordinary.isOver)
      this.#ordinary = this.#open(this.#connection);
    return this.#ordinary;
  }

  #wait(argv: Argv, call: Call, signal: AbortSignal | undefined): void {
    const session = this.#takeIdle() ?? this.#open();
    const done = (): void => {
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(session);
      this.#host.countWait(-1);
    };
    const abort = (): void => {
      this.#host.flush();
      // An answered read has had its effect; its reply is on its way through the gate.
      if (session.isIdle) return;
      this.#leave(session);
      done();
      call.reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#host.countWait(1);
    this.#waiting.add(session);
    const settle = (way: "resolve" | "reject") => (outcome: unknown) => {
      done();
      this.#keep(session);
      call[way](outcome);
    };
    const [resolve, reject] = [settle("resolve"), settle("reject")];
    this.#write(session, argv, { read: call.read, resolve, reject });
  }

  #open(events?: SessionEvents): Session {
    // Those of waits belong to it: to others it is one.
    const origin = events && this.#connection?.origin;
    const session = new Session((client) => this.#host.join(client, origin), events);
    const greetings = [["HELLO", "3"], ...(this.#connection?.greeting() ?? [])];
    for (const argv of greetings) this.#write(session, argv, greeting);
    return session;
  }

  #write(session: Session, argv: Argv, call: Call): void {
    try {
      this.#host.write(session.id, argv);
    } catch (reason) {
      call.reject(reason);
      return;
    }
    session.push(call);
  }

  #takeIdle(): Session | undefined {
    let session = this.#idle.pop();
    while (session?.isOver) session = this.#idle.pop();
    return session;
  }

  /** Keeps the client of a finished wait for the next one. */
  #keep(session: Session): void {
    if (session.isOver) return;
    const isShared = this.#connection === undefined;
    if (isShared && this.#idle.length < limits.idleSessions) this.#idle.push(session);
    // Not at once: this may be told in the middle of a turn.
    else soon(() => this.#leave(session));
  }

  #leave(session: Session): void {
    session.giveUp();
    this.#host.leave(session.id);
  }
}
