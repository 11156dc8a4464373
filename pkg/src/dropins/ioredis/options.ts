/** What ioredis' constructor takes: a port, a host, an address, options, in many orders. */

import { isKeyspaceAddress, serverAddress } from "../address.ts";

/** Options that have a meaning here; others are kept, for whoever reads them. */
export interface Options {
  port?: number | string;
  host?: string;
  path?: string;
  db?: number | string;
  keyPrefix?: string;
  connectionName?: string | null;
  lazyConnect?: boolean;
  enableOfflineQueue?: boolean;
  password?: string | null;
  username?: string | null;
  /** Keys to begin with, as ioredis-mock has them. */
  data?: Readonly<Record<string, unknown>>;
  /** Where the keyspace is: `memory://name`, `file:./dir`, `https://…`. Not one of ioredis' own. */
  address?: string;
  [other: string]: unknown;
}

/** Options with what ioredis puts in for those that are not given. */
export type AllOptions = Options & { port: number; host: string; db: number; keyPrefix: string };

export const DEFAULTS = {
  port: 6379,
  host: "localhost",
  family: 0,
  connectTimeout: 10_000,
  connectionName: null,
  username: null,
  password: null,
  db: 0,
  enableOfflineQueue: true,
  enableReadyCheck: true,
  autoResubscribe: true,
  lazyConnect: false,
  keyPrefix: "",
  stringNumbers: false,
  maxRetriesPerRequest: 20,
  enableAutoPipelining: false,
};

/** Options from the constructor's arguments: what comes first counts. */
export function parseOptions(args: readonly unknown[]): AllOptions {
  const given = args.filter((arg) => arg !== null && arg !== undefined).map(optionsOf);
  const options = { ...DEFAULTS, ...Object.assign({}, ...given.toReversed().map(present)) };
  return { ...options, port: Number(options.port), db: Number(options.db) };
}

function present(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function optionsOf(arg: unknown): Options {
  if (typeof arg === "object") return arg as Options;
  if (typeof arg === "number") return { port: arg };
  if (typeof arg !== "string") throw new Error(`Invalid argument ${String(arg)}`);
  if (/^\d+$/.test(arg)) return { port: arg };
  if (isKeyspaceAddress(arg)) return { address: arg };
  if (arg.startsWith("/") && !arg.startsWith("//")) return { path: arg };
  return urlOptions(arg);
}

function urlOptions(text: string): Options {
  const hasScheme = /^rediss?:\/\//i.test(text);
  const isUrl = hasScheme || text.startsWith("//");
  const url = new URL(hasScheme ? text : `redis:${isUrl ? "" : "//"}${text}`);
  const options: Options = Object.fromEntries(url.searchParams);
  if (url.username !== "" || url.password !== "") {
    options.username = decodeURIComponent(url.username);
    options.password = decodeURIComponent(url.password);
  }
  if (url.pathname.length > 1) options[isUrl ? "db" : "path"] = url.pathname.slice(isUrl ? 1 : 0);
  if (url.hostname !== "") options.host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.port !== "") options.port = url.port;
  return options;
}

/** The keyspace that these options name: clients of one address share it, as they would a server. */
export function addressOf({ address, path, host, port }: AllOptions): string {
  return address ?? serverAddress(path, host, port);
}

/** The commands that make the keys of {@link Options.data}: texts, lists, sets, hashes. */
export function commandsFor(
  data: Readonly<Record<string, unknown>> = {},
): [string, ...unknown[]][] {
  return Object.entries(data).map(([key, value]) => {
    if (Array.isArray(value)) return ["rpush", key, ...value];
    if (value instanceof Set) return ["sadd", key, ...value];
    const isHash = typeof value === "object" && value !== null && !(value instanceof Uint8Array);
    return isHash ? ["hset", key, value] : ["set", key, value];
  });
}
