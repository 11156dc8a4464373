/**
 * One life of an engine, from its restoring to its end: the turn loop, its clients, the output
 * gate, the blobs it asks for, the one timer. Who the clients are is not its business.
 */

import { Alarm } from "./alarm.ts";
import type { Held } from "./call.ts";
import type { WasmEngine } from "./engine.ts";
import { CommandError, StorageError } from "./errors.ts";
import type { TurnFrame, Wake } from "./frame.ts";
import { OutputGate } from "./gate.ts";
import * as limits from "./limits.ts";
import type { Argv } from "./resp.ts";
import { soon } from "./soon.ts";
import {
  type Appendfsync,
  type BlobKey,
  FIRST_COLD_KIND,
  type JournalBatch,
  type Storage,
} from "./storage/storage.ts";

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

/** What a host needs of its surroundings. */
export interface HostOptions {
  engine: WasmEngine;
  storage: Storage;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** Hears once that the engine is lost: it trapped, or a commit failed. */
  onLost: (cause: unknown) => void;
  /** Hears that a client asks that everything be ended, with SHUTDOWN. */
  onShutdown: () => void;
}

/** What a turn has for one client. */
type Told = Omit<Wake, "client">;

const NOTHING = new Uint8Array(0);

/** An engine and everybody who waits for it. */
export class EngineHost {
  readonly #engine: WasmEngine;
  readonly #storage: Storage;
  readonly #now: () => number;
  readonly #onLost: (cause: unknown) => void;
  readonly #onShutdown: () => void;
  readonly #gate: OutputGate;
  readonly #alarm: Alarm;
  readonly #clients = new Map<number, EngineClient>();
  #lastClient = 0;
  /** Whose requests lie in the input buffer and are not run yet. */
  #speaker: number | undefined;
  /** Blobs on their way from storage, as {@link addressOf} names them. */
  readonly #loading = new Set<string>();
  /** Parts of the module on their way. */
  readonly #loadingParts = new Set<number>();
  /** What the engine says of it; the engine begins with its own default. */
  #appendfsync: Appendfsync | undefined;
  #waits = 0;
  #isOver = false;
  #writeFailure: unknown;
  /** Why it is over. */
  #reason: unknown;

  constructor(options: HostOptions) {
    this.#engine = options.engine;
    this.#storage = options.storage;
    this.#now = options.now;
    this.#onLost = options.onLost;
    this.#onShutdown = options.onShutdown;
    this.#gate = new OutputGate(
      options.storage,
      () => this.#engine.checkpoint(),
      (cause) => {
        this.#writeFailure = cause;
        this.#lose(cause);
      },
    );
    this.#alarm = new Alarm(options.now, () => this.#step(() => this.#engine.tick(this.#now())));
  }

  /** Why a commit failed, which ends it. */
  get writeFailure(): unknown {
    return this.#writeFailure;
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
    return this.#gate.backlogBytes > limits.backlogBytes;
  }

  /**
   * Takes in a client of this process, which needs no password; its number.
   *
   * @param origin makes it one that CLIENT LIST shows, see {@link connect}
   */
  join(client: EngineClient, origin?: string): number {
    const id = this.#admit(client);
    if (origin !== undefined) this.#step(() => this.#engine.connect(this.#now(), id, origin), id);
    try {
      if (!this.#isOver) this.#engine.vouch(id);
    } catch (cause) {
      this.#lose(cause);
    }
    return id;
  }

  /**
   * Takes in a client of the network; its number. It may be sent off at once, before this returns.
   *
   * @param origin what CLIENT LIST says of it, as `addr=127.0.0.1:50000 laddr=127.0.0.1:6379`
   */
  connect(client: EngineClient, origin: string): number {
    const id = this.#admit(client);
    this.#step(() => this.#engine.connect(this.#now(), id, origin), id);
    return id;
  }

  /**
   * Takes in a client of the network of whom the host knows what it may do, and who needs no
   * password therefore; its number. It may be sent off at once, before this returns.
   *
   * @param origin as for {@link connect}; nothing for a client too short-lived to be listed
   * @param rules what it may do, as the words of one request; nothing: everything
   * @throws CommandError for words that are no rules
   */
  welcome(client: EngineClient, origin: string | undefined, rules: Uint8Array): number {
    const id = this.#admit(client);
    try {
      if (this.#isOver) return id;
      if (rules.byteLength > 0) this.#engine.permit(id, rules);
      else this.#engine.vouch(id);
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) {
        this.#clients.delete(id);
        throw new CommandError((cause as Error).message);
      }
      this.#lose(cause);
    }
    if (origin !== undefined) this.#step(() => this.#engine.connect(this.#now(), id, origin), id);
    return id;
  }

  /** Ends a client's wait, if it waits, as if its time were over. */
  cancel(client: number): void {
    if (this.#speaker === client) this.flush();
    if (this.#clients.has(client))
      this.#step(() => this.#engine.cancel(this.#now(), client), client);
  }

  #admit(client: EngineClient): number {
    this.#clients.set(++this.#lastClient, client);
    return this.#lastClient;
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
      this.#lose(cause);
      throw this.#reason;
    }
  }

  /** Runs bytes as they came from a client: requests, or parts of them, or none to run on. */
  run(client: number, bytes: Uint8Array = NOTHING): void {
    if (!this.#clients.has(client)) return;
    this.flush();
    this.#step(() => {
      this.#engine.writeBytes(bytes);
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
  settled(): Promise<void> {
    return this.#gate.settled();
  }

  /** Ends the host: its clients are dropped with `reason`, and so are replies that were held. */
  end(reason: unknown): void {
    this.#isOver = true;
    this.#reason = reason;
    this.#alarm.clear();
    this.#speaker = undefined;
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const held of this.#gate.drop()) held.drop(reason);
    for (const client of clients) client.drop(reason);
  }

  /** Calls the engine and takes what that brought about. */
  #step(run: () => TurnFrame, caller?: number): void {
    if (this.#isOver) return;
    try {
      this.#take(run(), caller);
    } catch (cause) {
      this.#lose(cause);
    }
  }

  #take(frame: TurnFrame, caller: number | undefined): void {
    const batch = takeBatch(frame);
    const held: Held[] | undefined = batch === undefined && this.#gate.isOpen ? undefined : [];
    const gone: number[] = [];
    const tell = (id: number, { start, end, close, unfinished }: Told): void => {
      const client = this.#clients.get(id);
      if (end > start) client?.answer(frame.bytes, start, end, held);
      if (unfinished) this.#rest(id, client);
      if (!close) return;
      client?.hangUp(held);
      gone.push(id);
    };
    if (caller !== undefined) {
      const { replyStart: start, replyEnd: end, close, unfinished } = frame;
      tell(caller, { start, end, close, unfinished });
    }
    for (const wake of frame.wakes()) tell(wake.client, wake);
    const needs = frame.needs();
    const parts = frame.parts();
    this.#alarm.set(frame.deadlineMs);
    this.#setAppendfsync(frame.appendfsync);
    if (frame.shutdown) soon(this.#onShutdown);
    // Everything is out of the frame now: what follows may call the engine.
    if (held !== undefined || frame.checkpointDue)
      this.#gate.pass(batch, held ?? [], frame.checkpointDue);
    if (needs.length > 0) void this.#load(needs);
    for (const part of parts) void this.#loadPart(part);
    for (const id of gone) this.leave(id);
  }

  #rest(id: number, client: EngineClient | undefined): void {
    if (client?.rest !== undefined) client.rest();
    else soon(() => this.run(id));
  }

  /** Changes it where a client has: what the storage was opened with stands until then. */
  #setAppendfsync(appendfsync: Appendfsync): void {
    if (appendfsync === this.#appendfsync) return;
    if (this.#appendfsync !== undefined) this.#storage.setAppendfsync?.(appendfsync);
    this.#appendfsync = appendfsync;
  }

  async #load(needs: readonly BlobKey[]): Promise<void> {
    const wanted = needs.filter((key) => !this.#loading.has(addressOf(key)));
    if (wanted.length === 0) return;
    for (const key of wanted) this.#loading.add(addressOf(key));
    try {
      // A blob may have been given up to a checkpoint that is still being written.
      await this.#gate.settled();
      const found = await this.#storage.read(wanted);
      if (this.#isOver) return;
      for (const [i, key] of wanted.entries()) this.#supply(key, found[i]);
    } catch (cause) {
      this.#lose(cause);
      return;
    }
    this.#step(() => this.#engine.tick(this.#now()));
  }

  #supply(key: BlobKey, bytes: Uint8Array | undefined): void {
    this.#loading.delete(addressOf(key));
    if (bytes === undefined) {
      throw new StorageError(`${addressOf(key)} is missing`);
    }
    this.#engine.supply(key, bytes);
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

  #lose(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onLost(cause);
  }
}

/** How errors name a cold blob, as the engine's own do. */
function addressOf({ kind, stream, number }: BlobKey): string {
  const name = kind === FIRST_COLD_KIND ? "segment" : "pending page";
  return `${name} ${number} of stream ${stream}`;
}

function takeBatch(frame: TurnFrame): JournalBatch | undefined {
  if (frame.journalLength === 0) return undefined;
  return { number: frame.journalNumber, bytes: frame.journal() };
}
