/** `Eddyline.open`: a client to an engine in this process or behind a Worker. */

import { StreamClient } from "./client.ts";
import { lineAddress } from "./line.ts";
import { type LocalOptions, LocalTransport } from "./local.ts";
import { openStorage } from "./platform.ts";
import { type RemoteOptions, RemoteTransport } from "./remote.ts";
import { readText } from "./resp.ts";
import { SocketTransport } from "./sockets.ts";
import { MemoryStorage } from "./storage/memory.ts";
import type { Storage, StorageOptions } from "./storage/storage.ts";
import type { Transport } from "./transport.ts";

/** Options of {@link Eddyline.open}. */
export interface OpenOptions extends LocalOptions, StorageOptions, RemoteOptions {}

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
  readonly #transport: Transport;

  private constructor(transport: Transport) {
    super(transport, readText);
    this.#transport = transport;
  }

  /**
   * Opens a keyspace.
   *
   * | `where` | |
   * |---|---|
   * | `memory://` | in this process, gone when it is closed |
   * | `https://…`, `http://…` | behind the Worker at that address; `token` is its bearer token |
   * | `wss://…`, `ws://…` | the same over a WebSocket, which is opened again by itself when it ends |
   * | a {@link Storage} | in this process, kept by a storage of your own |
   *
   * @throws UnsupportedError for an address of any other kind, or one that this platform lacks
   * @throws StorageInUseError when another process or tab has the folder or database open
   * @throws StorageError when what is stored cannot be read; the message names the place
   */
  static async open(where: string | Storage, options: OpenOptions = {}): Promise<Eddyline> {
    if (typeof where !== "string") return new Eddyline(await LocalTransport.open(where, options));
    const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(where)?.[0].toLowerCase();
    switch (scheme) {
      case "memory:":
        return new Eddyline(await LocalTransport.open(new MemoryStorage(), options));
      case "http:":
      case "https:":
        return new Eddyline(RemoteTransport.to(new URL(where), options));
      case "ws:":
      case "wss:": {
        const { token } = options;
        return new Eddyline(new SocketTransport({ address: lineAddress(new URL(where)), token }));
      }
      default:
        return new Eddyline(await LocalTransport.open(await openStorage(where, options), options));
    }
  }

  /** A keyspace behind a {@link Transport} of one's own. */
  static over(transport: Transport): Eddyline {
    return new Eddyline(transport);
  }

  /**
   * Ends the use of the keyspace: calls made before are answered, waiting reads are rejected with
   * a {@link ClosedError}, and so is every later call.
   */
  close(): Promise<void> {
    return this.#transport.close();
  }

  /** `await using db = …` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
