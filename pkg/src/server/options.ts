/** What a server is told at its start, and what it refuses. */

import type { LocalOptions } from "../engine-transport.ts";
import { ListenError } from "../errors.ts";
import { openStorage } from "../local-opening.ts";
import { MemoryStorage } from "../storage/memory.ts";
import type { Storage } from "../storage/storage.ts";
import { isLoopback } from "./address.ts";

/** What lets people in over HTTP. */
export interface WebOptions {
  /** The port; 0 takes a free one. */
  port: number;
  /** The address to listen on, by default that of the server. */
  host?: string;
  /** The secret: who bears it may do everything, and it signs tokens that allow less. */
  token?: string | undefined;
  /** Who bears this may read everything. */
  readOnlyToken?: string | undefined;
}

/** Options of {@link createServer}. */
export interface ServerOptions extends LocalOptions {
  /**
   * The address to listen on, by default `127.0.0.1`. One that other machines can reach is refused
   * without a password.
   */
  host?: string;
  /** The port, by default 6379; 0 takes a free one. */
  port?: number;
  /** The path of a Unix socket to listen on as well. */
  unixSocket?: string;
  /** The password that connections have to give. */
  requirepass?: string;
  /** How many connections there may be at once. */
  maxclients?: number;
  /** Bytes of data beyond which writing commands are refused; a number or as in `100mb`. */
  maxmemory?: number | string;
  /** The folder in which the streams are kept; by default none: they end with the server. */
  dir?: string;
  /** A storage of your own instead of a folder. */
  storage?: Storage;
  /** Answers HTTP as well: REST as Upstash has it, Server-Sent Events, WebSockets. */
  http?: WebOptions;
  /** Hears of what an operator wants to know: in a line each, and what belongs to it by name. */
  log?: (event: string, details?: Readonly<Record<string, unknown>>) => void;
}

/** Opens what the streams are kept in. */
export async function storageOf({ dir, appendfsync, storage }: ServerOptions): Promise<Storage> {
  if (storage !== undefined) return storage;
  if (dir === undefined) return new MemoryStorage();
  return await openStorage(`file:${dir}`, appendfsync === undefined ? {} : { appendfsync });
}

/** The engine's parameters among the options, for CONFIG SET. */
export function parameters(options: ServerOptions): string[] {
  const { requirepass, maxclients, maxmemory } = options;
  return Object.entries({ requirepass, maxclients, maxmemory }).flatMap(([name, value]) =>
    value === undefined ? [] : [name, String(value)],
  );
}

/** @throws ListenError when everybody could read and change everything */
export async function refuseOpenDoor(host: string, options: ServerOptions): Promise<void> {
  if (options.requirepass) return;
  let isPrivate: boolean;
  try {
    isPrivate = await isLoopback(host);
  } catch (cause) {
    throw new ListenError(`cannot listen on ${host}: there is no such address`, { cause });
  }
  if (isPrivate) return;
  throw new ListenError(
    `refused to listen on ${host} without a password: whoever reaches it could read and delete everything. Set requirepass, or listen on 127.0.0.1`,
  );
}

/** Why a server cannot listen, for a person. */
export function listenError(cause: unknown, options: ServerOptions, where: string): ListenError {
  const code = (cause as NodeJS.ErrnoException).code;
  const path = options.unixSocket;
  const reasons: Record<string, string> = {
    EADDRINUSE:
      where === path
        ? "it is there already; remove it if no server uses it"
        : "another program listens there; stop it or choose another port",
    EACCES: "this user may not",
    EADDRNOTAVAIL: "this machine has no such address",
  };
  const reason = reasons[code ?? ""] ?? (cause instanceof Error ? cause.message : String(cause));
  return new ListenError(`cannot listen on ${where}: ${reason}`, { cause });
}
