/** What `createClient` takes, and which keyspace it names. */

import { isKeyspaceAddress, serverAddress } from "../address.ts";

/** How replies are given: a blob as `Buffer`, by the ASCII code of `$`. */
export type TypeMapping = Readonly<Record<number, unknown>>;

/** Options of a command. */
export interface CommandOptions {
  typeMapping?: TypeMapping | undefined;
  abortSignal?: AbortSignal | undefined;
  [other: string]: unknown;
}

/** Options that have a meaning here; others are kept, for whoever reads them. */
export interface Options {
  /** `redis://host:port/database`, or where the keyspace is: `memory://name`, `file:./dir`, `https://…`. */
  url?: string;
  socket?: { host?: string; port?: number | string; path?: string; [other: string]: unknown };
  password?: string;
  name?: string;
  database?: number;
  keyPrefix?: string;
  disableOfflineQueue?: boolean;
  commandOptions?: CommandOptions;
  [other: string]: unknown;
}

/** The keyspace that options name, and the database in it. */
export function placeOf(options: Options): { address: string; database: number } {
  const { url, socket = {}, database = 0 } = options;
  if (url !== undefined && isKeyspaceAddress(url)) return { address: url, database };
  const server = url === undefined ? undefined : new URL(url);
  const host = server?.hostname || socket.host || "localhost";
  const port = Number(server?.port || socket.port || 6379);
  const path = server?.pathname.slice(1);
  const address = serverAddress(socket.path, host.replace(/^\[|\]$/g, ""), port);
  return { address, database: path ? Number(path) : database };
}
