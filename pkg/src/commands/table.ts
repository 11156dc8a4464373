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
import { readConsumerInfos, readGroupInfos, readStreamInfo } from "./xinfo.ts";
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

const CLAIM = "IDLE TIME RETRYCOUNT FORCE LASTID";

const streams: Record<keyof StreamCommands, Command> = {
  xAck: [plain("XACK"), integer],
  xAckDel: [xAckDelArgv, integers],
  xAdd: [xAddArgv, text],
  xAddNoMkStream: [
    (...[key, id, message, options]: Parameters<typeof xAddArgv>) =>
      xAddArgv(key, id, message, options, "NOMKSTREAM"),
    textOrNull,
  ],
  xAutoClaim: [
    plain("XAUTOCLAIM", "COUNT"),
    (value) => readAutoClaim(messageReaders(value).messageOrNull),
  ],
  xAutoClaimJustId: [plain("XAUTOCLAIM", "COUNT", "JUSTID"), () => readAutoClaim(readText)],
  xCfgSet: [plain("XCFGSET", "IDMP_DURATION IDMP_MAXSIZE"), text],
  xClaim: [plain("XCLAIM", CLAIM), (value) => messageReaders(value).claimedMessages],
  xClaimJustId: [plain("XCLAIM", CLAIM, "JUSTID"), texts],
  xDel: [plain("XDEL"), integer],
  xDelEx: [xDelExArgv, integers],
  xGroupCreate: [plain("XGROUP CREATE", "MKSTREAM ENTRIESREAD"), text],
  xGroupCreateConsumer: [plain("XGROUP CREATECONSUMER"), integer],
  xGroupDelConsumer: [plain("XGROUP DELCONSUMER"), integer],
  xGroupDestroy: [plain("XGROUP DESTROY"), integer],
  xGroupSetId: [plain("XGROUP SETID", "ENTRIESREAD"), text],
  xInfoConsumers: [plain("XINFO CONSUMERS"), () => readConsumerInfos],
  xInfoGroups: [plain("XINFO GROUPS"), () => readGroupInfos],
  xInfoStream: [
    plain("XINFO STREAM"),
    (value) => readStreamInfo(messageReaders(value).messageOrNull),
  ],
  xLen: [plain("XLEN"), integer],
  xNack: [xNackArgv, integer],
  xPending: [plain("XPENDING"), () => readPendingSummary],
  xPendingRange: [xPendingRangeArgv, () => readPendingMessages],
  xRange: [plain("XRANGE", "COUNT"), messagesOrNull],
  xRead: [xReadArgv, streamsOrNull, waitAt(1)],
  xReadGroup: [xReadGroupArgv, streamsOrNull, waitAt(3)],
  xRevRange: [plain("XREVRANGE", "COUNT"), messagesOrNull],
  xSetId: [plain("XSETID", "ENTRIESADDED MAXDELETEDID"), text],
  xTrim: [xTrimArgv, integer],
};

/** Commands whose name is the method's, whose arguments follow it one by one, and whose reply comes as it is. */
const SIMPLE = [
  ...(["dbSize", "decr", "decrBy", "del", "dump", "echo", "exists", "expire"] as const),
  ...(["expireTime", "flushAll", "flushDb", "get", "getDel", "hDel", "hGet", "hIncrBy"] as const),
  ...(["hLen", "hmGet", "incr", "incrBy", "lLen", "lPop", "lPush", "lRange", "mGet"] as const),
  ...(["move", "pExpire", "pExpireAt", "pExpireTime", "pTTL", "persist", "publish"] as const),
  ...(["rPop", "rPush", "rename", "renameNX", "sAdd", "sCard", "sIsMember", "sMembers"] as const),
  ...(["sRem", "setEx", "setNX", "strLen", "swapDb", "ttl", "unlink"] as const),
];

type Simple = (typeof SIMPLE)[number];

const simple = Object.fromEntries(
  SIMPLE.map((name): [string, Command] => [name, [plain(name.toUpperCase()), any]]),
) as Record<Simple, Command>;

const values: Record<keyof ValueCommands, Command> = {
  ...simple,
  blPop: [plain("BLPOP"), popped, waits],
  brPop: [plain("BRPOP"), popped, waits],
  configGet: [plain("CONFIG GET"), () => readRecord(readText)],
  configResetStat: [plain("CONFIG RESETSTAT"), text],
  configSet: [(one, value) => configSetArgv(one, value), text],
  copy: [plain("COPY", "DB REPLACE"), integer],
  expireAt: [expireAtArgv, integer],
  hGetAll: [plain("HGETALL"), record],
  hSet: [hSetArgv, integer],
  info: [plain("INFO"), text],
  keys: [plain("KEYS"), texts],
  lPopCount: [plain("LPOP"), any],
  objectEncoding: [plain("OBJECT ENCODING"), textOrNull],
  ping: [plain("PING"), text],
  pubSubChannels: [plain("PUBSUB CHANNELS"), texts],
  pubSubNumPat: [plain("PUBSUB NUMPAT"), integer],
  pubSubNumSub: [plain("PUBSUB NUMSUB"), () => readRecord(readInteger)],
  rPopCount: [plain("RPOP"), any],
  restore: [plain("RESTORE", "REPLACE ABSTTL"), text],
  scan: [plain("SCAN", "MATCH COUNT TYPE"), () => readScan],
  set: [setArgv, any],
  time: [plain("TIME"), texts],
  type: [plain("TYPE"), text],
};

/** Every command by the name of its method. */
export const table: Readonly<Record<keyof Commands, Command>> = { ...streams, ...values };
