/** Where streams are pulled from and pushed to: a server that speaks RESP, or a folder. */

import { connect, isIP, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { CommandError, TransportError, UnsupportedError } from "../errors.ts";
import { encodeRequests, replyEnd } from "../framing.ts";
import { LocalTransport } from "../local.ts";
import { type Argv, ReplyReader, type ReplyValue, readBytes, readText } from "../resp.ts";
import { SqliteStorage } from "../storage/sqlite.ts";

/** A reply whose strings are bytes, and whose maps are objects. */
export type Value = ReplyValue<Uint8Array>;

/** Somebody who understands Redis' commands. */
export interface Endpoint {
  /** Sends a command; replies come in the order of the calls. An error reply is a rejection. */
  ask(argv: Argv): Promise<Value>;
  close(): Promise<void>;
}

/** How long a server may take to let us in. */
const CONNECT_MS = 10_000;
const REDIS_PORT = 6379;
const ROOM_BYTES = 64 << 10;

interface Waiting {
  resolve(value: Value): void;
  reject(reason: unknown): void;
}

/** A server at `redis://[user:password@]host[:port][/db]`, or `rediss://` over TLS. */
export class ServerEndpoint implements Endpoint {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  /** What came and is not read yet, at the front; room for more behind it. */
  #room: Uint8Array = new Uint8Array(ROOM_BYTES);
  #length = 0;
  #failure: TransportError | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", (cause) =>
      this.#fail(new TransportError(cause.message, undefined, { cause })),
    );
    socket.on("close", () =>
      this.#fail(new TransportError("the server has closed the connection")),
    );
  }

  /**
   * Connects, says who it is, and selects the database.
   *
   * @throws TransportError when nobody answers there
   * @throws CommandError when the server lets nobody in, or is older than Redis 6
   */
  static async connect(address: string): Promise<ServerEndpoint> {
    const { credentials, database } = readAddress(address);
    const socket = await openSocket(address);
    const endpoint = new ServerEndpoint(socket);
    const auth = credentials.length === 0 ? [] : ["AUTH", ...credentials];
    try {
      await endpoint.ask(["HELLO", "3", ...auth]);
      if (database !== "") await endpoint.ask(["SELECT", database]);
    } catch (error) {
      await endpoint.close();
      throw error;
    }
    return endpoint;
  }

  ask(argv: Argv): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeRequests([argv]));
    });
  }

  async close(): Promise<void> {
    this.#failure ??= new TransportError("the connection is closed");
    this.#socket.destroy();
  }

  #take(bytes: Uint8Array): void {
    this.#keep(bytes);
    const all = this.#room.subarray(0, this.#length);
    let at = 0;
    for (let end = replyEnd(all, 0); end >= 0 && at < all.byteLength; ) {
      const reader = new ReplyReader(all.subarray(at, end));
      const waiting = this.#waiting.shift();
      if (reader.isError()) waiting?.reject(reader.error());
      else waiting?.resolve(reader.value(readBytes));
      at = end;
      end = at < all.byteLength ? replyEnd(all, at) : -1;
    }
    this.#room.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  /** Room grows by doubling: a long reply comes in many pieces. */
  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.byteLength;
    if (length > this.#room.byteLength) {
      const room = new Uint8Array(Math.max(length, 2 * this.#room.byteLength));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(bytes, this.#length);
    this.#length = length;
  }

  #fail(error: TransportError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** What the address of a server says: `redis://[user:password@]host[:port][/db]`. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** User and password; empty where there is no password. */
  readonly credentials: Argv;
  /** The number of a database, or nothing. */
  readonly database: string;
}

/** Reads the address of a server. @throws UnsupportedError when it is none */
export function readAddress(address: string): ServerAddress {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "redis:" && url?.protocol !== "rediss:")
    throw new UnsupportedError(`"${address}" is no address of a server: redis://host:port[/db]`);
  const user = decodeURIComponent(url.username) || "default";
  return {
    host: url.hostname.replace(/^\[|\]$/g, "") || "127.0.0.1",
    port: url.port === "" ? REDIS_PORT : Number(url.port),
    isSecure: url.protocol === "rediss:",
    credentials: url.password === "" ? [] : [user, decodeURIComponent(url.password)],
    database: url.pathname.slice(1),
  };
}

/** Connects to a server. @throws TransportError when nobody answers there */
export async function openSocket(address: string): Promise<Socket> {
  const { host, port, isSecure } = readAddress(address);
  const to = { host, port };
  // An address of numbers is no name that a server could be asked for by.
  const named = isIP(host) === 0 ? { servername: host } : {};
  const socket = isSecure ? connectSecurely({ ...to, ...named }) : connect(to);
  await opened(socket, isSecure ? "secureConnect" : "connect", address);
  return socket;
}

function opened(socket: Socket, event: string, address: string): Promise<void> {
  const { host } = new URL(address);
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => {
      const text = cause instanceof Error ? cause.message : String(cause);
      clearTimeout(timer);
      socket.destroy();
      reject(new TransportError(`${host} cannot be reached: ${text}`, undefined, { cause }));
    };
    const timer = setTimeout(() => failed("it does not answer"), CONNECT_MS);
    socket.once("error", failed);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("error", failed);
      resolve();
    });
  });
}

/** A folder that no server has open. */
export class FolderEndpoint implements Endpoint {
  readonly #transport: LocalTransport;

  private constructor(transport: LocalTransport) {
    this.#transport = transport;
  }

  /** @throws StorageInUseError when somebody has the folder open */
  static async open(dir: string, database: string): Promise<FolderEndpoint> {
    const storage = await SqliteStorage.open(`file:${dir}`);
    const transport = await LocalTransport.open(storage, {});
    if (database !== "") await transport.send(["SELECT", database], readText);
    return new FolderEndpoint(transport);
  }

  async ask(argv: Argv): Promise<Value> {
    const value = await this.#transport.send(argv, (reader) => reader.value(readBytes));
    if (value instanceof CommandError) throw value;
    return value;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
