/** The engine in this process, and the ways to it that need no storage: all of `memory://`. */

import { Calls } from "./calls.ts";
import { WasmEngine } from "./engine.ts";
import { ClosedError, EngineLostError } from "./errors.ts";
import { EngineHost, type Keeper } from "./host.ts";
import * as limits from "./limits.ts";
import type { ExportOptions, ExportSource, ImportOptions, Speaker } from "./moving.ts";
import { readExport, writeImport } from "./moving-later.ts";
import { platform, type WasmSource } from "./platform.ts";
import { type Argument, type Argv, type ReadReply, readText } from "./resp.ts";
import type { Appendfsync } from "./storage/storage.ts";
import type {
  ConnectingTransport,
  Connection,
  ConnectionEvents,
  Leadership,
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

/** One life of an engine. */
export interface Life {
  readonly engine: WasmEngine;
  readonly host: EngineHost;
  readonly calls: Calls;
}

/** What a life begins with, and who hears of its end. */
export interface Beginning {
  /** What was stored, as one frame; nothing: an empty keyspace. */
  readonly stored: Uint8Array;
  /** Makes what keeps it, if anything does. */
  readonly makeKeeper?: ((engine: WasmEngine) => Keeper) | undefined;
  onLost(host: EngineHost, cause: unknown): void;
  onShutdown(): void;
}

/** Nothing is stored, and an engine of this process alone is ended by who opened it. */
const EMPTY = { stored: new Uint8Array(0), onShutdown: () => {} };

/**
 * A transport to an engine in this process. Of itself it has one, and when that is lost nothing
 * works any more: `LocalTransport` has a storage, and goes on with another one.
 */
export class EngineTransport
  implements Transport, MovingTransport, ConnectingTransport, Leadership
{
  /** The engine is here and nobody shares it. */
  readonly isLeader = true;
  /** The engine in use. */
  protected life: Life | undefined;
  /** Why nothing works any more. */
  protected failure: Error | undefined;
  #closed: Promise<void> | undefined;

  protected constructor() {}

  /** An engine that nothing is kept of. */
  static async inMemory(options: LocalOptions): Promise<EngineTransport> {
    const transport = new EngineTransport();
    transport.life = begin(await loadWasm(options.wasm), options, {
      ...EMPTY,
      onLost: (host, cause) => {
        transport.life = undefined;
        transport.failure ??= new EngineLostError(true, cause);
        host.end(transport.failure);
      },
    });
    return transport;
  }

  onLeaderChange(): () => void {
    return () => {};
  }

  send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    const { life, failure } = this;
    if (life === undefined || failure !== undefined) return Promise.reject(failure);
    return life.calls.send(argv, read, wait);
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    const { life, failure } = this;
    if (life === undefined || failure !== undefined) return Promise.reject(failure);
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
    if (this.life === undefined) throw this.failure;
    return this.life.host;
  }

  /** @param reason what calls are told that come later, and those that cannot be answered any more */
  close(reason: Error = new ClosedError()): Promise<void> {
    this.failure ??= reason;
    this.#closed ??= this.end(reason);
    return this.#closed;
  }

  /** Ends the engine. Calls are refused already. */
  protected async end(reason: Error): Promise<void> {
    const { life } = this;
    if (life === undefined) return;
    // Once this is answered, everything before it is. A lost engine tells its callers itself.
    await life.calls.send(["PING"], readText).catch(() => {});
    life.host.end(reason);
    this.life?.engine.free();
    this.life = undefined;
  }
}

/**
 * Begins a life.
 *
 * @throws Error for something stored that the engine does not take
 */
export function begin(wasm: Wasm, options: LocalOptions, beginning: Beginning): Life {
  const { maxResidentBytes = platform()?.maxResidentBytes ?? limits.maxResidentBytes } = options;
  const { makeKeeper, stored, onLost, onShutdown } = beginning;
  const bounds = {
    journaled: makeKeeper !== undefined,
    maxResidentBytes,
    turnReplyBytes: limits.turnReplyBytes,
  };
  const engine = new WasmEngine(wasm, bounds, stored);
  const host: EngineHost = new EngineHost({
    engine,
    keeper: makeKeeper?.(engine),
    now: options.now ?? Date.now,
    onLost: (cause) => {
      // An engine that trapped is borrowed for ever: its memory cannot be freed.
      if (!(cause instanceof WebAssembly.RuntimeError)) engine.free();
      onLost(host, cause);
    },
    onShutdown,
  });
  return { engine, host, calls: new Calls(host) };
}
