/** The engine in this process: opened from storage, and again when it is lost. */

import { Calls } from "./calls.ts";
import { WasmEngine } from "./engine.ts";
import { ClosedError, EngineLostError, StorageError, StorageFullError } from "./errors.ts";
import { EngineHost } from "./host.ts";
import * as limits from "./limits.ts";
import type { ExportOptions, ExportSource, ImportOptions, Speaker } from "./moving.ts";
import { readExport, writeImport } from "./moving-later.ts";
import { platform, type WasmSource } from "./platform.ts";
import { type Argument, type Argv, type ReadReply, readText } from "./resp.ts";
import type { Appendfsync, Storage } from "./storage/storage.ts";
import { packStored } from "./storage/stored.ts";
import type {
  ConnectingTransport,
  Connection,
  ConnectionEvents,
  MovingTransport,
  Transport,
  Wait,
} from "./transport.ts";
import { loadWasm, type Wasm } from "./wasm.ts";

/** Options of an engine in this process. */
export interface LocalOptions {
  /**
   * Bytes of entries kept in memory before cold ones are evicted; by default 256 MiB in Node, 64 MiB
   * elsewhere. What no storage holds cannot be evicted.
   */
  maxResidentBytes?: number;
  /** When the disk itself has what was answered, for storages that know a difference. */
  appendfsync?: Appendfsync;
  /** The whole wasm module, where the platform cannot find it by itself. Counts at the first `open`. */
  wasm?: WasmSource;
  /** The clock, in milliseconds since 1970; by default `Date.now`. */
  now?: () => number;
}

/** What becomes of a lost engine, for those who go on without it. */
export interface Succession {
  /**
   * Whether an engine without storage is followed by an empty one. Otherwise every later call fails,
   * so that nobody takes an empty keyspace for the one that was lost.
   */
  readonly startsEmpty: boolean;
  /** A new engine is to be taken into use: the first one, and each that follows a lost one. */
  onStart(calls: Calls): Promise<void>;
  /**
   * Whether writes are refused after a commit that failed, as Redis does, until the storage says that
   * it can write again. Otherwise each is tried and fails by itself.
   */
  readonly refusesWrites?: boolean;
  /** Writes are refused, for this reason; without one they are taken again. */
  onRefusal?(reason: string | undefined): void;
  /** The engine is lost. */
  onLost(error: EngineLostError): void;
  /** None can follow it. */
  onEnd(error: Error): void;
  /** A client asks that everything be ended, with SHUTDOWN. */
  onShutdown(): void;
}

/** Nobody follows a lost engine, and nobody hears of it. */
export const noSuccession: Succession = {
  startsEmpty: false,
  onStart: () => Promise.resolve(),
  onLost: () => {},
  onEnd: () => {},
  // An engine of this process alone is ended by who opened it.
  onShutdown: () => {},
};

/** One life of an engine. */
interface Life {
  readonly engine: WasmEngine;
  readonly host: EngineHost;
  readonly calls: Calls;
}

/** A transport to an engine in this process, over a storage. */
export class LocalTransport implements Transport, MovingTransport, ConnectingTransport {
  readonly #storage: Storage;
  readonly #options: LocalOptions;
  readonly #succession: Succession;
  readonly #wasm: Wasm;
  #life: Life | undefined;
  /** While the engine is being restored. */
  #restoring: Promise<void> | undefined;
  /** Why writes are refused, and when that is looked at again. */
  #refusal: string | undefined;
  #probing: ReturnType<typeof setTimeout> | undefined;
  /** Why nothing works any more. */
  #failure: Error | undefined;
  #closed: Promise<void> | undefined;

  private constructor(storage: Storage, options: LocalOptions, succession: Succession, wasm: Wasm) {
    this.#storage = storage;
    this.#options = options;
    this.#succession = succession;
    this.#wasm = wasm;
  }

  /** Restores an engine from what `storage` holds. When that fails, the storage is closed. */
  static async open(
    storage: Storage,
    options: LocalOptions,
    succession: Succession = noSuccession,
  ): Promise<LocalTransport> {
    try {
      const wasm = await loadWasm(options.wasm, storage.durable ? "storage" : undefined);
      const transport = new LocalTransport(storage, options, succession, wasm);
      await transport.#start();
      return transport;
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const life = this.#life;
    if (life === undefined) return this.#sendLater(argv, read, wait);
    return life.calls.send(argv, read, wait);
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const life = this.#life;
    if (life === undefined) return this.#transactLater(commands, read);
    return life.calls.transact(commands, read);
  }

  export(keys: readonly Argument[], options: ExportOptions): AsyncGenerator<Uint8Array, void> {
    return readExport(() => this.speaker(), keys, options);
  }

  import(source: ExportSource, options: ImportOptions): Promise<number> {
    return writeImport(() => this.speaker(), source, options);
  }

  async connect(events: ConnectionEvents): Promise<Connection> {
    const { HostConnection } = await import("./connection.ts");
    return new HostConnection(await this.host(), events);
  }

  /** A client of its own for an export or import. */
  async speaker(): Promise<Speaker> {
    const calls = new Calls(await this.host());
    return {
      ask: (argv, read) => calls.send(argv, read),
      end: () => calls.end(new ClosedError("the export or import was given up")),
    };
  }

  /**
   * The host of the engine in use; waits while one is restored.
   *
   * @throws the reason why there is none any more
   */
  async host(): Promise<EngineHost> {
    await this.#restoring;
    if (this.#life === undefined) throw this.#failure ?? new ClosedError();
    return this.#life.host;
  }

  /** @param reason what calls are told that come later, and those that cannot be answered any more */
  close(reason: Error = new ClosedError()): Promise<void> {
    this.#closed ??= this.#close(reason);
    return this.#closed;
  }

  async #close(reason: Error): Promise<void> {
    this.#failure ??= reason;
    clearTimeout(this.#probing);
    await this.#restoring;
    const life = this.#life;
    if (life !== undefined) {
      // Once this is answered, everything before it is. A lost engine tells its callers itself.
      await life.calls.send(["PING"], readText).catch(() => {});
      life.host.end(reason);
      this.#life?.engine.free();
      this.#life = undefined;
    }
    await this.#storage.close();
  }

  async #sendLater<T>(argv: Argv, read: ReadReply<T>, wait: Wait | undefined): Promise<T> {
    await this.#restoring;
    return await this.send(argv, read, wait);
  }

  async #transactLater<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    await this.#restoring;
    return await this.transact(commands, read);
  }

  /** Restores an engine and takes it into use once it has answered: what needs segments then has them. */
  async #start(): Promise<void> {
    const stored = packStored(await this.#storage.load());
    const engine = this.#newEngine(stored);
    engine.refuseWrites(this.#refusal ?? "");
    const host: EngineHost = new EngineHost({
      engine,
      storage: this.#storage,
      now: this.#options.now ?? Date.now,
      onLost: (cause) => {
        // An engine that trapped is borrowed for ever: its memory cannot be freed.
        if (!(cause instanceof WebAssembly.RuntimeError)) engine.free();
        if (this.#life?.host === host) this.#lose(host, cause);
        else host.end(notRestored(cause));
      },
      onShutdown: () => this.#succession.onShutdown(),
    });
    const calls = new Calls(host);
    await calls.send(["PING"], readText);
    const { appendfsync } = this.#options;
    // The storage knows; the engine tells whoever asks.
    if (appendfsync !== undefined)
      await calls.send(["CONFIG", "SET", "appendfsync", appendfsync], readText);
    await this.#succession.onStart(calls);
    // The engine's first client shall be one that has something to do.
    calls.rest();
    this.#life = { engine, host, calls };
  }

  #newEngine(stored: Uint8Array): WasmEngine {
    const { maxResidentBytes = platform()?.maxResidentBytes ?? limits.maxResidentBytes } =
      this.#options;
    const options = {
      journaled: this.#storage.durable,
      maxResidentBytes,
      turnReplyBytes: limits.turnReplyBytes,
    };
    try {
      return new WasmEngine(this.#wasm, options, stored);
    } catch (cause) {
      throw notRestored(cause);
    }
  }

  #lose(host: EngineHost, cause: unknown): void {
    const error = new EngineLostError(!this.#storage.durable, cause);
    this.#life = undefined;
    if (host.writeFailure !== undefined) this.#refuseWrites(host.writeFailure);
    if (error.stateLost && !this.#succession.startsEmpty) this.#failure ??= error;
    else if (this.#closed === undefined) this.#restoring = this.#restore();
    this.#succession.onLost(error);
    host.end(cause instanceof StorageFullError ? cause : error);
  }

  /** Begins to refuse writes, where that is wanted and its end can be noticed. */
  #refuseWrites(cause: unknown): void {
    if (!this.#succession.refusesWrites || this.#storage.probe === undefined) return;
    this.#refusal = writeFailureText(cause);
    this.#succession.onRefusal?.(this.#refusal);
    clearTimeout(this.#probing);
    this.#probing = setTimeout(() => void this.#probe(), limits.probeMs);
  }

  /** Takes writes again once the storage can write. */
  async #probe(): Promise<void> {
    await this.#restoring;
    if (this.#closed !== undefined || this.#failure !== undefined) return;
    try {
      await this.#storage.probe?.();
    } catch (cause) {
      this.#refuseWrites(cause);
      return;
    }
    this.#refusal = undefined;
    this.#life?.engine.refuseWrites("");
    this.#succession.onRefusal?.(undefined);
  }

  async #restore(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new StorageError(String(error));
      this.#succession.onEnd(this.#failure);
    } finally {
      this.#restoring = undefined;
    }
  }
}

/** Why a commit failed, as the operating system says it and Redis repeats it. */
export function writeFailureText(cause: unknown): string {
  if (cause instanceof StorageFullError) return "No space left on device";
  const text = cause instanceof Error ? cause.message : String(cause);
  return /I\/O error/i.test(text) ? "Input/output error" : text.replaceAll(/[\r\n]+/g, " ");
}

function notRestored(cause: unknown): StorageError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(`the engine could not be restored: ${text}`, { cause });
}
