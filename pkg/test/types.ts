/**
 * The public types, tested by compiling: what fits, what must not, and what node-redis 6 makes of
 * the same call.
 */

import type { createClient } from "redis";
import {
  Eddyline,
  type StreamClient,
  type StreamMessage,
  type StreamMessages,
  type Trim,
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

type NodeRedis = ReturnType<typeof createClient>;
declare const redis: NodeRedis;

/** The methods that take exactly what node-redis' take. */
type Same =
  | "xLen"
  | "xRange"
  | "xRevRange"
  | "xGroupCreate"
  | "xGroupSetId"
  | "xGroupDestroy"
  | "xGroupCreateConsumer"
  | "xGroupDelConsumer"
  | "xAck"
  | "xPending"
  | "xPendingRange"
  | "xDel"
  | "xAutoClaim"
  | "xAutoClaimJustId"
  | "xInfoConsumers"
  | "del"
  | "exists"
  | "type"
  | "scan"
  | "scanIterator"
  | "ping";

/** There our client fits where node-redis' does, no cast, no adapter. */
export const asNodeRedis: Pick<NodeRedis, Same> = db as Pick<Eddyline, Same>;

/** The same call to both gives the same type. */
function same<T>(_ours: Promise<T>, _theirs: Promise<NoInfer<T>>): void {}

/**
 * Where options exclude each other our types say so and node-redis' do not; whatever compiles with
 * ours compiles there.
 */
export function bothWays(): void {
  const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: 5, limit: 1 } as const;
  const from = { key: "s", id: ">" };
  const wait = { COUNT: 1, BLOCK: 5 };
  same(
    db.xAdd("s", "*", { a: "1" }, { TRIM: trim }),
    redis.xAdd("s", "*", { a: "1" }, { TRIM: trim }),
  );
  same(db.xAddNoMkStream("s", "*", { a: "1" }), redis.xAddNoMkStream("s", "*", { a: "1" }));
  same(db.xTrim("s", "MAXLEN", 1), redis.xTrim("s", "MAXLEN", 1));
  same(db.xRead(from, wait), redis.xRead(from, wait));
  same(db.xReadGroup("g", "c", [from], wait), redis.xReadGroup("g", "c", [from], wait));
  same(db.xRange("s", "-", "+", { COUNT: 1 }), redis.xRange("s", "-", "+", { COUNT: 1 }));
  same(db.xPending("s", "g"), redis.xPending("s", "g"));
  same(db.xPendingRange("s", "g", "-", "+", 1), redis.xPendingRange("s", "g", "-", "+", 1));
  same(
    db.xClaim("s", "g", "c", 1, "1-1", { IDLE: 5 }),
    redis.xClaim("s", "g", "c", 1, "1-1", { IDLE: 5 }),
  );
  same(db.xClaimJustId("s", "g", "c", 1, ["1-1"]), redis.xClaimJustId("s", "g", "c", 1, ["1-1"]));
  same(db.xAutoClaim("s", "g", "c", 1, "0"), redis.xAutoClaim("s", "g", "c", 1, "0"));
}
