/** `eddyline pull` and `eddyline push`: streams from a Redis server into a folder, and back. */

import { type Copied, copyStreams } from "./copy.ts";
import { type Endpoint, FolderEndpoint, ServerEndpoint } from "./endpoint.ts";
import { bar, Progress, size } from "./progress.ts";

/** What `eddyline pull` or `eddyline push` is told. */
export interface TransferRequest {
  readonly direction: "pull" | "push";
  /** The Redis server: `redis://…` or `rediss://…`. */
  readonly server: string;
  /** The folder, or the address of a running Eddyline. */
  readonly here: string;
  /** Streams; none: all of the database. */
  readonly keys: readonly string[];
  readonly replace: boolean;
}

/**
 * Copies streams; what it came to.
 *
 * @throws TransportError when a server cannot be reached, or is lost
 */
export async function transfer(request: TransferRequest, signal: AbortSignal): Promise<Copied> {
  const { direction, server, here, keys, replace } = request;
  const progress = new Progress();
  const redis = await ServerEndpoint.connect(server);
  const own = await openOwn(here, databaseOf(server)).catch(async (error: unknown) => {
    await redis.close();
    throw error;
  });
  const abort = () => void Promise.all([redis.close(), own.close()]);
  const [from, to] = direction === "pull" ? [redis, own] : [own, redis];
  try {
    if (direction === "push" && own instanceof FolderEndpoint) await speakFor(redis, own);
    return await copyStreams(from, to, {
      keys,
      replace,
      signal,
      onProgress: (so, key) => {
        const total = keys.length;
        const done = so.copied + so.skipped;
        const share = total > 0 ? `${bar(done / total)} ${done} of ${total}` : `${done}`;
        progress.show(
          () => `${share} streams, ${so.entries} entries, ${size(so.bytes)}: ${Buffer.from(key)}`,
        );
      },
    });
  } finally {
    progress.clear();
    if (signal.aborted) abort();
    await Promise.all([redis.close(), own.close()]);
  }
}

function openOwn(here: string, database: string): Promise<Endpoint> {
  if (/^rediss?:/.test(here)) return ServerEndpoint.connect(here);
  return FolderEndpoint.open(here, database);
}

/** Streams keep the number of their database. */
function databaseOf(server: string): string {
  return new URL(server).pathname.slice(1);
}

/** Releases of Redis that read each other's dumps, by the first of them. */
const DUMPS = ["7.0", "7.2", "7.4", "8.8"] as const;

/** Has a folder write dumps that the server can read. */
async function speakFor(server: Endpoint, folder: Endpoint): Promise<void> {
  const info = Buffer.from((await server.ask(["INFO", "server"])) as Uint8Array).toString();
  const [, major = 7, minor = 0] = /redis_version:(\d+)\.(\d+)/.exec(info) ?? [];
  const known = DUMPS.filter((first) => Number(first) <= Number(`${major}.${minor}`));
  await folder.ask(["CONFIG", "SET", "dump-redis-version", known.at(-1) ?? DUMPS[0]]);
}
