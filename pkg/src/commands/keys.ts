/** DEL, EXISTS, TYPE, SCAN and PING: the few commands that are not of streams alone. */

import {
  type Argument,
  type Arguments,
  type Argv,
  type ReplyReader,
  readArray,
  readText,
} from "../resp.ts";
import { pushArguments, pushOption } from "./arguments.ts";

/** Options of {@link scanArgv | SCAN}. */
export interface ScanOptions {
  /** Only keys that this pattern fits. */
  MATCH?: string;
  /** About how many keys to look at for one reply. */
  COUNT?: number;
  /** Only keys of this type, as `stream`. */
  TYPE?: Argument;
}

/** A part of the keys. */
export interface ScanReply {
  /** Where to go on; `0`: that was all. */
  cursor: string;
  keys: string[];
}

/** `DEL key …` or `EXISTS key …` */
export function keysArgv(name: "DEL" | "EXISTS", keys: Arguments): Argv {
  const argv: Argument[] = [name];
  pushArguments(argv, keys);
  return argv;
}

/** `TYPE key` */
export function typeArgv(key: Argument): Argv {
  return ["TYPE", key];
}

/** `SCAN cursor [MATCH pattern] [COUNT n] [TYPE type]` */
export function scanArgv(cursor: Argument, options?: ScanOptions): Argv {
  const argv: Argument[] = ["SCAN", cursor];
  pushOption(argv, "MATCH", options?.MATCH);
  pushOption(argv, "COUNT", options?.COUNT);
  pushOption(argv, "TYPE", options?.TYPE);
  return argv;
}

/** Takes the cursor and the keys. */
export function readScan(reader: ReplyReader): ScanReply {
  reader.items();
  return { cursor: reader.text(), keys: readArray(reader, readText) };
}

/** `PING [message]` */
export function pingArgv(message?: Argument): Argv {
  return message === undefined ? ["PING"] : ["PING", message];
}
