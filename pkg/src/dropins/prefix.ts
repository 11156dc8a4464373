/** `keyPrefix`: which arguments of a command are keys. */

import type { Argument } from "../resp.ts";

/** No key at all. */
const NONE = new Set(
  (
    "AUTH CLIENT COMMAND CONFIG DBSIZE DISCARD ECHO EXEC FLUSHALL FLUSHDB HELLO INFO KEYS MULTI PING " +
    "PSUBSCRIBE PUBLISH PUBSUB PUNSUBSCRIBE QUIT RESET SCAN SELECT SHUTDOWN SUBSCRIBE SWAPDB TIME " +
    "UNSUBSCRIBE UNWATCH"
  ).split(" "),
);
/** Every argument is a key. */
const ALL = new Set(["DEL", "EXISTS", "UNLINK", "WATCH", "MGET", "TOUCH"]);
/** The first two are. */
const TWO = new Set(["COPY", "RENAME", "RENAMENX"]);
/** All but the last are. */
const BUT_LAST = new Set(["BLPOP", "BRPOP"]);
/** The second is. */
const SECOND = new Set(["XGROUP", "XINFO", "OBJECT"]);
const STREAMS = new Set(["XREAD", "XREADGROUP"]);

/** Puts a prefix before each key of a command, whose name is its first word. */
export function prefixKeys(argv: readonly Argument[], prefix: string): readonly Argument[] {
  const [from, to] = keyPlaces(argv);
  if (prefix === "" || from >= to) return argv;
  return argv.map((argument, place) =>
    place >= from && place < to ? prefixed(argument, prefix) : argument,
  );
}

function keyPlaces(argv: readonly Argument[]): [from: number, to: number] {
  const name = String(argv[0]).toUpperCase();
  if (NONE.has(name)) return [0, 0];
  if (ALL.has(name)) return [1, argv.length];
  if (TWO.has(name)) return [1, 3];
  if (BUT_LAST.has(name)) return [1, argv.length - 1];
  if (SECOND.has(name)) return [2, 3];
  if (!STREAMS.has(name)) return [1, 2];
  // A group of that name is not found: `GROUP g c` stands before any option.
  const first = name === "XREADGROUP" ? 4 : 1;
  const at = argv.findIndex((word, place) => place >= first && /^streams$/i.test(String(word)));
  return at < 0 ? [0, 0] : [at + 1, at + 1 + ((argv.length - at - 1) >> 1)];
}

function prefixed(key: Argument, prefix: string): Argument {
  return typeof key === "string" ? prefix + key : Buffer.concat([Buffer.from(prefix), key]);
}
