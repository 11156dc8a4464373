/** What commands on keys and on values that are no streams take and answer. */

import {
  type Argument,
  type Argv,
  type ReadReply,
  readArray,
  readerOf,
  readText,
  setField,
} from "../resp.ts";
import { argvOf, pushFields, pushOptions } from "./arguments.ts";

/** When a value that is set expires: not (the default), after a time, at a time, or when the one before it would have. */
export type SetExpiry =
  | { EX?: never; PX?: never; EXAT?: never; PXAT?: never; KEEPTTL?: never; expiration?: never }
  | { EX: number; PX?: never; EXAT?: never; PXAT?: never; KEEPTTL?: never; expiration?: never }
  | { EX?: never; PX: number; EXAT?: never; PXAT?: never; KEEPTTL?: never; expiration?: never }
  | { EX?: never; PX?: never; EXAT: number; PXAT?: never; KEEPTTL?: never; expiration?: never }
  | { EX?: never; PX?: never; EXAT?: never; PXAT: number; KEEPTTL?: never; expiration?: never }
  | { EX?: never; PX?: never; EXAT?: never; PXAT?: never; KEEPTTL: true; expiration?: never }
  | {
      EX?: never;
      PX?: never;
      EXAT?: never;
      PXAT?: never;
      KEEPTTL?: never;
      expiration:
        | { type: "EX" | "PX" | "EXAT" | "PXAT"; value: number }
        | { type: "KEEPTTL" }
        | "KEEPTTL";
    };

/** Whether a value is only set where there is none (`NX`), or only where there is one (`XX`). */
export type SetCondition =
  | { condition?: "NX" | "XX"; NX?: never; XX?: never }
  | { condition?: never; NX: true; XX?: never }
  | { condition?: never; NX?: never; XX: true };

/** Options of SET. */
export type SetOptions = SetExpiry &
  SetCondition & { /** Answers the value before. */ GET?: boolean };

/** Options of SCAN. */
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

/** Options of COPY. */
export interface CopyOptions {
  /** The database of the copy. */
  DB?: number;
  /** Also where there is something already. */
  REPLACE?: boolean;
}

/** Options of RESTORE. */
export interface RestoreOptions {
  /** Also where there is something already. */
  REPLACE?: boolean;
  /** The time to live is a time since 1970. */
  ABSTTL?: boolean;
}

/** When an expiry that is there already is changed. */
export type ExpireMode = "NX" | "XX" | "GT" | "LT";

/** A field or a value of a hash. */
export type HashValue = Argument | number;

/** Fields and values of a hash. */
export type HashFields =
  | Readonly<Record<string, HashValue>>
  | Map<HashValue, HashValue>
  | readonly (readonly [HashValue, HashValue])[]
  | readonly HashValue[];

/** `SET key value [EX …] [NX | XX] [GET]` */
export function setArgv(key: Argument, value: Argument | number, options?: SetOptions): Argv {
  const argv = argvOf("SET", key, value);
  if (options === undefined) return argv;
  const { expiration, condition } = options;
  const { type, value: time }: { type: string | undefined; value?: number } =
    typeof expiration === "object" ? expiration : { type: expiration };
  argv.push(...argvOf(type, time, condition));
  pushOptions(argv, "EX PX EXAT PXAT KEEPTTL NX XX GET", options);
  return argv;
}

/** `HSET key field value …` */
export function hSetArgv(key: Argument, fields: HashFields | HashValue, value?: HashValue): Argv {
  const argv: Argument[] = ["HSET", key];
  if (value === undefined) pushFields(argv, fields as object);
  else pushFields(argv, [fields, value]);
  return argv;
}

/** `EXPIREAT key seconds [mode]` */
export function expireAtArgv(key: Argument, time: number | Date, mode?: ExpireMode): Argv {
  const seconds = time instanceof Date ? Math.floor(time.getTime() / 1000) : time;
  return argvOf("EXPIREAT", key, seconds, mode);
}

/** `CONFIG SET parameter value …` */
export function configSetArgv(
  parameters: Argument | Readonly<Record<string, Argument>>,
  value?: Argument,
): Argv {
  const argv: Argument[] = ["CONFIG", "SET"];
  if (value === undefined) pushFields(argv, parameters as object);
  else argv.push(parameters as Argument, value);
  return argv;
}

/** What BLPOP and BRPOP took off which list. */
export interface Popped<V> {
  key: string;
  element: V;
}

/** A reader of what BLPOP and BRPOP answer. */
export function readPopped<V>(value: ReadReply<V>): ReadReply<Popped<V> | null> {
  const popped = readerOf({ key: readText, element: value });
  return (reader) => (reader.takeNull() ? null : popped(reader));
}

/** Takes what SCAN answers. */
export const readScan: ReadReply<ScanReply> = readerOf({
  cursor: readText,
  keys: (reader) => readArray(reader, readText),
});

/** A reader of an object, from a map or from a flat array of names and values. */
export function readRecord<V>(value: ReadReply<V>): ReadReply<Record<string, V>> {
  return (reader) => {
    const record: Record<string, V> = {};
    for (let left = reader.pairs(); left > 0; left--)
      setField(record, reader.text(), value(reader));
    return record;
  };
}
