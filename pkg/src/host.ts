/**
 * One life of an engine, from its restoring to its end: the turn loop, its clients, the one timer.
 * Who the clients are is not its business, nor what a storage keeps of it.
 */

import { Alarm } from "./alarm.ts";
import type { Held } from "./call.ts";
import type { WasmEngine } from "./engine.ts";
import { CommandError } from "./errors.ts";
import type { TurnFrame } from "./frame.ts";
import * as limits from "./limits.ts";
import type { Argv } from "./resp.ts";
import { soon } from "./soon.ts";

/**
 * A client of the engine, as its host tells it things. While it is told something it must not call
 * the host: the turn is still being read.
 */
export interface EngineClient {
  /**
   * Takes replies, whole ones: `bytes[start..end]`, which lie in wasm memory and are valid during
   * the call only. With `held` what is to go out is put there, without it goes out at once.
   */
  answer(bytes: Uint8Array, start: number, end: number, held: Held[] | undefined): void;
  /** The engine hangs up, after the replies before: it is a client no more. */
  hangUp(held: Held[] | undefined): void;
  /**
   * Requests of it rest, because the replies before them are large: it has them run on when it
   * likes, by {@link EngineHost.run}. For a client without this method the host does so.
   */
  rest?(): void;
  /** The engine has ended. Replies that were held have been dropped for this reason too. */
  drop(reason: unknown): void;
}

/**
 * What stands between an engine and its storage, and so between what the engine answers and who is
 * to hear it. Without one nothing is kept, and answers go out at once.
 */
export interface Keeper {
  /** Says whose engine it is. */
  serve(host: EngineHost): void;
  /** Why what it was given could not be made durable, which ends the engine. */
  readonly writeFailure: unknown;
  /** Bytes that wait to be made durable. */
  readonly backlogBytes: number;
  /** Where answers of this turn are to be put, if they have to wait. */
  hold(frame: TurnFrame): Held[] | undefined;
  /** Takes what the turn has for the storage, and the answers. */
  pass(frame: TurnFrame, held: Held[] | undefined): void;
  /** Resolves when nothing waits to be made durable. */
  settled(): Promise<void>;
  /** Gives up: the answers that will not go out. */
  drop(): readonly Held[];
}

/** What a host needs of its surroundings. */
export interface HostOptions {
  engine: WasmEngine;
  keeper?: Keeper | undefined;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** Hears once that the engine is lost: it trapped, or could not be kept. */
  onLost: (cause: unknown) => void;
  /** Hears that a client asks that everything be ended, with SHUTDOWN. */
  onShutdown: () => void;
}

/** What a client may do that need not give a password: everything. */
const EVERYTHING = new Uint8Array(0);

/** An engine and everybody who waits for it. */
export class EngineHost {
  readonly #engine: WasmEngine;
  readonly #keeper: Keeper | undefined;
  readonly #now: () => number;
  readonly #onLost: (cause: unknown) => void;
  readonly #onShutdown: () => void;
  readonly #alarm: Alarm;
  readonly #clients = new Map<number, EngineClient>();
  #lastClient = 0;
  /** Whose requests lie in the input buffer and are not run yet. */
  #speaker: number | undefined;
  /** Parts of the module on their way. */
  readonly #loadingParts = new Set<number>();
  #waits = 0;
  #isOver = false;
  /** Why it is over. */
  #reason: unknown;

  constructor({ engine, keeper, now, onLost, onShutdown }: HostOptions) {
    this.#engine = engine;
    this.#keeper = keeper;
    this.#now = now;
    this.#onLost = onLost;
    this.#onShutdown = onShutdown;
    this.#alarm = new Alarm(now, () => this.tick());
    keeper?.serve(this);
  }

  /** Why a commit failed, which ends it. */
  get writeFailure(): unknown {
    return this.#keeper?.writeFailure;
  }

  /** Whether it has ended: nothing is run any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes of entries and pending records in memory. */
  get residentBytes(): number {
    return this.#engine.residentBytes;
  }

  /** Whether so much waits to be made durable that whoever can should send no more for now. */
  get isCongested(): boolean {
    return (this.#keeper?.backlogBytes ?? 0) > limits.backlogBytes;
  }

  /**
   * Takes in a client; its number. One with an origin may be sent off at once, before this returns.
   *
   * @param origin makes it one that CLIENT LIST shows, as `addr=127.0.0.1:50000 laddr=127.0.0.1:6379`
   * @param rules what it may do, as the words of one request; nothing: everything; `password`: what
   *   the password allows that it gives
   * @throws CommandError for words that are no rules
   */
  join(client: EngineClient, origin?: string, rules: Uint8Array | "password" = EVERYTHING): number {
    const id = ++this.#lastClient;
    this.#clients.set(id, client);
    if (rules !== "password") this.#trust(id, rules);
    if (origin !== undefined) this.#step(() => this.#engine.connect(this.#now(), id, origin), id);
    return id;
  }

  #trust(id: number, rules: Uint8Array): void {
    try {
      if (this.#isOver) return;
      if (rules.byteLength > 0) this.#engine.permit(id, rules);
      else this.#engine.vouch(id);
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) {
        this.#clients.delete(id);
        throw new CommandError((cause as Error).message);
      }
      this.lose(cause);
    }
  }

  /** Ends a client's wait, if it waits, as if its time were over. */
  cancel(client: number): void {
    if (this.#speaker === client) this.flush();
    if (this.#clients.has(client))
      this.#step(() => this.#engine.cancel(this.#now(), client), client);
  }

  /** A client goes, and with it what it waits for. */
  leave(client: number): void {
    if (this.#speaker === client) this.flush();
    if (!this.#clients.delete(client)) return;
    this.#step(() => this.#engine.disconnect(this.#now(), client));
  }

  /**
   * Writes a request of this client, to be run before the next microtask together with those
   * written meanwhile.
   *
   * @throws TypeError for arguments that are none; nothing was written then
   * @throws the reason why the engine has ended
   */
  write(client: number, argv: Argv): void {
    if (this.#speaker !== client || this.#engine.written >= limits.turnBytes) {
      this.flush();
      this.#speaker = client;
      soon(this.#flushSoon);
    }
    // The turn of the speaker before may have been the engine's last.
    if (this.#isOver) throw this.#reason;
    try {
      this.#engine.write(argv);
    } catch (cause) {
      if (cause instanceof TypeError) throw cause;
      this.lose(cause);
      throw this.#reason;
    }
  }

  /** Runs bytes as they came from a client: requests, or parts of them, or none to run on. */
  run(client: number, bytes?: Uint8Array): void {
    if (!this.#clients.has(client)) return;
    this.flush();
    this.#step(() => {
      if (bytes !== undefined) this.#engine.writeBytes(bytes);
      return this.#engine.turn(this.#now(), client);
    }, client);
  }

  /** Runs the requests in the input buffer. */
  flush(): void {
    const speaker = this.#speaker;
    if (speaker === undefined) return;
    this.#speaker = undefined;
    this.#step(() => this.#engine.turn(this.#now(), speaker), speaker);
  }

  readonly #flushSoon = (): void => this.flush();

  /** While something waits with a deadline the process lives on; see {@link Alarm}. */
  countWait(change: 1 | -1): void {
    this.#waits += change;
    this.#alarm.keepsAlive = this.#waits > 0;
  }

  /** Resolves when no commit is under way. */
  async settled(): Promise<void> {
    await this.#keeper?.settled();
  }

  /** Ends the host: its clients are dropped with `reason`, and so are replies that were held. */
  end(reason: unknown): void {
    this.#isOver = true;
    this.#reason = reason;
    this.#alarm.clear();
    this.#speaker = undefined;
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const held of this.#keeper?.drop() ?? []) held.drop(reason);
    for (const client of clients) client.drop(reason);
  }

  /** Calls the engine and takes what that brought about. */
  #step(run: () => TurnFrame, caller?: number): void {
    if (this.#isOver) return;
    try {
      this.#take(run(), caller);
    } catch (cause) {
      this.lose(cause);
    }
  }

  #take(frame: TurnFrame, caller: number | undefined): void {
    const held = this.#keeper?.hold(frame);
    const gone: number[] = [];
    for (const { client: id, start, end, close, unfinished } of frame.told(caller)) {
      const client = this.#clients.get(id);
      if (end > start) client?.answer(frame.bytes, start, end, held);
      if (unfinished) this.#rest(id, client);
      if (!close) continue;
      client?.hangUp(held);
      gone.push(id);
    }
    const parts = frame.parts();
    this.#alarm.set(frame.deadlineMs);
    if (frame.shutdown) soon(this.#onShutdown);
    // From here on the engine may be called, which ends the frame.
    this.#keeper?.pass(frame, held);
    for (const part of parts) void this.#loadPart(part);
    for (const id of gone) this.leave(id);
  }

  #rest(id: number, client: EngineClient | undefined): void {
    if (client?.rest !== undefined) client.rest();
    else soon(() => this.run(id));
  }

  async #loadPart(part: number): Promise<void> {
    if (this.#loadingParts.has(part)) return;
    this.#loadingParts.add(part);
    const isLinked = await this.#engine.loadPart(part);
    this.#loadingParts.delete(part);
    this.#step(() => {
      this.#engine.takePart(part, isLinked);
      return this.#engine.tick(this.#now());
    });
  }

  /** Has the engine go on with what it waited for: a time, a blob. */
  tick(): void {
    this.#step(() => this.#engine.tick(this.#now()));
  }

  /** The engine is of no use any more. */
  lose(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onLost(cause);
  }
}
