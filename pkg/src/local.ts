/** The engine in this process: opened from storage, and again when it is lost. */

import { WasmEngine } from "./engine.ts";
import { ClosedError, EngineLostError, StorageError } from "./errors.ts";
import { EngineHost } from "./host.ts";
import { type Argv, type ReadReply, readText } from "./resp.ts";
import type { Storage } from "./storage/storage.ts";
import { packStored } from "./storage/stored.ts";
import type { Transport, Wait } from "./transport.ts";
import { type WasmSource, wasmMemory } from "./wasm.ts";

/** Options of an engine in this process. */
export interface LocalOptions {
  /** Bytes of segments kept in memory before cold ones are evicted; by default 256 MiB. */
  residentBytes?: number;
  /** The wasm module, where the platform cannot find it by itself. Counts at the first `open`. */
  wasm?: WasmSource;
  /** The clock, in milliseconds since 1970; by default `Date.now`. */
  now?: () => number;
}

/** A transport to an engine in this process, over a storage. */
export class LocalTransport implements Transport {
  readonly #storage: Storage;
  readonly #options: LocalOptions;
  readonly #memory: WebAssembly.Memory;
  #host: EngineHost | undefined;
  #engine: WasmEngine | undefined;
  /** While the engine is being restored. */
  #restoring: Promise<void> | undefined;
  /** Why nothing works any more. */
  #failure: Error | undefined;
  #closed: Promise<void> | undefined;

  private constructor(storage: Storage, options: LocalOptions, memory: WebAssembly.Memory) {
    this.#storage = storage;
    this.#options = options;
    this.#memory = memory;
  }

  /** Restores an engine from what `storage` holds. */
  static async open(storage: Storage, options: LocalOptions): Promise<LocalTransport> {
    const transport = new LocalTransport(storage, options, await wasmMemory(options.wasm));
    await transport.#start();
    return transport;
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const host = this.#host;
    if (host === undefined) return this.#sendLater(argv, read, wait);
    return sendTo(host, argv, read, wait);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#failure ??= new ClosedError();
    await this.#restoring;
    const host = this.#host;
    if (host !== undefined) {
      // Once this is answered, everything before it is. A lost engine tells its callers itself.
      await sendTo(host, ["PING"], readText).catch(() => {});
      host.end(new ClosedError());
      this.#engine?.free();
      this.#host = undefined;
      this.#engine = undefined;
    }
    await this.#storage.close();
  }

  async #sendLater<T>(argv: Argv, read: ReadReply<T>, wait: Wait | undefined): Promise<T> {
    await this.#restoring;
    return await this.send(argv, read, wait);
  }

  /** Restores an engine and takes it into use once it has answered: what needs segments then has them. */
  async #start(): Promise<void> {
    const stored = packStored(await this.#storage.load());
    const engine = this.#newEngine(stored);
    const host: EngineHost = new EngineHost({
      engine,
      storage: this.#storage,
      now: this.#options.now ?? Date.now,
      onLost: (cause) => {
        // An engine that trapped is borrowed for ever: its memory cannot be freed.
        if (!(cause instanceof WebAssembly.RuntimeError)) engine.free();
        if (this.#host === host) this.#lose(host, cause);
        else host.end(notRestored(cause));
      },
    });
    await sendTo(host, ["PING"], readText);
    this.#host = host;
    this.#engine = engine;
  }

  #newEngine(stored: Uint8Array): WasmEngine {
    const { residentBytes } = this.#options;
    const journaled = this.#storage.durable;
    const options = residentBytes === undefined ? { journaled } : { journaled, residentBytes };
    try {
      return new WasmEngine(this.#memory, options, stored);
    } catch (cause) {
      throw notRestored(cause);
    }
  }

  #lose(host: EngineHost, cause: unknown): void {
    const error = new EngineLostError(!this.#storage.durable, cause);
    this.#host = undefined;
    this.#engine = undefined;
    if (!this.#storage.durable) this.#failure ??= error;
    else if (this.#closed === undefined) this.#restoring = this.#restore();
    host.end(error);
  }

  async #restore(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new StorageError(String(error));
    } finally {
      this.#restoring = undefined;
    }
  }
}

function notRestored(cause: unknown): StorageError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(`the engine could not be restored: ${text}`, { cause });
}

function sendTo<T>(host: EngineHost, argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
  if (wait?.signal?.aborted) return Promise.reject(wait.signal.reason);
  return new Promise((resolve, reject) => {
    const call = { read, resolve: resolve as (value: unknown) => void, reject };
    if (wait === undefined) host.call(argv, call);
    else host.wait(argv, call, wait.signal);
  });
}
