/**
 * `eddyline/ioredis`: in place of `ioredis` and of `ioredis-mock`, without a server. Clients of one
 * address share a keyspace of this process. The types are those of the ioredis that it stands in
 * for.
 *
 * @example
 * ```ts
 * import Redis from "eddyline/ioredis";
 *
 * const redis = new Redis();
 * await redis.xadd("orders", "*", "item", "tea");
 * ```
 *
 * @module eddyline/ioredis
 */

import "./node.ts";
import type * as IORedis from "ioredis";
import * as command from "../dropins/ioredis/command.ts";
import * as client from "../dropins/ioredis/redis.ts";

const all = Object.assign(client.Redis, {
  Cluster: client.Cluster,
  Command: command.Command,
  ReplyError: command.ReplyError,
  Redis: client.Redis,
  default: client.Redis,
});

/** A client. */
export const Redis = all as unknown as typeof IORedis.Redis;
export type Redis = IORedis.Redis;
/** A client of a cluster, which here is one keyspace. */
export const Cluster = client.Cluster as unknown as typeof IORedis.Cluster;
export type Cluster = IORedis.Cluster;
/** A command, for `sendCommand`. */
export const Command = command.Command as unknown as typeof IORedis.Command;
export type Command = IORedis.Command;
/** A command was refused. */
export const ReplyError: new (message: string) => Error = command.ReplyError;

export type * from "ioredis";
export { Redis as default };
