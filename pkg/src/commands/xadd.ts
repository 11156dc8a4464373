/** XADD: appends an entry. */

import type { Argument, Argv } from "../resp.ts";
import { pushTrim, type Trim } from "./trim.ts";

/** The fields of an entry: an object, or pairs where order, double or binary names matter. */
export type Message =
  | Readonly<Record<string, Argument>>
  | Iterable<readonly [field: Argument, value: Argument]>;

/** Options of {@link xAddArgv | XADD}. */
export interface XAddOptions {
  /** Trims the stream after the entry was added. */
  TRIM?: Trim;
}

/** `XADD key [NOMKSTREAM] [MAXLEN | MINID …] id field value …` */
export function xAddArgv(
  key: Argument,
  id: Argument,
  message: Message,
  options?: XAddOptions,
  flag?: "NOMKSTREAM",
): Argv {
  const argv: Argument[] = ["XADD", key];
  if (flag !== undefined) argv.push(flag);
  if (options?.TRIM !== undefined) pushTrim(argv, options.TRIM);
  argv.push(id);
  if (isPairs(message)) {
    for (const [field, value] of message) argv.push(field, value);
  } else {
    for (const field of Object.keys(message)) argv.push(field, message[field] as Argument);
  }
  return argv;
}

function isPairs(message: Message): message is Iterable<readonly [Argument, Argument]> {
  return Symbol.iterator in message;
}
