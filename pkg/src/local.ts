/** The engine in this process over a storage: opened from it, and again when it is lost. */

import type { Calls } from "./calls.ts";
import type { WasmEngine } from "./engine.ts";
import { begin, EngineTransport, type Life, type LocalOptions } from "./engine-transport.ts";
import { EngineLostError, StorageError, StorageFullError } from "./errors.ts";
import type { EngineHost, Keeper } from "./host.ts";
import * as limits from "./limits.ts";
import { type Argv, type ReadReply, readText } from "./resp.ts";
import type { Storage } from "./storage/storage.ts";
import { packStored } from "./storage/stored.ts";
import { StorageKeeper } from "./storage-keeper.ts";
import type { Wait } from "./transport.ts";
import { loadWasm, type Wasm } from "./wasm.ts";

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

/** A transport to an engine in this process, over a storage. */
export class LocalTransport extends EngineTransport {
  readonly #storage: Storage;
  readonly #options: LocalOptions;
  readonly #succession: Succession;
  readonly #wasm: Wasm;
  /** While the engine is being restored. */
  #restoring: Promise<void> | undefined;
  /** Why writes are refused, and when that is looked at again. */
  #refusal: string | undefined;
  #probing: ReturnType<typeof setTimeout> | undefined;

  private constructor(storage: Storage, options: LocalOptions, succession: Succession, wasm: Wasm) {
    super();
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

  override send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    const restored = this.#restored;
    if (restored !== undefined) return restored.then(() => this.send(argv, read, wait));
    return super.send(argv, read, wait);
  }

  override transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    const restored = this.#restored;
    if (restored !== undefined) return restored.then(() => this.transact(commands, read));
    return super.transact(commands, read);
  }

  override async host(): Promise<EngineHost> {
    await this.#restoring;
    return await super.host();
  }

  protected override async end(reason: Error): Promise<void> {
    clearTimeout(this.#probing);
    await this.#restoring;
    await super.end(reason);
    await this.#storage.close();
  }

  /** Who calls while there is no engine waits for it. */
  get #restored(): Promise<void> | undefined {
    return this.life === undefined && this.failure === undefined ? this.#restoring : undefined;
  }

  /** Restores an engine and takes it into use once it has answered: what needs segments then has them. */
  async #start(): Promise<void> {
    const stored = packStored(await this.#storage.load());
    const life = this.#begin(stored);
    const { calls } = life;
    await calls.send(["PING"], readText);
    const { appendfsync } = this.#options;
    // The storage knows; the engine tells whoever asks.
    if (appendfsync !== undefined)
      await calls.send(["CONFIG", "SET", "appendfsync", appendfsync], readText);
    await this.#succession.onStart(calls);
    // The engine's first client shall be one that has something to do.
    calls.rest();
    this.life = life;
  }

  #begin(stored: Uint8Array): Life {
    const storage = this.#storage;
    const makeKeeper = (engine: WasmEngine): Keeper => new StorageKeeper(storage, engine);
    try {
      const life = begin(this.#wasm, this.#options, {
        stored,
        makeKeeper: storage.durable ? makeKeeper : undefined,
        onLost: (host, cause) => {
          if (this.life?.host === host) this.#lose(host, cause);
          else host.end(notRestored(cause));
        },
        onShutdown: () => this.#succession.onShutdown(),
      });
      life.engine.refuseWrites(this.#refusal ?? "");
      return life;
    } catch (cause) {
      throw notRestored(cause);
    }
  }

  #lose(host: EngineHost, cause: unknown): void {
    const error = this.#storage.durable ? restoredError(cause) : new EngineLostError(true, cause);
    this.life = undefined;
    if (host.writeFailure !== undefined) this.#refuseWrites(host.writeFailure);
    if (error.stateLost && !this.#succession.startsEmpty) this.failure ??= error;
    else if (this.failure === undefined) this.#restoring = this.#restore();
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
    if (this.failure !== undefined) return;
    try {
      await this.#storage.probe?.();
    } catch (cause) {
      this.#refuseWrites(cause);
      return;
    }
    this.#refusal = undefined;
    this.life?.engine.refuseWrites("");
    this.#succession.onRefusal?.(undefined);
  }

  async #restore(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new StorageError(String(error));
      this.#succession.onEnd(this.failure);
    } finally {
      this.#restoring = undefined;
    }
  }
}

/** What a call is told whose engine is lost, and restored from storage. */
export function restoredError(cause: unknown): EngineLostError {
  const message =
    "the engine was lost and is restored from storage; whether this call took effect is unknown";
  return new EngineLostError(false, cause, message);
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
