/** The commands that are methods: all that there are, those that are refused here too. */

/** Commands of the engine. */
const OURS =
  "auth blpop brpop client command config copy dbsize decr decrby del discard dump echo exec exists " +
  "expire expireat expiretime flushall flushdb get getdel hdel hello hget hgetall hincrby hlen hmget hset incr " +
  "incrby info keys llen lpop lpush lrange mget move object persist pexpire pexpireat pexpiretime ping " +
  "psubscribe pttl publish pubsub punsubscribe quit rename renamenx reset restore rpop rpush sadd scan " +
  "scard select set setex setnx shutdown sismember smembers srem strlen subscribe swapdb time ttl type " +
  "unlink unsubscribe unwatch watch xack xackdel xadd xautoclaim xcfgset xclaim xdel xdelex xgroup " +
  "xidmprecord xinfo xlen xnack xpending xrange xread xreadgroup xrevrange xsetid xtrim";

/** Commands of Redis that the engine refuses by their name, which says more than a missing method. */
const OTHERS =
  "acl append bgrewriteaof bgsave bitcount bitfield bitop bitpos blmove blmpop bzmpop bzpopmax " +
  "bzpopmin cluster debug eval eval_ro evalsha evalsha_ro failover fcall fcall_ro function geoadd geodist " +
  "geohash geopos geosearch geosearchstore getbit getex getrange getset hexists hexpire hincrbyfloat " +
  "hkeys hmset hpexpire hpttl hrandfield hscan hsetnx hstrlen httl hvals incrbyfloat lastsave " +
  "latency lcs lindex linsert lmove lmpop lpos lpushx lrem lset ltrim memory migrate module mset " +
  "msetnx pfadd pfcount pfmerge psetex psync randomkey readonly readwrite replicaof role rpoplpush " +
  "rpushx save script sdiff sdiffstore setbit setrange sinter sintercard sinterstore slowlog smismember " +
  "smove sort sort_ro spop spublish srandmember sscan ssubscribe sunion sunionstore sunsubscribe " +
  "touch wait zadd zcard zcount zdiff zincrby zinter zinterstore zmscore zpopmax zpopmin zrandmember " +
  "zrange zrangebylex zrangebyscore zrangestore zrank zrem zremrangebylex zremrangebyrank " +
  "zremrangebyscore zrevrange zrevrangebyscore zrevrank zscan zscore zunion zunionstore";

/** Their names, as ioredis has them. */
export const names: readonly string[] = `${OURS} ${OTHERS}`.split(" ");
