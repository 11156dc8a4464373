/**
 * What the golden files hold: every kind of thing that storage keeps, and every change that the
 * journal can tell. The clock is driven, so that the same commands give the same state.
 */

import type { Argument } from "../../pkg/src/resp.ts";

/** When the clock begins. */
export const START_MS = 1_700_000_000_000;
/** More than the part of a blob that fits a storage row. */
const LARGE_BYTES = 2_200_000;

type Command = readonly Argument[];

const pairs = (count: number, of: (n: number) => readonly Argument[]): Command[] =>
  Array.from({ length: count }, (_, n) => of(n + 1));

/** A small stream with every kind of value and entry: the examples of `docs/format.md`. */
const example: readonly Command[] = [
  ["XGROUP", "CREATE", "example", "group", "0", "MKSTREAM"],
  ...(
    [
      ["book", "12.50", "1700000000100", "a first note"],
      ["book", "12.75", "1700000000107", "a first note, again"],
      ["book", "-3.5", "1700000000230", "a first word"],
      ["pen", "7", "1700000000230", ""],
    ] as const
  ).map(([item, price, at, note], n) => [
    ...["XADD", "example", `${START_MS + (n < 2 ? 100 : 230)}-${n < 3 ? n % 2 : 7}`],
    ...["item", item, "price", price, "at", at, "note", note],
  ]),
  ["XADD", "example", "IDMP", "till", "receipt-1", "*", "other", "field"],
  ["XREADGROUP", "GROUP", "group", "anna", "COUNT", "3", "STREAMS", "example", ">"],
  ["XREADGROUP", "GROUP", "group", "bert", "COUNT", "1", "STREAMS", "example", ">"],
  ["XNACK", "example", "group", "SILENT", "IDS", "1", `${START_MS + 100}-1`],
  ["XACK", "example", "group", `${START_MS + 100}-0`],
  ["XDEL", "example", `${START_MS + 230}-7`],
];

/** Streams and values, in several databases. */
export const commands: readonly Command[] = [
  ["SET", "text", "a value"],
  ...example,
  ["RPUSH", "list", "one", "2", ""],
  ["SADD", "set", "member", "7"],
  ["HSET", "hash", "field", "value", "number", "-12"],
  ["SET", "expiring", "later", "PXAT", "4000000000000"],
  ["XGROUP", "CREATE", "orders", "billing", "0", "MKSTREAM"],
  ["XGROUP", "CREATE", "orders", "shipping", "$"],
  ...pairs(150, (n) => [
    ...["XADD", "orders", `${START_MS + n * 7}-0`, "orderId", `ORD-${1_000_000 + n}`],
    ...["totalAmount", `${n * 3}.${10 + (n % 90)}`, "region", ["eu", "us"][n % 2] ?? ""],
    ...["eventType", "order_paid", "timestamp", `${START_MS + n * 7}`],
  ]),
  ["XADD", "orders", `${START_MS + 5000}-1`, "other", "fields", "", "empty name"],
  ["XADD", "orders", `${START_MS + 5000}-2`, "bytes", new Uint8Array([0, 255, 13, 10])],
  ["XCFGSET", "orders", "IDMP-DURATION", "86400", "IDMP-MAXSIZE", "10"],
  ["XADD", "orders", "IDMP", "producer", "first", "*", "sent", "once"],
  ["XADD", "orders", "IDMP", "producer", "first", "*", "sent", "once"],
  ["XREADGROUP", "GROUP", "billing", "anna", "COUNT", "20", "STREAMS", "orders", ">"],
  ["XREADGROUP", "GROUP", "billing", "bert", "COUNT", "5", "STREAMS", "orders", ">"],
  ["XACK", "orders", "billing", `${START_MS + 7}-0`, `${START_MS + 14}-0`],
  ["XNACK", "orders", "billing", "SILENT", "IDS", "2", `${START_MS + 21}-0`, `${START_MS + 28}-0`],
  ["XCLAIM", "orders", "billing", "bert", "0", `${START_MS + 35}-0`],
  ["XGROUP", "CREATECONSUMER", "orders", "billing", "idle"],
  ["XDEL", "orders", `${START_MS + 70}-0`, `${START_MS + 700}-0`],
  ["XTRIM", "orders", "MINID", `${START_MS + 9}-0`],
  ["XADD", "large", "1-1", "value", "x".repeat(LARGE_BYTES)],
  ["XADD", "emptied", "5-5", "a", "b"],
  ["XTRIM", "emptied", "MAXLEN", "0"],
  ["SELECT", "3"],
  ["XADD", "orders", "1-1", "in", "another database"],
  ["SET", "text", "another value"],
  ["SELECT", "0"],
];

/** Changes of every kind, for a journal that no checkpoint has cut. */
export const changes: readonly Command[] = [
  ...commands.filter(([name, key]) => name !== "XADD" || key !== "large"),
  // A producer is known from now on, though its entry is refused: there is no greater ID.
  ["XADD", "full", `${2n ** 64n - 1n}-${2n ** 64n - 1n}`, "field", "value"],
  ["XADD", "full", "IDMP", "late", "too late", "*", "field", "value"],
  ["XGROUP", "SETID", "orders", "shipping", `${START_MS + 70}-0`, "ENTRIESREAD", "9"],
  [
    "XSETID",
    "orders",
    `${START_MS + 999_999}-0`,
    "ENTRIESADDED",
    "300",
    "MAXDELETEDID",
    `${START_MS + 700}-0`,
  ],
  ["XGROUP", "CREATE", "orders", "gone", "0"],
  ["XGROUP", "DESTROY", "orders", "gone"],
  ["XGROUP", "CREATECONSUMER", "orders", "billing", "leaving"],
  ["XGROUP", "DELCONSUMER", "orders", "billing", "leaving"],
  ["XDELEX", "orders", "DELREF", "IDS", "1", `${START_MS + 77}-0`],
  ["XTRIM", "orders", "MAXLEN", "=", "140", "ACKED"],
  ["EXPIREAT", "hash", "4000000001"],
  ["RENAME", "list", "renamed"],
  ["COPY", "orders", "copied"],
  ["SELECT", "5"],
  ["SET", "goes", "away"],
  ["FLUSHDB"],
  ["SET", "comes", "back"],
  ["SWAPDB", "5", "6"],
  ["SELECT", "0"],
  ["DEL", "set"],
];

/** Commands that are refused, and change something. */
export const isRefused = ([name, , , producer]: Command): boolean =>
  name === "XADD" && producer === "late";

/** What a stream's consumer does without a change that may not wait. */
export const reads: readonly Command[] = [
  ["XREADGROUP", "GROUP", "shipping", "carl", "COUNT", "1", "STREAMS", "orders", "0"],
  ["XREADGROUP", "GROUP", "shipping", "carl", "COUNT", "1", "STREAMS", "orders", "0"],
  ["SET", "text", "the end"],
];
