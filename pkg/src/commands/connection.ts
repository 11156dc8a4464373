/** Commands that change the connection they come over, which all calls of a client share. */

import { UnsupportedError } from "../errors.ts";
import type { Argv } from "../resp.ts";
import { wordOf } from "./blocking.ts";

const CHANGING = /^(AUTH|HELLO|QUIT|RESET|SELECT|MULTI|EXEC|DISCARD|(UN)?WATCH|P?(UN)?SUBSCRIBE)$/;

/** Why a command cannot be sent over a shared connection, if it cannot. */
export function refusalOf(argv: Argv): UnsupportedError | undefined {
  const name = wordOf(argv[0]);
  if (!CHANGING.test(name)) return undefined;
  return new UnsupportedError(
    `${name} needs a connection of its own, and the calls of this client share one: ` +
      "open one with `connect()` of the keyspace",
  );
}
