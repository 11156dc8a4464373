/** `Eddyline.open`: a client to an engine in this process or behind a Worker. */

import { StreamClient } from "./client.ts";
import { EngineTransport, type LocalOptions } from "./engine-transport.ts";
import { UnsupportedError } from "./errors.ts";
import { keyspaceOpener } from "./keyspaces.ts";
import type { ExportOptions, ExportSource, ExportStream, ImportOptions } from "./moving.ts";
import { streamOf } from "./moving-later.ts";
import type { RemoteOptions } from "./remote.ts";
import { type Arguments, readText } from "./resp.ts";
import type { Storage, StorageOptions } from "./storage/storage.ts";
import type {
  ConnectingTransport,
  Connection,
  ConnectionEvents,
  Leadership,
  MovingTransport,
  Transport,
} from "./transport.ts";

/** Options of {@link Eddyline.open}. */
export interface OpenOptions extends LocalOptions, StorageOptions, RemoteOptions {}

/** A way to a keyspace, and what else it can do. */
type Keyspace = Transport & Partial<MovingTransport & ConnectingTransport & Leadership>;

/**
 * A keyspace of streams.
 *
 * @example
 * ```ts
 * import { Eddyline } from "eddyline";
 *
 * await using db = await Eddyline.open("memory://");
 * await db.xGroupCreate("orders", "billing", "0", { MKSTREAM: true });
 * await db.xAdd("orders", "*", { item: "tea" });
 * const reads = await db.xReadGroup("billing", "worker-1", { key: "orders", id: ">" });
 * ```
 */
export class Eddyline extends StreamClient<string> implements AsyncDisposable {
  readonly #keyspace: Keyspace;

  private constructor(keyspace: Keyspace) {
    super(keyspace, readText);
    this.#keyspace = keyspace;
  }

  /**
   * Opens a keyspace.
   *
   * | `where` | |
   * |---|---|
   * | `memory://` | in this process, gone when it is closed |
   * | `idb://name` | in an IndexedDB database of the browser, shared by all tabs and workers that open it |
   * | `file:./dir` | in a folder, in Node |
   * | `https://…`, `http://…` | behind the Worker at that address; `token` is its bearer token |
   * | `wss://…`, `ws://…` | the same over a WebSocket, which is opened again by itself when it ends |
   * | a {@link Storage} | in this process, kept by a storage of your own |
   *
   * @throws UnsupportedError for an address of any other kind, or one that this platform lacks
   * @throws StorageInUseError when another process has the folder open
   * @throws StorageError when what is stored cannot be read; the message names the place
   */
  static async open(where: string | Storage, options: OpenOptions = {}): Promise<Eddyline> {
    if (typeof where !== "string") {
      // Callers without types may give anything.
      if (typeof where?.load === "function") return Eddyline.#local(where, options);
      throw new TypeError(`open takes an address, as "memory://", or a storage, not ${where}`);
    }
    const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(where)?.[0].toLowerCase();
    switch (scheme) {
      case "memory:":
        return new Eddyline(await EngineTransport.inMemory(options));
      case "http:":
      case "https:":
      case "ws:":
      case "wss:": {
        // Loaded when it is wanted: most who open a keyspace want their own.
        const { openRemote } = await import("./remote-opening.ts");
        return new Eddyline(openRemote(new URL(where), options));
      }
      default: {
        const open = keyspaceOpener(scheme);
        if (open === undefined) return Eddyline.#local(where, options);
        return new Eddyline(await open(where, options));
      }
    }
  }

  /** A keyspace behind a {@link Transport} of one's own, which moves nothing. */
  static over(transport: Transport): Eddyline {
    return new Eddyline(transport);
  }

  static async #local(where: string | Storage, options: OpenOptions): Promise<Eddyline> {
    // Loaded when it is wanted: `memory://` keeps nothing, and a tab's keyspace brings it.
    const { openLocal } = await import("./local-opening.ts");
    return new Eddyline(await openLocal(where, options));
  }

  /**
   * Whether the engine is here. Of the tabs and workers that have one `idb://name` open it is one,
   * the leader, which does the work of all; behind a network it is nobody.
   */
  get isLeader(): boolean {
    return this.#keyspace.isLeader ?? false;
  }

  /**
   * Calls `listener` whenever another tab has taken the lead of an `idb://name`, with whether it is
   * this one. Calls need not care: they are answered by whoever leads.
   *
   * @returns ends that
   *
   * @example
   * ```ts
   * const forget = db.onLeaderChange((isLeader) => console.log(isLeader ? "it is up to me" : "not me"));
   * forget();
   * ```
   */
  onLeaderChange(listener: (isLeader: boolean) => void): () => void {
    return this.#keyspace.onLeaderChange?.(listener) ?? (() => {});
  }

  /**
   * Exports a key, several, or all keys of all databases, as they are at the moment when reading
   * begins, whatever happens meanwhile. Only a piece of a stream is in memory at a time. The stream
   * can be given to {@link import} of any other keyspace, or written to a file. Over the network
   * it takes one key.
   *
   * @throws CommandError, TransportError when reading, as any command
   *
   * @example
   * ```ts
   * const orders = db.export("orders");
   * await other.import(orders);
   * ```
   */
  export(key?: Arguments, options: ExportOptions = {}): ExportStream {
    const keys = typeof key === "string" || key instanceof Uint8Array ? [key] : (key ?? []);
    return streamOf(this.#mover.export(keys, options));
  }

  /**
   * Imports what was exported; returns how many keys. They appear all at once when all of it has
   * come and was found whole, or not at all. Over the network the export has to hold one key, and
   * `as` to name it.
   *
   * @throws CommandError with code `BUSYKEY` when a key is there already and `replace` is not said
   * @throws CommandError with code `DAMAGED` for an export that is damaged or cut; the message says
   *   at which byte
   */
  async import(source: ExportSource, options: ImportOptions = {}): Promise<number> {
    return await this.#mover.import(source, options);
  }

  get #mover(): MovingTransport {
    const keyspace = this.#keyspace;
    if (keyspace.export === undefined)
      throw new UnsupportedError("there are no exports and imports on this transport");
    return keyspace as MovingTransport;
  }

  /**
   * Opens a connection of one's own, for what changes a connection and so cannot go where all calls
   * go together: `MULTI` with what is not known beforehand, `WATCH`, `SUBSCRIBE`, `SELECT`.
   * It speaks RESP3. Close it when it is not wanted any more.
   *
   * @throws UnsupportedError on a transport of one's own, which has none
   * @throws TransportError when the server cannot be reached
   *
   * @example
   * ```ts
   * const watcher = await db.connect({ onPush: () => {}, onEnd: (reason) => console.error(reason) });
   * await watcher.send(["WATCH", "orders"]);
   * await watcher.send(["MULTI"]);
   * await watcher.send(["XADD", "orders", "*", "item", "tea"]);
   * await watcher.send(["EXEC"]); // null when somebody else has changed it
   * watcher.close();
   * ```
   */
  async connect(events: ConnectionEvents): Promise<Connection> {
    const connection = await this.#keyspace.connect?.(events);
    if (connection === undefined) throw new UnsupportedError("this transport opens no connections");
    return connection;
  }

  /**
   * Ends the use of the keyspace: calls made before are answered, waiting reads are rejected with
   * a {@link ClosedError}, and so is every later call.
   */
  close(): Promise<void> {
    return this.#keyspace.close();
  }

  /** `await using db = …` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
