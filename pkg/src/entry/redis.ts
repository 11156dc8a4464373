/**
 * `eddyline/redis`: `createClient()` in place of node-redis', without a server. Clients of one address
 * share a keyspace of this process. The types are those of the node-redis that it stands in for.
 *
 * @example
 * ```ts
 * import { createClient } from "eddyline/redis";
 *
 * const client = await createClient().connect();
 * await client.xAdd("orders", "*", { item: "tea" });
 * ```
 *
 * @module eddyline/redis
 */

import "./node.ts";
import type * as NodeRedis from "redis";
import { Client, Pool } from "../dropins/redis/client.ts";
import type { Options } from "../dropins/redis/options.ts";

/** A client, not yet connected. */
export const createClient = ((options?: Options) =>
  new Client(options)) as unknown as typeof NodeRedis.createClient;

/** A client in place of a pool, not yet connected. */
export const createClientPool = ((options?: Options) =>
  new Pool(options)) as unknown as typeof NodeRedis.createClientPool;

/** What stands for which type of reply in a type mapping; `BLOB_STRING` as `Buffer` has an effect. */
export const RESP_TYPES: typeof NodeRedis.RESP_TYPES = {
  NULL: 95,
  BOOLEAN: 35,
  NUMBER: 58,
  BIG_NUMBER: 40,
  DOUBLE: 44,
  SIMPLE_STRING: 43,
  BLOB_STRING: 36,
  VERBATIM_STRING: 61,
  SIMPLE_ERROR: 45,
  BLOB_ERROR: 33,
  ARRAY: 42,
  SET: 126,
  MAP: 37,
  PUSH: 62,
};

export type * from "redis";
export {
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  DisconnectsClientError,
  WatchError,
} from "../dropins/redis/errors.ts";
export { CommandError as ErrorReply, MultiErrorReply } from "../errors.ts";
