/**
 * One life of an engine, from its restoring to its end: the turn loop, the clients, the one timer.
 *
 * Ordinary calls share one client of the engine, and those made before the next microtask share
 * one turn. Every call that may wait has a client of its own, so it holds up nobody.
 */

import { Alarm } from "./alarm.ts";
import type { Answer, Call } from "./call.ts";
import type { WasmEngine } from "./engine.ts";
import { ClosedError, StorageError } from "./errors.ts";
import type { TurnFrame } from "./frame.ts";
import { OutputGate } from "./gate.ts";
import { limits } from "./limits.ts";
import { type Argv, ReplyReader, readText } from "./resp.ts";
import { Session } from "./session.ts";
import type { JournalBatch, SegmentRef, Storage } from "./storage/storage.ts";

/** The reply to a session's `HELLO 3`: of no interest. */
const greeting: Call = {
  read: (reader) => reader.value(readText),
  resolve: () => {},
  reject: () => {},
};

/** What a host needs of its surroundings. */
export interface HostOptions {
  engine: WasmEngine;
  storage: Storage;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** Hears once that the engine is lost: it trapped, or a commit failed. */
  onLost: (cause: unknown) => void;
}

/** An engine and everybody who waits for it. */
export class EngineHost {
  readonly #engine: WasmEngine;
  readonly #storage: Storage;
  readonly #now: () => number;
  readonly #onLost: (cause: unknown) => void;
  readonly #gate: OutputGate;
  readonly #alarm: Alarm;
  readonly #reader = new ReplyReader();
  readonly #sessions = new Map<number, Session>();
  readonly #idle: Session[] = [];
  #lastClient = 0;
  #ordinary: Session;
  /** Whose requests lie in the input buffer and are not run yet. */
  #speaker: Session | undefined;
  /** Segments on their way from storage, as `stream/segment`. */
  readonly #loading = new Set<string>();
  #waits = 0;
  #isOver = false;
  /** Why it is over. */
  #reason: unknown;

  constructor(options: HostOptions) {
    this.#engine = options.engine;
    this.#storage = options.storage;
    this.#now = options.now;
    this.#onLost = options.onLost;
    this.#gate = new OutputGate(
      options.storage,
      () => this.#engine.checkpoint(),
      (cause) => this.#lose(cause),
    );
    this.#alarm = new Alarm(options.now, () => this.#step(() => this.#engine.tick(this.#now())));
    this.#ordinary = this.#openSession();
  }

  /** Sends a command that does not wait. */
  call(argv: Argv, call: Call): void {
    this.#send(this.#ordinary, argv, call);
  }

  /** Sends a command that may wait, through a client of its own; `signal` ends the wait. */
  wait(argv: Argv, call: Call, signal: AbortSignal | undefined): void {
    const session = this.#idle.pop() ?? this.#openSession();
    const done = (): void => {
      signal?.removeEventListener("abort", abort);
      this.#countWait(-1);
    };
    const abort = (): void => {
      this.#flush();
      // An answered read has had its effect; its reply is on its way through the gate.
      if (session.isIdle) return;
      this.#forget(session);
      done();
      call.reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#countWait(1);
    this.#send(session, argv, {
      read: call.read,
      resolve: (value) => {
        done();
        this.#release(session);
        call.resolve(value);
      },
      reject: (reason) => {
        done();
        this.#release(session);
        call.reject(reason);
      },
    });
  }

  /** Ends the host: calls that were not answered are rejected with `reason`. */
  end(reason: unknown): void {
    this.#isOver = true;
    this.#reason = reason;
    this.#alarm.clear();
    this.#speaker = undefined;
    const answers = this.#gate.drop();
    const calls = [...this.#sessions.values()].flatMap((session) => session.drop());
    this.#sessions.clear();
    this.#idle.length = 0;
    for (const { call } of answers) call.reject(reason);
    for (const call of calls) call.reject(reason);
  }

  #openSession(): Session {
    const session = new Session(++this.#lastClient);
    this.#sessions.set(session.id, session);
    this.#send(session, ["HELLO", "3"], greeting);
    return session;
  }

  #send(session: Session, argv: Argv, call: Call): void {
    if (this.#speaker !== session) {
      this.#flush();
      this.#speaker = session;
      queueMicrotask(this.#flushSoon);
    }
    // The turn of the speaker before may have been the engine's last.
    if (this.#isOver) {
      call.reject(this.#reason);
      return;
    }
    try {
      this.#engine.write(argv);
    } catch (cause) {
      // A mistake in the arguments has written nothing; anything else is the engine's end.
      if (!(cause instanceof TypeError)) this.#lose(cause);
      call.reject(this.#isOver ? this.#reason : cause);
      return;
    }
    session.push(call);
    if (this.#engine.written >= limits.turnBytes) this.#flush();
  }

  readonly #flushSoon = (): void => this.#flush();

  /** Runs the requests in the input buffer. */
  #flush(): void {
    const speaker = this.#speaker;
    if (speaker === undefined) return;
    this.#speaker = undefined;
    this.#step(() => this.#engine.turn(this.#now(), speaker.id), speaker);
  }

  /** Calls the engine and takes what that brought about. */
  #step(run: () => TurnFrame, caller?: Session): void {
    if (this.#isOver) return;
    try {
      this.#take(run(), caller);
    } catch (cause) {
      this.#lose(cause);
    }
  }

  #take(frame: TurnFrame, caller: Session | undefined): void {
    const batch = takeBatch(frame);
    const held: Answer[] | undefined = batch === undefined && this.#gate.isOpen ? undefined : [];
    if (frame.replyEnd > frame.replyStart)
      this.#answer(caller, frame, frame.replyStart, frame.replyEnd, held);
    if (frame.close && caller !== undefined) this.#replace(caller);
    for (const wake of frame.wakes()) {
      const session = this.#sessions.get(wake.client);
      this.#answer(session, frame, wake.start, wake.end, held);
      if (wake.close && session !== undefined) this.#replace(session);
    }
    const needs = frame.needs();
    this.#alarm.set(frame.deadlineMs);
    // Everything is out of the frame now: passing the gate may call the engine for a checkpoint.
    if (held !== undefined || frame.checkpointDue)
      this.#gate.pass(batch, held ?? [], frame.checkpointDue);
    if (needs.length > 0) void this.#load(needs);
  }

  #answer(
    session: Session | undefined,
    frame: TurnFrame,
    start: number,
    end: number,
    held: Answer[] | undefined,
  ): void {
    this.#reader.reset(frame.bytes, start, end);
    session?.answer(this.#reader, held);
  }

  async #load(needs: readonly SegmentRef[]): Promise<void> {
    const wanted = needs.filter((at) => !this.#loading.has(`${at.stream}/${at.segment}`));
    if (wanted.length === 0) return;
    for (const at of wanted) this.#loading.add(`${at.stream}/${at.segment}`);
    try {
      // A segment may have been given up to a checkpoint that is still being written.
      await this.#gate.settled();
      const found = await this.#storage.read(wanted);
      if (this.#isOver) return;
      for (const [i, at] of wanted.entries()) this.#supply(at, found[i]);
    } catch (cause) {
      this.#lose(cause);
      return;
    }
    this.#step(() => this.#engine.tick(this.#now()));
  }

  #supply(at: SegmentRef, bytes: Uint8Array | undefined): void {
    this.#loading.delete(`${at.stream}/${at.segment}`);
    if (bytes === undefined) {
      throw new StorageError(`segment ${at.segment} of stream ${at.stream} is missing`);
    }
    this.#engine.supply(at, bytes);
  }

  /** Forgets a client in the engine and here. */
  #forget(session: Session): void {
    this.#sessions.delete(session.id);
    session.drop();
    this.#step(() => this.#engine.disconnect(this.#now(), session.id));
  }

  /** Keeps the client of a finished wait for the next one. */
  #release(session: Session): void {
    if (this.#isOver || !this.#sessions.has(session.id)) return;
    if (this.#idle.length < limits.idleSessions) this.#idle.push(session);
    else this.#forget(session);
  }

  /** The engine hangs up on a client: after a request it cannot read, or when asked to. */
  #replace(session: Session): void {
    this.#sessions.delete(session.id);
    for (const call of session.drop())
      call.reject(new ClosedError("the engine ended this session"));
    if (session === this.#ordinary) this.#ordinary = this.#openSession();
  }

  /** While something waits with a deadline the process lives on; see {@link Alarm}. */
  #countWait(change: 1 | -1): void {
    this.#waits += change;
    this.#alarm.keepsAlive = this.#waits > 0;
  }

  #lose(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onLost(cause);
  }
}

function takeBatch(frame: TurnFrame): JournalBatch | undefined {
  if (frame.journalLength === 0) return undefined;
  return { number: frame.journalNumber, bytes: frame.journal() };
}
