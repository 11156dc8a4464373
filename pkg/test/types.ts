/**
 * The public types, tested by compiling: what fits, what must not, and what node-redis 6 makes of
 * the same call.
 */

import type { createClient } from "redis";
import {
  Eddyline,
  type StreamClient,
  type StreamCommands,
  type StreamMessage,
  type StreamMessages,
  type Trim,
  type XInfoGroup,
  type XPendingSummary,
} from "../src/entry/node.ts";

type IsExact<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile unless it is given `true`. */
function holds<T extends true>(_?: T): void {}

declare const db: Eddyline;
declare const bytes: Uint8Array;
declare const signal: AbortSignal;

type Reply<M extends keyof StreamClient, C = Eddyline> = M extends keyof C
  ? C[M] extends (...args: never[]) => Promise<infer R>
    ? R
    : never
  : never;

// Replies.
holds<IsExact<Reply<"xAdd">, string>>();
holds<IsExact<Reply<"xAddNoMkStream">, string | null>>();
holds<IsExact<Reply<"xLen">, number>>();
holds<IsExact<Reply<"xRange">, StreamMessage[] | null>>();
holds<IsExact<Reply<"xRead">, StreamMessages[] | null>>();
holds<IsExact<Reply<"xRead", StreamClient<Uint8Array>>, StreamMessages<Uint8Array>[] | null>>();
holds<IsExact<StreamMessage["message"], Record<string, string>>>();
holds<IsExact<StreamMessage<Uint8Array>["message"], Record<string, Uint8Array>>>();
holds<IsExact<ReturnType<Eddyline["withBytes"]>, StreamClient<Uint8Array>>>();

/** Calls that fit. Never run. */
export async function fits(): Promise<void> {
  const entries: StreamMessage[] = await db.xRange("s", "-", "+");
  const counted: StreamMessage[] | null = await db.xRange("s", "-", "+", { COUNT: 1 });
  void [entries, counted];
  await db.xAdd(bytes, bytes, { a: bytes, b: "1" });
  await db.xAdd("s", "*", [
    [bytes, "1"],
    ["a", bytes],
  ]);
  await db.xAdd("s", "*", new Map<string, Uint8Array>());
  await db.xAdd("s", "*", {}, { TRIM: { strategy: "MAXLEN", threshold: 1 } });
  await db.xAdd(
    "s",
    "*",
    {},
    { TRIM: { strategy: "MINID", threshold: "1-1", strategyModifier: "~", limit: 1 } },
  );
  await db.xTrim("s", "MINID", "1-1", { strategyModifier: "~", LIMIT: 1 });
  await db.xRead(
    [
      { key: "s", id: "$" },
      { key: bytes, id: "0" },
    ],
    { BLOCK: 0, signal, COUNT: 1 },
  );
  await db.xReadGroup(bytes, "c", { key: "s", id: ">" }, { NOACK: true });
  await db.xAck("s", "g", ["1-1", bytes]);
  await db.sendCommand(["XREAD", "BLOCK", "0", "STREAMS", "s", "$"], { signal });
  await using other = db;
  void other;
}

/** Calls that must not compile. Never run. */
export async function doesNotFit(): Promise<void> {
  // @ts-expect-error a limit only goes with `~`
  trims({ strategy: "MAXLEN", threshold: 1, limit: 1 });
  // @ts-expect-error nor with `=`
  trims({ strategy: "MAXLEN", strategyModifier: "=", threshold: 1, limit: 1 });
  // @ts-expect-error a length is a number
  trims({ strategy: "MAXLEN", threshold: "1-1" });
  // @ts-expect-error a threshold needs its strategy
  trims({ threshold: 1 });
  // @ts-expect-error a limit only goes with `~`
  await db.xTrim("s", "MAXLEN", 1, { LIMIT: 1 });
  // @ts-expect-error a producer's ID or one made of the fields
  await db.xAdd("s", "*", {}, { IDMP: { pid: "p", iid: "1" }, IDMPAUTO: { pid: "p" } });
  // @ts-expect-error some time ago or at a time
  await db.xClaim("s", "g", "c", 0, "1-1", { IDLE: 5, TIME: 5 });
  // @ts-expect-error one expiry
  await db.set("k", "v", { EX: 5, PX: 5 });
  // @ts-expect-error one condition
  await db.set("k", "v", { NX: true, XX: true });
  // @ts-expect-error there is no such option
  await db.xRead({ key: "s", id: "0" }, { COUNTS: 1 });
  // @ts-expect-error only what waits can be ended by a signal
  await db.xRead({ key: "s", id: "0" }, { signal });
  // @ts-expect-error values are text or bytes, as in node-redis
  await db.xAdd("s", "*", { a: 1 });
  // @ts-expect-error a stream needs an ID
  await db.xRead({ key: "s" });
  // @ts-expect-error the constructor is not for users: `open` is
  new Eddyline();
}

function trims(_: Trim): void {}

type None = Record<never, never>;
/** What `createClient()` gives: without modules of one's own, RESP3. */
type NodeRedis = ReturnType<typeof createClient<None, None, None, 3, None>>;
declare const redis: NodeRedis;

/** The names of a client's stream methods: `xAdd`, but not `XADD`. */
type StreamMethod<C> = Extract<keyof C, `x${string}`>;

/** Every stream command that node-redis has, and no other, is a method. */
holds<IsExact<StreamMethod<StreamCommands>, StreamMethod<NodeRedis>>>();

/**
 * A client's methods as methods: TypeScript compares the parameters of those both ways. That is
 * needed where options exclude each other, which our types say and node-redis' do not. Bytes are
 * `Buffer` there and any `Uint8Array` here.
 */
type AsMethods<C, M extends keyof C> = {
  [K in M]: C[K] extends (...args: infer A) => infer R
    ? { method(...args: Buffers<A>): R }["method"]
    : never;
};
type Buffers<T> = T extends Uint8Array
  ? Buffer
  : T extends string | number | Date | AbortSignal
    ? T
    : { [K in keyof T]: Buffers<T[K]> };

/**
 * Where our types say more than node-redis': `MINID` takes an ID, not only a number; the lag of a
 * group may be null, as it is there too, untold.
 */
type Apart = "xAdd" | "xAddNoMkStream" | "xInfoGroups";

type Compared = Exclude<StreamMethod<NodeRedis>, Apart>;

const ours: AsMethods<Eddyline, Compared> = db;
/** Our client is one of node-redis' as far as streams go … */
export const asNodeRedis: AsMethods<NodeRedis, Compared> = ours;
/** … and theirs is ours. */
export const asEddyline: AsMethods<Eddyline, Compared> = redis;
export const lag: Omit<XInfoGroup, "lag"> = {} as Awaited<
  ReturnType<NodeRedis["xInfoGroups"]>
>[number];

/** The methods that take exactly what node-redis' take, options included. */
type Same =
  | Exclude<
      StreamMethod<NodeRedis>,
      Apart | "xClaim" | "xClaimJustId" | "xRead" | "xReadGroup" | "xTrim"
    >
  | ("blPop" | "brPop" | "copy" | "dbSize" | "decr" | "decrBy" | "del" | "echo" | "exists")
  | (
      | "expire"
      | "expireAt"
      | "pExpireAt"
      | "expireTime"
      | "flushAll"
      | "flushDb"
      | "get"
      | "getDel"
      | "hDel"
    )
  | ("hGet" | "hGetAll" | "hIncrBy" | "hmGet" | "incr" | "incrBy" | "info" | "keys" | "lLen")
  | ("lPop" | "lPopCount" | "lPush" | "lRange" | "move" | "objectEncoding" | "pExpire" | "pTTL")
  | ("persist" | "ping" | "pubSubChannels" | "pubSubNumSub" | "publish" | "rPush" | "rename")
  | (
      | "renameNX"
      | "sAdd"
      | "sCard"
      | "sIsMember"
      | "sMembers"
      | "sRem"
      | "scan"
      | "scanIterator"
      | "setEx"
    )
  | ("setNX" | "swapDb" | "time" | "ttl" | "type" | "unlink");

/** There our client fits where node-redis' does, no cast, no adapter. */
export const exactly: Pick<NodeRedis, Same> = db as Pick<Eddyline, Same>;

/** The same call to both gives the same type. */
function same<T>(_ours: Promise<T>, _theirs: Promise<NoInfer<T>>): void {}

/** Whatever compiles with our options compiles with node-redis'. */
export function bothWays(): void {
  const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: 5, limit: 1 } as const;
  const from = { key: "s", id: ">" };
  const wait = { COUNT: 1, BLOCK: 5, MAXCOUNT: 5, MAXSIZE: 100 };
  const once = { IDMP: { pid: "p", iid: "1" }, policy: "ACKED", TRIM: trim } as const;
  same(db.xAdd("s", "*", { a: "1" }, once), redis.xAdd("s", "*", { a: "1" }, once));
  same(db.xAddNoMkStream("s", "*", { a: "1" }), redis.xAddNoMkStream("s", "*", { a: "1" }));
  same(db.xTrim("s", "MAXLEN", 1), redis.xTrim("s", "MAXLEN", 1));
  same(db.xRead(from, wait), redis.xRead(from, wait));
  same(
    db.xReadGroup("g", "c", [from], { ...wait, CLAIM: 5 }),
    redis.xReadGroup("g", "c", [from], { ...wait, CLAIM: 5 }),
  );
  same(db.xRange("s", "-", "+", { COUNT: 1 }), redis.xRange("s", "-", "+", { COUNT: 1 }));
  same(
    db.xClaim("s", "g", "c", 1, "1-1", { IDLE: 5 }),
    redis.xClaim("s", "g", "c", 1, "1-1", { IDLE: 5 }),
  );
  same(db.set("k", "v", { EX: 5, NX: true }), redis.set("k", "v", { EX: 5, NX: true }));
  same(db.hSet("k", { a: 1 }), redis.hSet("k", { a: 1 }));
  same(db.scan("0", { TYPE: "stream" }), redis.scan("0", { TYPE: "stream" }));
}

/** A transaction has the types of its replies. */
export async function transaction(): Promise<void> {
  const done = await db.multi().xAdd("s", "*", { a: "1" }).xLen("s").xPending("s", "g").exec();
  holds<IsExact<typeof done, [string, number, XPendingSummary]>>();
  const piped = await db.withBytes().multi().get("k").execAsPipeline();
  holds<IsExact<typeof piped, [Uint8Array | null]>>();
  // @ts-expect-error excluding options do not compile there either
  db.multi().xTrim("s", "MAXLEN", 1, { LIMIT: 1 });
}
