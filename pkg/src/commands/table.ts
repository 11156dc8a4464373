/**
 * Every command of the client as data: how its arguments are written, how its reply is read,
 * whether it waits. The methods of clients and of transactions are made of these rows; what they
 * take and answer is said in `streams.ts` and `values.ts`.
 */

import { type ReadReply, readArray, readInteger, readText, readTextOrNull } from "../resp.ts";
import type { Wait } from "../transport.ts";
import { plain, type WriteArgv } from "./arguments.ts";
import { messageReaders, type Value } from "./message.ts";
import {
  configSetArgv,
  expireAtArgv,
  hSetArgv,
  readPopped,
  readRecord,
  readScan,
  setArgv,
} from "./plain.ts";
import type { StreamCommands } from "./streams.ts";
import type { ValueCommands } from "./values.ts";
import { xAddArgv } from "./xadd.ts";
import { readAutoClaim } from "./xclaim.ts";
import { xAckDelArgv, xDelExArgv, xNackArgv } from "./xgroup.ts";
import { readInfos, readStreamInfo } from "./xinfo.ts";
import { readPendingMessages, readPendingSummary, xPendingRangeArgv } from "./xpending.ts";
import { type XReadOptions, xReadArgv, xReadGroupArgv } from "./xread.ts";
import { xTrimArgv } from "./xtrim.ts";

/** All methods that are commands. */
export interface Commands<V extends Value = string> extends StreamCommands<V>, ValueCommands<V> {}

/** What is known of the wait of a call, if it waits. */
type WaitOf = (args: readonly unknown[]) => Wait | undefined;

/** How a command is written; makes its reply's reader of one for values; what is known of its wait, if it waits. */
export type Command = readonly [
  write: WriteArgv,
  reader: (value: ReadReply<Value>) => ReadReply<unknown>,
  wait?: WaitOf,
];

type Reader = Command[1];

const readTexts: ReadReply<string[]> = (reader) => readArray(reader, readText);
const readIntegers: ReadReply<number[]> = (reader) => readArray(reader, readInteger);

const integer: Reader = () => readInteger;
const integers: Reader = () => readIntegers;
const text: Reader = () => readText;
const textOrNull: Reader = () => readTextOrNull;
const texts: Reader = () => readTexts;
/** Whatever comes, the strings in it as values. */
const any: Reader = (value) => (reader) => reader.value(value);
const messagesOrNull: Reader = (value) => messageReaders(value).messagesOrNull;
const streamsOrNull: Reader = (value) => messageReaders(value).streamsOrNull;
const popped: Reader = (value) => readPopped(value);
const record: Reader = (value) => readRecord(value);

/** A read waits if its options, the argument at `place`, say so. */
function waitAt(place: number): WaitOf {
  return (args) => {
    const options = args[place] as XReadOptions | undefined;
    return options?.BLOCK === undefined ? undefined : options;
  };
}

const waits: WaitOf = () => ({});

/** Commands of two words: what a method's name begins with is the first. */
const CONTAINER = /^(XGROUP|XINFO|CONFIG|OBJECT|PUBSUB)(?=.)/;

/**
 * Commands whose name is the method's, whose arguments follow it one by one, and whose replies have
 * the same reader. With each method its options, in the order in which they are written.
 */
function named<Name extends string>(
  reader: Reader,
  options: Readonly<Record<Name, string>>,
): Record<Name, Command> {
  const rows = Object.entries<string>(options).map(([method, names]): [string, Command] => {
    const command = method.toUpperCase().replace(CONTAINER, "$1 ");
    return [method, [plain(command, names), reader]];
  });
  return Object.fromEntries(rows) as Record<Name, Command>;
}

/** The words of a text. */
type Words<Text extends string> = Text extends `${infer First} ${infer Others}`
  ? First | Words<Others>
  : Text;

/** Those that have no options: their methods in one text, divided by spaces. */
function simple<Methods extends string>(
  reader: Reader,
  methods: Methods,
): Record<Words<Methods>, Command> {
  const options = Object.fromEntries(methods.split(" ").map((method) => [method, ""]));
  return named(reader, options as Record<Words<Methods>, string>);
}

const CLAIM = "IDLE TIME RETRYCOUNT FORCE LASTID";

const streams: Record<keyof StreamCommands, Command> = {
  ...simple(integer, "xAck xDel xLen"),
  ...simple(integer, "xGroupCreateConsumer xGroupDelConsumer xGroupDestroy"),
  ...named(text, {
    xCfgSet: "IDMP_DURATION IDMP_MAXSIZE",
    xGroupCreate: "MKSTREAM ENTRIESREAD",
    xGroupSetId: "ENTRIESREAD",
    xSetId: "ENTRIESADDED MAXDELETEDID",
  }),
  ...named(messagesOrNull, { xRange: "COUNT", xRevRange: "COUNT" }),
  ...simple(() => readInfos, "xInfoConsumers xInfoGroups"),
  ...simple((value) => readStreamInfo(messageReaders(value).messageOrNull), "xInfoStream"),
  ...named((value) => readAutoClaim(messageReaders(value).messageOrNull), { xAutoClaim: "COUNT" }),
  ...named((value) => messageReaders(value).claimedMessages, { xClaim: CLAIM }),
  ...simple(() => readPendingSummary, "xPending"),
  xAckDel: [xAckDelArgv, integers],
  xAdd: [xAddArgv, text],
  xAddNoMkStream: [
    (...[key, id, message, options]: Parameters<typeof xAddArgv>) =>
      xAddArgv(key, id, message, options, "NOMKSTREAM"),
    textOrNull,
  ],
  xAutoClaimJustId: [plain("XAUTOCLAIM", "COUNT", "JUSTID"), () => readAutoClaim(readText)],
  xClaimJustId: [plain("XCLAIM", CLAIM, "JUSTID"), texts],
  xDelEx: [xDelExArgv, integers],
  xNack: [xNackArgv, integer],
  xPendingRange: [xPendingRangeArgv, () => readPendingMessages],
  xRead: [xReadArgv, streamsOrNull, waitAt(1)],
  xReadGroup: [xReadGroupArgv, streamsOrNull, waitAt(3)],
  xTrim: [xTrimArgv, integer],
};

const values: Record<keyof ValueCommands, Command> = {
  ...simple(any, "dbSize decr decrBy del dump echo exists expire expireTime"),
  ...simple(any, "flushAll flushDb get getDel hDel hGet hIncrBy hLen hmGet"),
  ...simple(any, "incr incrBy lLen lPop lPush lRange mGet move pExpire"),
  ...simple(any, "pExpireAt pExpireTime pTTL persist publish rPop"),
  ...simple(any, "rPush rename renameNX sAdd sCard sIsMember sMembers sRem"),
  ...simple(any, "setEx setNX strLen swapDb ttl unlink"),
  ...simple(integer, "pubSubNumPat"),
  ...simple(text, "configResetStat info ping type"),
  ...simple(texts, "keys pubSubChannels time"),
  ...simple(textOrNull, "objectEncoding"),
  ...simple(record, "hGetAll"),
  ...simple(() => readRecord(readText), "configGet"),
  ...simple(() => readRecord(readInteger), "pubSubNumSub"),
  ...named(text, { restore: "REPLACE ABSTTL" }),
  ...named(integer, { copy: "DB REPLACE" }),
  ...named(() => readScan, { scan: "MATCH COUNT TYPE" }),
  blPop: [plain("BLPOP"), popped, waits],
  brPop: [plain("BRPOP"), popped, waits],
  configSet: [configSetArgv, text],
  expireAt: [expireAtArgv, integer],
  hSet: [hSetArgv, integer],
  lPopCount: [plain("LPOP"), any],
  rPopCount: [plain("RPOP"), any],
  set: [setArgv, any],
};

/** Every command by the name of its method. */
export const table: Readonly<Record<keyof Commands, Command>> = { ...streams, ...values };
