/**
 * A keyspace in a database that several tabs have open. One of them leads: its engine does the work
 * of all, and the others send it their calls. When it goes another one takes the lead, and goes on
 * where it was.
 */

import { BlockingRead, readLastId } from "../commands/blocking-read.ts";
import type { LocalOptions } from "../engine-transport.ts";
import { ClosedError, EddylineError, StorageError, SupersededError } from "../errors.ts";
import { LocalTransport, type Succession } from "../local.ts";
import type { ExportOptions, ExportSource, ImportOptions, Speaker } from "../moving.ts";
import { readExport, writeImport } from "../moving-later.ts";
import type { PendingRequest } from "../pending.ts";
import { type Argument, type Argv, type ReadReply, requestBound } from "../resp.ts";
import { soon } from "../soon.ts";
import { databaseOf, IndexedDbStorage, lockOf } from "../storage/indexeddb.ts";
import type { StorageOptions } from "../storage/storage.ts";
import type {
  ConnectingTransport,
  Connection,
  ConnectionEvents,
  Leadership,
  MovingTransport,
  Transport,
  Wait,
} from "../transport.ts";
import { Asker, lostError, type TabRequest } from "./asker.ts";
import { Election, type Hold, holdLock } from "./election.ts";
import { type LobbyMessage, names, ORDINARY } from "./messages.ts";
import { Service } from "./service.ts";

/** Options of a keyspace in a database of the browser. */
export type TabOptions = LocalOptions & StorageOptions;

/** What opens a keyspace at `idb://name`. */
export async function openTab(address: string, options: TabOptions): Promise<TabTransport> {
  const database = databaseOf(address);
  const tab = crypto.randomUUID();
  const leave = await holdLock(names.presence(database, tab));
  const transport = new TabTransport(address, options, { database, tab, leave });
  await transport.opened();
  return transport;
}

/** The way from this tab to the engine, here or in another tab. */
export class TabTransport implements Transport, MovingTransport, ConnectingTransport, Leadership {
  readonly #address: string;
  readonly #options: TabOptions;
  readonly #database: string;
  readonly #tab: string;
  /** Says that this tab has gone. */
  readonly #leave: () => void;
  readonly #lobby: BroadcastChannel;
  readonly #asker: Asker;
  readonly #election: Election;
  readonly #listeners = new Set<(isLeader: boolean) => void>();
  /** Ends waits at closing. */
  readonly #closing = new AbortController();
  /** The lead of this tab, from its election on. */
  #hold: Hold | undefined;
  #service: Service | undefined;
  /** The engine, while it is here. */
  #local: LocalTransport | undefined;
  #lastNumber = 0;
  /** While what was not done here is handed to another leader. */
  #deposing: Promise<void> | undefined;
  #failure: Error | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    address: string,
    options: TabOptions,
    { database, tab, leave }: { database: string; tab: string; leave: () => void },
  ) {
    this.#address = address;
    this.#options = options;
    this.#database = database;
    this.#tab = tab;
    this.#leave = leave;
    this.#lobby = new BroadcastChannel(names.lobby(database));
    this.#asker = new Asker(database, tab, this.#lobby, () => this.#election.seize());
    this.#election = new Election(lockOf(database), {
      onElected: (hold) => void this.#lead(hold),
      onDeposed: (hold) => this.#depose(hold),
    });
    this.#lobby.onmessage = ({ data }: MessageEvent<LobbyMessage>) => this.#hear(data);
    // A page that was kept aside, for its way back, has missed what was said meanwhile.
    globalThis.addEventListener?.("pageshow", this.#onPageShow);
  }

  /** Resolves when calls are answered, by whichever tab. */
  async opened(): Promise<void> {
    this.#election.stand();
    this.#asker.greet();
    await this.#asker.welcomed;
    if (this.#failure !== undefined) throw this.#failure;
  }

  get isLeader(): boolean {
    return this.#local !== undefined;
  }

  onLeaderChange(listener: (isLeader: boolean) => void): () => void {
    // One who listens twice listens twice.
    const own = (isLeader: boolean) => listener(isLeader);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    if (wait?.signal?.aborted) return Promise.reject(wait.signal.reason);
    return this.#call(read, (call) => {
      // A mistake in the arguments is this call's alone.
      requestBound(argv);
      if (wait !== undefined) void this.#wait(argv, call, wait.signal);
      else this.#do({ number: ++this.#lastNumber, lane: ORDINARY, isOnce: false, argv, call });
    });
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    return this.#call(read, (call) => {
      for (const argv of commands) requestBound(argv);
      const before = [["MULTI"], ...commands];
      const number = ++this.#lastNumber;
      this.#do({ number, lane: ORDINARY, isOnce: false, before, argv: ["EXEC"], call });
    });
  }

  export(keys: readonly Argument[], options: ExportOptions): AsyncGenerator<Uint8Array, void> {
    return readExport(() => this.#speaker(), keys, options);
  }

  import(source: ExportSource, options: ImportOptions): Promise<number> {
    return writeImport(() => this.#speaker(), source, options);
  }

  async connect(events: ConnectionEvents): Promise<Connection> {
    const { SpeakerConnection } = await import("../connection.ts");
    await this.#asker.welcomed;
    return this.#local?.connect(events) ?? new SpeakerConnection(await this.#speaker());
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new ClosedError());
    await this.#deposing;
    await this.#asker.idle();
    const local = this.#local;
    // Who is still on the way to lead finds that it is not wanted any more.
    this.#hold = undefined;
    await local?.close();
    this.#end();
  }

  /** Gives everything up but the lead, which goes with the storage. */
  #end(): void {
    this.#local = undefined;
    this.#election.withdraw();
    this.#service?.stop();
    this.#asker.close();
    this.#lobby.close();
    globalThis.removeEventListener?.("pageshow", this.#onPageShow);
    this.#leave();
  }

  #call<T>(read: ReadReply<T>, begin: (call: PendingRequest["call"]) => void): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason);
    return new Promise((resolve, reject) => {
      begin({ read, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Begins a wait in which `$` means what it means now, whoever leads when it ends. */
  async #wait(argv: Argv, call: TabRequest["call"], given: AbortSignal | undefined): Promise<void> {
    const closing = this.#closing.signal;
    const signal = AbortSignal.any(given === undefined ? [closing] : [given, closing]);
    try {
      const read = new BlockingRead(argv);
      const lasts = read.lastIdQueries();
      if (lasts.length > 0)
        read.setLastIds(await Promise.all(lasts.map((query) => this.send(query, readLastId))));
      signal.throwIfAborted();
      const number = ++this.#lastNumber;
      this.#do({ number, lane: number, isOnce: true, argv, read, signal, call });
    } catch (cause) {
      call.reject(signal.aborted ? signal.reason : cause);
    }
  }

  /** Does a request, here or where the engine is. */
  #do(request: TabRequest): void {
    if (this.#failure !== undefined) request.call.reject(this.#failure);
    else if (this.#local === undefined) this.#asker.ask(request);
    else this.#doHere(request, this.#local);
  }

  #doHere(request: TabRequest, local: LocalTransport): void {
    const { before, argv, read, call, signal, isOnce } = request;
    const answer =
      before === undefined
        ? local.send(read?.argv() ?? argv, call.read, isOnce ? { signal } : undefined)
        : local.transact(before.slice(1), call.read);
    answer.then(call.resolve, (reason: unknown) => {
      if (!isSuperseded(reason)) return call.reject(reason);
      // It was not done, as its commit would have been the last one's.
      this.#depose(this.#hold);
      this.#do(request);
    });
  }

  /** A client of its own for an export or import, which ends with the lead that it is in. */
  async #speaker(): Promise<Speaker> {
    await this.#asker.welcomed;
    if (this.#local !== undefined) return await this.#local.speaker();
    const { session } = this.#asker;
    const lane = ++this.#lastNumber;
    const isLost = () => this.#local !== undefined || this.#asker.session !== session;
    return {
      ask: (argv, read) =>
        this.#call(read, (call) => {
          if (isLost()) throw lostError();
          this.#asker.ask({ number: ++this.#lastNumber, lane, isOnce: false, argv, call });
        }),
      end: () => {
        if (!isLost()) this.#asker.endLane(lane);
      },
    };
  }

  #hear(message: LobbyMessage): void {
    // Who leads hears of another leader when its lock is taken away.
    if (this.#hold !== undefined) {
      this.#service?.hear(message);
      return;
    }
    this.#asker.hear(message);
    if (message.kind === "leader" && message.to === undefined) this.#tellListeners();
  }

  /** Takes the lead: opens what is stored, and does what the leader before has left undone. */
  async #lead(hold: Hold): Promise<void> {
    this.#hold = hold;
    const service = new Service(this.#database, this.#lobby);
    this.#service = service;
    try {
      const storage = IndexedDbStorage.held(this.#address, this.#options, hold);
      const local = await LocalTransport.open(storage, this.#options, this.#succession(hold));
      if (this.#hold !== hold) return await local.close(new SupersededError());
      const { answers } = storage;
      const undone = this.#asker.retire(answers.of(this.#tab));
      answers.forget(this.#tab);
      this.#local = local;
      for (const request of undone) this.#doHere(request, local);
      service.serve({ local, answers });
      this.#tellListeners();
    } catch (cause) {
      if (this.#hold === hold) this.#fail(cause);
    }
  }

  #succession(hold: Hold): Succession {
    return {
      startsEmpty: false,
      onStart: () => Promise.resolve(),
      onLost: () => {},
      onEnd: (error) => {
        if (isSuperseded(error)) this.#depose(hold);
        else if (this.#hold === hold) this.#fail(error);
      },
      // An engine of pages is ended by those who opened it.
      onShutdown: () => {},
    };
  }

  /** Another tab leads: what was not done here is asked there. */
  #depose(hold: Hold | undefined): void {
    if (hold === undefined || this.#hold !== hold) return;
    this.#hold = undefined;
    this.#deposing = this.#giveWay();
  }

  async #giveWay(): Promise<void> {
    this.#service?.stop();
    const local = this.#local;
    this.#local = undefined;
    this.#tellListeners();
    await local?.close(new SupersededError());
    // Until those who waited for it know, and are in line again.
    await new Promise((resolve) => setTimeout(resolve));
    if (this.#failure !== undefined) return;
    this.#election.stand();
    this.#asker.greet();
  }

  /** Storage cannot be opened: this tab is of no use any more. */
  #fail(cause: unknown): void {
    this.#failure = cause instanceof Error ? cause : new StorageError(String(cause));
    this.#hold?.release();
    this.#hold = undefined;
    this.#asker.fail(this.#failure);
    this.#end();
    this.#tellListeners();
  }

  #tellListeners(): void {
    const { isLeader } = this;
    // One that throws is its owner's concern alone.
    for (const listener of this.#listeners) soon(() => listener(isLeader));
  }

  readonly #onPageShow = (event: Event): void => {
    if ((event as PageTransitionEvent).persisted && this.#hold === undefined) this.#asker.greet();
  };
}

/** Whether a call was not done because another tab has the database. */
function isSuperseded(reason: unknown): boolean {
  if (reason instanceof SupersededError) return true;
  return reason instanceof EddylineError && reason.cause instanceof SupersededError;
}
