/** The commands on keys as such and on the plain values that keep streams company, as methods. */

import type { Argument, Arguments } from "../resp.ts";
import type { Value } from "./message.ts";
import type {
  CopyOptions,
  ExpireMode,
  HashFields,
  HashValue,
  Popped,
  RestoreOptions,
  ScanOptions,
  ScanReply,
  SetOptions,
} from "./plain.ts";

/** Commands on keys of every type. */
interface KeyCommands<V extends Value> {
  /** Deletes keys with all that belongs to them; returns how many there were. */
  del(keys: Arguments): Promise<number>;
  /** As {@link del}. */
  unlink(keys: Arguments): Promise<number>;
  /** How many of the keys exist; one given twice counts twice. */
  exists(keys: Arguments): Promise<number>;
  /** `stream`, `string`, `list`, `set`, `hash`, or `none`. */
  type(key: Argument): Promise<string>;
  /** The keys that a glob pattern fits. */
  keys(pattern: Argument): Promise<string[]>;
  /** The keys part by part: begin with the cursor `0`, go on with the one in the reply until it is `0`. */
  scan(cursor: Argument, options?: ScanOptions): Promise<ScanReply>;
  rename(key: Argument, newKey: Argument): Promise<"OK">;
  /** Renames unless there is something by the new name: 1, else 0. */
  renameNX(key: Argument, newKey: Argument): Promise<number>;
  copy(source: Argument, destination: Argument, options?: CopyOptions): Promise<number>;
  /** Moves a key to another database: 1, or 0 when it is there already or nowhere. */
  move(key: Argument, db: number): Promise<number>;
  /** A key's value in Redis' own serialization; read it with `withBytes()`, for it is no text. */
  dump(key: Argument): Promise<V | null>;
  /** Makes a key of what `dump` gave; `ttl` in milliseconds, 0 for none. */
  restore(key: Argument, ttl: number, dump: Argument, options?: RestoreOptions): Promise<"OK">;
  /** Has a key end after `seconds`: 1, or 0 when there is none or `mode` forbids it. */
  expire(key: Argument, seconds: number, mode?: ExpireMode): Promise<number>;
  pExpire(key: Argument, milliseconds: number, mode?: ExpireMode): Promise<number>;
  /** Has a key end at a time: a date, or seconds since 1970. */
  expireAt(key: Argument, time: number | Date, mode?: ExpireMode): Promise<number>;
  /** The same in milliseconds. */
  pExpireAt(key: Argument, time: number | Date, mode?: ExpireMode): Promise<number>;
  /** Seconds left; -1: does not end, -2: there is none. */
  ttl(key: Argument): Promise<number>;
  pTTL(key: Argument): Promise<number>;
  /** When it ends, in seconds since 1970; -1 and -2 as {@link ttl}. */
  expireTime(key: Argument): Promise<number>;
  pExpireTime(key: Argument): Promise<number>;
  persist(key: Argument): Promise<number>;
  objectEncoding(key: Argument): Promise<string | null>;
}

/** Commands on strings, lists, sets and hashes, each bounded to 1 MiB. */
interface PlainCommands<V extends Value> {
  get(key: Argument): Promise<V | null>;
  getDel(key: Argument): Promise<V | null>;
  /** The texts of several keys; `null` for one that has none. */
  mGet(keys: Arguments): Promise<(V | null)[]>;
  /** How many bytes a text has. */
  strLen(key: Argument): Promise<number>;
  /** `OK`, or `null` when the condition did not hold; with `GET` the value before. */
  set(key: Argument, value: Argument | number, options?: SetOptions): Promise<"OK" | V | null>;
  setEx(key: Argument, seconds: number, value: Argument): Promise<"OK">;
  setNX(key: Argument, value: Argument): Promise<number>;
  incr(key: Argument): Promise<number>;
  incrBy(key: Argument, increment: number): Promise<number>;
  decr(key: Argument): Promise<number>;
  decrBy(key: Argument, decrement: number): Promise<number>;

  lPush(key: Argument, elements: Arguments): Promise<number>;
  rPush(key: Argument, elements: Arguments): Promise<number>;
  lPop(key: Argument): Promise<V | null>;
  rPop(key: Argument): Promise<V | null>;
  lPopCount(key: Argument, count: number): Promise<V[] | null>;
  rPopCount(key: Argument, count: number): Promise<V[] | null>;
  /** Waits `timeout` seconds (0: without end) for an element of one of the lists. */
  blPop(keys: Arguments, timeout: number): Promise<Popped<V> | null>;
  brPop(keys: Arguments, timeout: number): Promise<Popped<V> | null>;
  lLen(key: Argument): Promise<number>;
  lRange(key: Argument, start: number, stop: number): Promise<V[]>;

  sAdd(key: Argument, members: Arguments): Promise<number>;
  sRem(key: Argument, members: Arguments): Promise<number>;
  sIsMember(key: Argument, member: Argument): Promise<number>;
  sMembers(key: Argument): Promise<V[]>;
  sCard(key: Argument): Promise<number>;

  /** Sets one field or several; returns how many are new. */
  hSet(
    key: Argument,
    ...fields: [field: HashValue, value: HashValue] | [fields: HashFields]
  ): Promise<number>;
  hGet(key: Argument, field: Argument): Promise<V | null>;
  hmGet(key: Argument, fields: Arguments): Promise<(V | null)[]>;
  hGetAll(key: Argument): Promise<Record<string, V>>;
  hLen(key: Argument): Promise<number>;
  hDel(key: Argument, fields: Arguments): Promise<number>;
  hIncrBy(key: Argument, field: Argument, increment: number): Promise<number>;
}

/** The rest: messages, the keyspace as a whole. */
interface ServerCommands<V extends Value> {
  /** `PONG`, or the message. Answered after everything that was called before it. */
  ping(message?: Argument): Promise<string>;
  echo(message: Argument): Promise<V>;
  /** Sends a message to whoever has subscribed to a channel, over a connection; returns how many have. */
  publish(channel: Argument, message: Argument): Promise<number>;
  pubSubChannels(pattern?: Argument): Promise<string[]>;
  pubSubNumPat(): Promise<number>;
  pubSubNumSub(channels?: Arguments): Promise<Record<string, number>>;
  dbSize(): Promise<number>;
  flushAll(mode?: "ASYNC" | "SYNC"): Promise<"OK">;
  flushDb(mode?: "ASYNC" | "SYNC"): Promise<"OK">;
  swapDb(index1: number, index2: number): Promise<"OK">;
  /** Seconds since 1970 and microseconds of the second. */
  time(): Promise<`${number}`[]>;
  info(section?: Argument): Promise<string>;
  configGet(parameters: Arguments): Promise<Record<string, string>>;
  configSet(
    ...parameters:
      | [parameter: Argument, value: Argument]
      | [parameters: Readonly<Record<string, Argument>>]
  ): Promise<"OK">;
  configResetStat(): Promise<"OK">;
}

/** The commands that are not of streams. Names and shapes are those of node-redis 6. */
export interface ValueCommands<V extends Value = string>
  extends KeyCommands<V>,
    PlainCommands<V>,
    ServerCommands<V> {}
