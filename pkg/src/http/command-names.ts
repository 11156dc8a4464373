/**
 * What a token may name: the commands of the engine, their subcommands, and their categories. The
 * engine itself is not at hand where tokens are made; a test compares.
 */

const COMMANDS =
  "auth blpop brpop client command config copy dbsize decr decrby del discard dump echo eddyline exec exists expire expireat expiretime flushall flushdb get getdel hdel hello hget hgetall hincrby hlen hmget hset incr incrby info keys llen lpop lpush lrange memory mget move multi object persist pexpire pexpireat pexpiretime ping psubscribe pttl publish pubsub punsubscribe quit rename renamenx reset restore rpop rpush sadd scan scard select set setex setnx shutdown sismember smembers srem strlen subscribe swapdb time ttl type unlink unsubscribe unwatch watch xack xackdel xadd xautoclaim xcfgset xclaim xdel xdelex xgroup xidmprecord xinfo xlen xnack xpending xrange xread xreadgroup xrevrange xsetid xtrim";

const SUBCOMMANDS: Readonly<Record<string, string>> = {
  client: "getname help id info kill list no-evict no-touch setinfo setname unblock",
  command: "count docs getkeys help info list",
  config: "get help resetstat set",
  eddyline: "abort commit export help import read receive write",
  memory: "help usage",
  object: "encoding help",
  pubsub: "channels help numpat numsub",
  xgroup: "create createconsumer delconsumer destroy help setid",
  xinfo: "consumers groups help stream",
};

const CATEGORIES = "all read write pubsub admin blocking connection transaction";

/** Every name: `xadd`, `xgroup|create`, `@read`. */
export const COMMAND_NAMES: ReadonlySet<string> = new Set([
  ...COMMANDS.split(" "),
  ...Object.entries(SUBCOMMANDS).flatMap(([name, own]) =>
    own.split(" ").map((subcommand) => `${name}|${subcommand}`),
  ),
  ...CATEGORIES.split(" ").map((category) => `@${category}`),
]);
