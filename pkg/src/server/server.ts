/** The server: its sockets, its connections, and the engine they all talk to. */

import { once } from "node:events";
import {
  createServer as createListener,
  type Server as Listener,
  type ListenOptions,
  type Socket,
} from "node:net";
import type { Calls } from "../calls.ts";
import { StreamClient } from "../client.ts";
import type { EngineLostError } from "../errors.ts";
import * as limits from "../limits.ts";
import { LocalTransport, type Succession } from "../local.ts";
import { readOk, readText } from "../resp.ts";
import { endpoint } from "./address.ts";
import { Connection, type ConnectionEvents } from "./connection.ts";
import { EngineBackend } from "./engine-backend.ts";
import {
  listenError,
  parameters,
  refuseOpenDoor,
  type ServerOptions,
  storageOf,
} from "./options.ts";
import { WebServer } from "./web.ts";

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 6379;

/** What each socket is opened with. Ends of the other side are answered here, after the replies. */
const SOCKET = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: limits.keepAliveMs,
  highWaterMark: limits.unsentBytes,
} as const;

/**
 * A server that any Redis client can talk to, in RESP2 and RESP3.
 *
 * @example
 * ```ts
 * import { createServer } from "eddyline/server";
 *
 * await using server = await createServer({ port: 0 }).listen();
 * const client = server.client();
 * await client.xAdd("orders", "*", { item: "tea" });
 * console.log(`redis-cli -p ${server.port} XLEN orders`);
 * ```
 */
export function createServer(options: ServerOptions = {}): Server {
  return new Server(options);
}

/** See {@link createServer}. */
export class Server implements AsyncDisposable {
  readonly #options: ServerOptions;
  readonly #log: NonNullable<ServerOptions["log"]>;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<Connection>();
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #transport: LocalTransport | undefined;
  #web: WebServer | undefined;
  #closed: Promise<void> | undefined;

  /** As {@link createServer} does. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = options.log ?? (() => {});
  }

  /** Resolves when the server has ended: to the reason, if it was not closed but failed. */
  get ended(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  /** Where it listens: `127.0.0.1:6379`. */
  get address(): string {
    return endpoint(this.#options.host ?? DEFAULT_HOST, this.port);
  }

  /** The port on which it listens. */
  get port(): number {
    const address = this.#listeners[0]?.address();
    if (typeof address !== "object" || address === null)
      throw new TypeError("the server does not listen");
    return address.port;
  }

  /** The port on which it answers HTTP. */
  get httpPort(): number {
    if (this.#web === undefined) throw new TypeError("the server does not answer HTTP");
    return this.#web.port;
  }

  /**
   * Opens the storage, and listens.
   *
   * @throws ListenError when it may not or cannot listen where it was told to
   * @throws StorageError when the storage cannot be read or is damaged
   * @throws StorageInUseError when another process has the folder open
   * @throws CommandError when the engine refuses a parameter, with Redis' text
   */
  async listen(): Promise<this> {
    if (this.#transport !== undefined) throw new TypeError("the server was started before");
    const { host = DEFAULT_HOST, port = DEFAULT_PORT, unixSocket, dir } = this.#options;
    await refuseOpenDoor(host, this.#options);
    const kept = await storageOf(this.#options);
    this.#transport = await LocalTransport.open(kept, this.#options, this.#succession);
    try {
      await this.#bind({ host, port }, endpoint(host, port));
      if (unixSocket !== undefined) await this.#bind({ path: unixSocket }, unixSocket);
      await this.#bindWeb(this.#transport);
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#log(`listening on ${[this.address, unixSocket ?? []].flat().join(" and ")}`);
    if (dir !== undefined) this.#log(`the streams are kept in ${dir}`);
    if (!kept.durable) this.#log("the streams are kept in memory only: they end with the server");
    return this;
  }

  /** A client in this process, of the same streams. It needs no password. */
  client(): StreamClient<string> {
    if (this.#transport === undefined) throw new TypeError("the server was not started");
    return new StreamClient(this.#transport, readText);
  }

  /** Stops accepting, makes durable what is under way, sends what is owed, and closes everything. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** `await using server = …` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(failure?: Error): Promise<void> {
    const listeners = this.#listeners.map(async (listener) => {
      listener.close();
      await once(listener, "close");
    });
    const web = this.#web?.close();
    for (const connection of this.#connections) connection.finish();
    // A lost engine has dropped its connections, and they end by themselves.
    const host = await this.#transport?.host().catch(() => undefined);
    await host?.settled();
    for (const connection of this.#connections) connection.close();
    await Promise.all([...listeners, web]);
    await this.#transport?.close();
    this.#ended.resolve(failure);
  }

  async #bind(where: ListenOptions, name: string): Promise<void> {
    const listener = createListener(SOCKET, (socket) => void this.#accept(socket));
    try {
      listener.listen(where);
      await once(listener, "listening");
    } catch (cause) {
      throw listenError(cause, this.#options, name);
    }
    listener.on("error", (error) => this.#log(`cannot accept a connection: ${error.message}`));
    this.#listeners.push(listener);
  }

  async #bindWeb(transport: LocalTransport): Promise<void> {
    const { http, host = DEFAULT_HOST } = this.#options;
    if (http === undefined) return;
    const { host: address = host, port } = http;
    const backend = new EngineBackend(() => transport.host());
    const web = new WebServer(backend, http, this.#log);
    try {
      await web.listen(address, port);
    } catch (cause) {
      throw listenError(cause, this.#options, endpoint(address, port));
    }
    this.#web = web;
    this.#log(`answering HTTP on ${endpoint(address, web.port)}`);
    if (!http.token) this.#log("HTTP has no token yet and refuses everything: set EDDYLINE_TOKEN");
  }

  async #accept(socket: Socket): Promise<void> {
    // Before the connection exists, which listens itself.
    socket.on("error", () => {});
    const host = await this.#transport?.host().catch(() => undefined);
    if (host === undefined || this.#closed !== undefined) socket.destroy();
    if (host === undefined || socket.destroyed) return;
    this.#connections.add(new Connection(socket, host, this.#events));
  }

  readonly #events: ConnectionEvents = {
    onGone: (connection) => this.#connections.delete(connection),
    onLaggard: ({ peer }) => this.#log(`closed ${peer}, which left too much unread`),
  };

  readonly #succession: Succession = {
    startsEmpty: true,
    onStart: (calls) => this.#configure(calls),
    refusesWrites: true,
    onRefusal: (reason) =>
      this.#log(reason === undefined ? "writes are taken again" : `writes are refused: ${reason}`),
    onLost: (error) => this.#log(lostText(error)),
    onShutdown: () => {
      this.#log("SHUTDOWN: ending");
      void this.close();
    },
    onEnd: (error) => {
      this.#log(`cannot go on: ${error.message}`);
      this.#closed ??= this.#close(error);
    },
  };

  async #configure(calls: Calls): Promise<void> {
    const given = parameters(this.#options);
    if (given.length > 0) await calls.send(["CONFIG", "SET", ...given], readOk);
  }
}

function lostText({ stateLost, cause }: EngineLostError): string {
  const why = cause instanceof Error ? cause.message : String(cause);
  const what = stateLost
    ? "its streams were in memory only and are lost: going on empty"
    : "it is restored from storage";
  return `the engine was lost (${why}); ${what}`;
}
