/** XADD: appends an entry. */

import type { Argument, Argv } from "../resp.ts";
import { type DeletionPolicy, pushTrim, type Trim } from "./trim.ts";

/** The fields of an entry: an object, or pairs where order, double or binary names matter. */
export type Message =
  | Readonly<Record<string, Argument>>
  | Iterable<readonly [field: Argument, value: Argument]>;

/**
 * What makes an entry that is sent twice be appended once: the producer's name with an ID that it
 * gives each message, or with one that is made of the fields. The second time the first one's ID is
 * the reply. The entry's ID must be `*`.
 */
export type XAddIdempotence =
  | { IDMP?: never; IDMPAUTO?: never }
  | { IDMP: { pid: Argument; iid: Argument }; IDMPAUTO?: never }
  | { IDMP?: never; IDMPAUTO: { pid: Argument } };

/** Options of XADD. */
export type XAddOptions = XAddIdempotence & {
  /** What becomes of references to entries that `TRIM` removes. */
  policy?: DeletionPolicy;
  /** Trims the stream after the entry was added. */
  TRIM?: Trim;
};

/** `XADD key [NOMKSTREAM] [policy] [IDMPAUTO pid | IDMP pid iid] [MAXLEN | MINID …] id field value …` */
export function xAddArgv(
  key: Argument,
  id: Argument,
  message: Message,
  options?: XAddOptions,
  flag?: "NOMKSTREAM",
): Argv {
  const argv: Argument[] = ["XADD", key];
  if (flag !== undefined) argv.push(flag);
  if (options?.policy !== undefined) argv.push(options.policy);
  if (options?.IDMPAUTO !== undefined) argv.push("IDMPAUTO", options.IDMPAUTO.pid);
  else if (options?.IDMP !== undefined) argv.push("IDMP", options.IDMP.pid, options.IDMP.iid);
  if (options?.TRIM !== undefined) {
    const { strategy, threshold, strategyModifier, limit, policy } = options.TRIM;
    pushTrim(argv, strategy, threshold, strategyModifier, limit, policy);
  }
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
