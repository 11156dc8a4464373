/**
 * How commands are written, for whoever types them: a line for each in the notation of Redis' own
 * documentation, and what is still to be typed behind the beginning of one. The engine's grammar
 * (`src/command/table.rs`) is the truth; a test compares names and numbers of arguments.
 *
 * `WORD` is typed as it stands, `word` is an argument, `[…]` may be left out, `<a | b>` is one of
 * them, and `[x ...]` may come any number of times.
 */

/** A line for each command and subcommand. */
const LINES = `
AUTH [username] password
BLPOP key [key ...] timeout
BRPOP key [key ...] timeout
CLIENT GETNAME
CLIENT HELP
CLIENT ID
CLIENT INFO
CLIENT KILL <addr | [ID id] [TYPE <normal | pubsub | master | replica>] [ADDR addr] [LADDR addr] [USER name] [MAXAGE seconds] [SKIPME <yes | no>]>
CLIENT LIST [TYPE <normal | pubsub | master | replica>] [ID id [id ...]]
CLIENT NO-EVICT <on | off>
CLIENT NO-TOUCH <on | off>
CLIENT SETINFO <LIB-NAME | LIB-VER> text
CLIENT SETNAME name
CLIENT UNBLOCK client-id [TIMEOUT | ERROR]
COMMAND
COMMAND COUNT
COMMAND DOCS [command-name ...]
COMMAND GETKEYS command [arg ...]
COMMAND HELP
COMMAND INFO [command-name ...]
COMMAND LIST [FILTERBY <MODULE name | ACLCAT category | PATTERN pattern>]
CONFIG GET parameter [parameter ...]
CONFIG HELP
CONFIG RESETSTAT
CONFIG SET parameter value [parameter value ...]
COPY source destination [DB db] [REPLACE]
DBSIZE
DECR key
DECRBY key decrement
DEL key [key ...]
DISCARD
DUMP key
ECHO message
EDDYLINE ABORT [key]
EDDYLINE COMMIT [key]
EDDYLINE EXPORT [key ...]
EDDYLINE HELP
EDDYLINE IMPORT [REPLACE]
EDDYLINE READ [key]
EDDYLINE RECEIVE key [REPLACE]
EDDYLINE WRITE bytes [key]
EXEC
EXISTS key [key ...]
EXPIRE key seconds [NX | XX | GT | LT]
EXPIREAT key unix-time-seconds [NX | XX | GT | LT]
EXPIRETIME key
FLUSHALL [ASYNC | SYNC]
FLUSHDB [ASYNC | SYNC]
GET key
GETDEL key
HDEL key field [field ...]
HELLO [protover [AUTH username password] [SETNAME clientname]]
HGET key field
HGETALL key
HINCRBY key field increment
HLEN key
HMGET key field [field ...]
HSET key field value [field value ...]
INCR key
INCRBY key increment
INFO [section ...]
KEYS pattern
LLEN key
LPOP key [count]
LPUSH key element [element ...]
LRANGE key start stop
MEMORY HELP
MEMORY USAGE key [SAMPLES count]
MGET key [key ...]
MOVE key db
MULTI
OBJECT ENCODING key
OBJECT HELP
PERSIST key
PEXPIRE key milliseconds [NX | XX | GT | LT]
PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]
PEXPIRETIME key
PING [message]
PSUBSCRIBE pattern [pattern ...]
PTTL key
PUBLISH channel message
PUBSUB CHANNELS [pattern]
PUBSUB HELP
PUBSUB NUMPAT
PUBSUB NUMSUB [channel ...]
PUNSUBSCRIBE [pattern ...]
QUIT
RENAME key newkey
RENAMENX key newkey
RESET
RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
RPOP key [count]
RPUSH key element [element ...]
SADD key member [member ...]
SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
SCARD key
SELECT index
SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
SETEX key seconds value
SETNX key value
SHUTDOWN [[NOSAVE | SAVE] [NOW] [FORCE] | ABORT]
SISMEMBER key member
SMEMBERS key
SREM key member [member ...]
STRLEN key
SUBSCRIBE channel [channel ...]
SWAPDB index1 index2
TIME
TTL key
TYPE key
UNLINK key [key ...]
UNSUBSCRIBE [channel ...]
UNWATCH
WATCH key [key ...]
XACK key group id [id ...]
XACKDEL key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]
XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [IDMPAUTO producer-id | IDMP producer-id idempotent-id] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]
XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]
XCFGSET key [IDMP-DURATION seconds] [IDMP-MAXSIZE count]
XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]
XDEL key id [id ...]
XDELEX key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]
XGROUP CREATE key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]
XGROUP CREATECONSUMER key group consumer
XGROUP DELCONSUMER key group consumer
XGROUP DESTROY key group
XGROUP HELP
XGROUP SETID key group <id | $> [ENTRIESREAD entries-read]
XIDMPRECORD key producer-id idempotent-id id
XINFO CONSUMERS key group
XINFO GROUPS key
XINFO HELP
XINFO STREAM key [FULL [COUNT count]]
XLEN key
XNACK key group <SILENT | FAIL | FATAL> IDS numids id [id ...] [RETRYCOUNT count] [FORCE]
XPENDING key group [[IDLE min-idle-time] start end count [consumer]]
XRANGE key start end [COUNT count]
XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]
XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] [CLAIM min-idle-time] [MAXCOUNT count] [MAXSIZE bytes] STREAMS key [key ...] id [id ...]
XREVRANGE key end start [COUNT count]
XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]
XTRIM key [KEEPREF | DELREF | ACKED] <MAXLEN | MINID> [= | ~] threshold [LIMIT count]
`;

/** A part of a line. */
type Part =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "argument"; readonly text: string }
  /** One of these; `isOptional`: or none. */
  | {
      readonly kind: "choice";
      readonly text: string;
      readonly ways: Part[][];
      readonly isOptional: boolean;
    }
  /** Any number of these. */
  | { readonly kind: "repeated"; readonly text: string; readonly parts: Part[] };

/** What follows each command's name, by the name. */
let syntaxes: ReadonlyMap<string, string> | undefined;

function allSyntaxes(): ReadonlyMap<string, string> {
  syntaxes ??= new Map(
    LINES.trim()
      .split("\n")
      .map((line) => {
        const [, name = "", rest = ""] =
          /^([A-Z]+(?: (?!KEY)[A-Z-]+(?= |$))?) ?(.*)$/.exec(line) ?? [];
        // `XREAD STREAMS` is a command and its first word.
        const isContainer = CONTAINERS.has(name.split(" ")[0] ?? "");
        const [first = "", second] = name.split(" ");
        if (isContainer || second === undefined) return [name, rest] as const;
        return [first, `${second} ${rest}`.trim()] as const;
      }),
  );
  return syntaxes;
}

const CONTAINERS = new Set(
  "CLIENT COMMAND CONFIG EDDYLINE MEMORY OBJECT PUBSUB XGROUP XINFO".split(" "),
);

/** The names of all commands, those of subcommands with their container's: `XGROUP CREATE`. */
export function commandNames(): string[] {
  return [...allSyntaxes().keys()];
}

/** What follows the name of a command; `undefined` when there is none. */
export function syntaxOf(name: string): string | undefined {
  return allSyntaxes().get(name.toUpperCase());
}

/** How many words the command has at least, its name included. */
export function leastWords(name: string): number {
  return name.split(" ").length + least(parse(syntaxOf(name) ?? ""));
}

/** What is still to be typed behind this beginning of a line; nothing when that is not known. */
export function hintOf(line: string): string {
  const left = whatIsLeft(line);
  if (left === undefined || left.length === 0) return "";
  return `${/\s$/.test(line) ? "" : " "}${left.map(({ text }) => text).join(" ")}`;
}

/** The words of the grammar that the last word of the line may become. */
export function wordsThatFit(line: string): string[] {
  const typed = line.trimStart();
  const word = /\S*$/.exec(typed)?.[0] ?? "";
  const before = typed
    .slice(0, typed.length - word.length)
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const [container = ""] = before;
  const isName = before.length === 0;
  const isSub = before.length === 1 && CONTAINERS.has(container.toUpperCase());
  const words = isName
    ? commandNames().map((name) => name.split(" ")[0] as string)
    : isSub
      ? subcommands(container)
      : firstWords(whatIsLeft(`${before.join(" ")} `) ?? []);
  const inCase = word !== "" && word === word.toLowerCase() ? lower : same;
  const fitting = words.filter((one) => one.startsWith(word.toUpperCase()));
  return [...new Set(fitting)].map(inCase);
}

const lower = (text: string): string => text.toLowerCase();
const same = (text: string): string => text;

function subcommands(container: string): string[] {
  const start = `${container.toUpperCase()} `;
  return commandNames().flatMap((name) => (name.startsWith(start) ? name.slice(start.length) : []));
}

function whatIsLeft(line: string): Part[] | undefined {
  const words = line.trim().split(/\s+/);
  const upper = words.map((word) => word.toUpperCase());
  for (const length of [2, 1]) {
    const syntax = allSyntaxes().get(upper.slice(0, length).join(" "));
    if (syntax !== undefined && words.length >= length)
      return eat(parse(syntax), upper.slice(length)).left;
  }
  return undefined;
}

/** What is left of the parts when these words have been typed, and of the words. */
interface Eaten {
  readonly left: Part[];
  readonly words: readonly string[];
}

function eat(parts: readonly Part[], words: readonly string[]): Eaten {
  let rest = words;
  const optional: Part[] = [];
  for (const [at, part] of parts.entries()) {
    const following = parts.slice(at);
    if (rest.length === 0) return { left: [...optional, ...following], words: rest };
    if (isOptional(part)) {
      // Options come in any order: those that were passed over may still come.
      optional.push(part);
      const isLast = !parts[at + 1] || !isOptional(parts[at + 1] as Part);
      if (!isLast) continue;
      const eaten = eatOptions(optional.splice(0), rest);
      rest = eaten.words;
      if (rest.length === 0) return { left: [...eaten.left, ...parts.slice(at + 1)], words: rest };
      continue;
    }
    const eaten = eatOne(part, rest);
    if (eaten === undefined) return { left: [...following], words: rest };
    rest = eaten.words;
    if (eaten.left.length > 0)
      return { left: [...eaten.left, ...parts.slice(at + 1)], words: rest };
  }
  return { left: [], words: rest };
}

function isOptional(part: Part): boolean {
  return part.kind === "repeated" || (part.kind === "choice" && part.isOptional);
}

function eatOptions(options: readonly Part[], words: readonly string[]): Eaten {
  let left = [...options];
  let rest = words;
  while (rest.length > 0) {
    const part =
      left.find((one) => beginsWith(one, rest[0] as string)) ??
      left.find((one) => beginsWith(one, undefined));
    if (part === undefined) break;
    const eaten = eatOne(part, rest);
    if (eaten === undefined || eaten.words.length === rest.length) break;
    rest = eaten.words;
    // What may be repeated may come again; everything else was it.
    left = left.filter((one) => one !== part || part.kind === "repeated");
    if (eaten.left.length > 0) return { left: [...eaten.left, ...left], words: rest };
  }
  return { left, words: rest };
}

/** Whether the part may begin with this word; with `undefined`: with any word. */
function beginsWith(part: Part, word: string | undefined): boolean {
  switch (part.kind) {
    case "word":
      return part.text === word;
    case "argument":
      return word === undefined;
    case "repeated":
      return wayBeginsWith(part.parts, word);
    case "choice":
      return part.ways.some((way) => wayBeginsWith(way, word));
  }
}

function wayBeginsWith(way: readonly Part[], word: string | undefined): boolean {
  const required = way.findIndex((part) => !isOptional(part));
  const first = required < 0 ? way : way.slice(0, required + 1);
  return first.some((part) => beginsWith(part, word));
}

/** Eats one part; `undefined`: the words are something else. */
function eatOne(part: Part, words: readonly string[]): Eaten | undefined {
  const [word = ""] = words;
  if (part.kind === "argument") return { left: [], words: words.slice(1) };
  if (part.kind === "word")
    return part.text === word ? { left: [], words: words.slice(1) } : undefined;
  if (part.kind === "repeated") return eat(part.parts, words);
  const way =
    part.ways.find((one) => wayBeginsWith(one, word)) ??
    part.ways.find((one) => wayBeginsWith(one, undefined));
  return way === undefined ? undefined : eat(way, words);
}

/** The words that may come next. */
function firstWords(parts: readonly Part[]): string[] {
  const words: string[] = [];
  for (const part of parts) {
    words.push(...wordsOf(part));
    if (!isOptional(part)) break;
  }
  return words;
}

function wordsOf(part: Part): string[] {
  if (part.kind === "word") return [part.text];
  if (part.kind === "argument") return [];
  if (part.kind === "repeated") return firstWords(part.parts);
  return part.ways.flatMap(firstWords);
}

function least(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => {
    if (isOptional(part)) return sum;
    // Of several options that may be left out, one is there.
    return sum + (part.kind === "choice" ? Math.max(1, Math.min(...part.ways.map(least))) : 1);
  }, 0);
}

const parsed = new Map<string, Part[]>();

function parse(syntax: string): Part[] {
  const known = parsed.get(syntax);
  if (known !== undefined) return known;
  const tokens = syntax.match(/[[\]<>|]|[^\s[\]<>|]+/g) ?? [];
  const parts = parseParts(tokens, { at: 0 });
  parsed.set(syntax, parts);
  return parts;
}

function parseParts(tokens: readonly string[], place: { at: number }): Part[] {
  const parts: Part[] = [];
  for (;;) {
    const token = tokens[place.at];
    if (token === undefined || token === "]" || token === ">" || token === "|") return parts;
    place.at++;
    if (token === "[" || token === "<") parts.push(parseGroup(tokens, place, token === "["));
    else parts.push({ kind: /[a-z]/.test(token) ? "argument" : "word", text: token });
  }
}

/** What stands between brackets, after the first of them. */
function parseGroup(tokens: readonly string[], place: { at: number }, isOptional: boolean): Part {
  const ways = [parseParts(tokens, place)];
  while (tokens[place.at] === "|") {
    place.at++;
    ways.push(parseParts(tokens, place));
  }
  place.at++;
  const inner = ways.map((way) => way.map(({ text }) => text).join(" ")).join(" | ");
  const text = isOptional ? `[${inner}]` : `<${inner}>`;
  const [parts = []] = ways;
  if (parts.at(-1)?.text !== "...") return { kind: "choice", text, ways, isOptional };
  return { kind: "repeated", text, parts: parts.slice(0, -1) };
}
