"""Conversations over redis-py: every stream method it has, and what surrounds them."""

import sys

import redis
from party import fill, main, settle


async def appends(party):
    r, tell = party.r, party.tell
    await tell("xadd", r.xadd, "s", {"a": "1"}, id="1-1")
    await tell("xadd numbers", r.xadd, "s", {"a": 1, "b": 2.5}, id="1-2")
    await tell("xadd ms-*", r.xadd, "s", {"a": 1}, id="1-*")
    await tell("xadd maxlen", r.xadd, "s", {"a": 1}, id="2-1", maxlen=2, approximate=False)
    await tell("xadd maxlen ~", r.xadd, "s", {"a": 1}, id="2-2", maxlen=2)
    await tell("xadd minid", r.xadd, "s", {"a": 1}, id="2-3", minid="2-2", approximate=False)
    await tell("xadd limit", r.xadd, "s", {"a": 1}, id="2-4", minid="2-3", limit=5)
    await tell("xadd nomkstream", r.xadd, "none", {"a": 1}, nomkstream=True)
    await tell("xadd ref_policy", r.xadd, "s", {"a": 1}, id="2-5", maxlen=9, ref_policy="KEEPREF")
    await tell("xadd bytes", r.xadd, b"\x00\r\n\xff", {bytes(range(256)): b"\xff\x00"}, id="1-1")
    if not party.options["decode_responses"]:
        await tell("xrange of bytes", r.xrange, b"\x00\r\n\xff")
    await tell("xadd unicode", r.xadd, "é", {"žluť": "🦦"}, id="1-1")
    await tell("xrange of unicode", r.xrange, "é")
    await tell("xadd too small", r.xadd, "s", {"a": 1}, id="1-1")
    await tell("xadd 0-0", r.xadd, "s", {"a": 1}, id="0-0")
    await tell("xadd of nothing", r.xadd, "s", {})
    await tell("set", r.set, "str", "x")
    await tell("xadd to a string", r.xadd, "str", {"a": 1})
    await tell("xlen", r.xlen, "s")
    await tell("xrange", r.xrange, "s")


async def ranges(party):
    r, tell = party.r, party.tell
    await fill(r)
    await tell("xrange", r.xrange, "s")
    await tell("xrange count", r.xrange, "s", min="2", max="4", count=2)
    await tell("xrange (", r.xrange, "s", min="(2-1", max="(4-1")
    await tell("xrange of nothing", r.xrange, "none")
    await tell("xrange of no id", r.xrange, "s", min="x")
    await tell("xrevrange", r.xrevrange, "s", count=2)
    await tell("xrevrange bounds", r.xrevrange, "s", max="4", min="2")
    await tell("xdel", r.xdel, "s", "2-1", "9-9")
    await tell("xdelex", r.xdelex, "s", "3-1", "9-9", ref_policy="DELREF")
    await tell("xtrim maxlen", r.xtrim, "s", maxlen=2, approximate=False)
    await tell("xtrim minid", r.xtrim, "s", minid="5-1", approximate=False)
    await tell("xtrim ~", r.xtrim, "s", maxlen=0, limit=100, ref_policy="KEEPREF")
    await tell("xlen", r.xlen, "s")
    await tell("xinfo_stream", r.xinfo_stream, "s")
    await tell("xinfo_stream of nothing", r.xinfo_stream, "none")
    await tell("xsetid", r.execute_command, "XSETID", "s", "9-9")


async def reads(party):
    r, tell = party.r, party.tell
    await fill(r, "a")
    await fill(r, "b")
    await tell("xread", r.xread, {"a": "0"})
    await tell("xread count", r.xread, {"a": "3-1", "b": "0"}, count=2)
    await tell("xread nothing", r.xread, {"a": "$"})
    await tell("xread +", r.xread, {"a": "+"})
    await tell("xread block in vain", r.xread, {"a": "$"}, block=20)
    await tell("xread block with data", r.xread, {"a": "4"}, block=5000)
    waits = party.begin(party.another().xread, {"a": "$", "b": "$"}, count=1, block=5000)
    await party.until_blocked(1)
    await settle(r.xadd("b", {"n": 6}, id="6-1"))
    party.say("xread block served", await waits)
    reader = party.another(single_connection_client=True)
    await settle(reader.ping())
    identity = await settle(reader.client_id())
    waits = party.begin(reader.xread, {"a": "$"}, block=0)
    await party.until_blocked(1)
    await tell("client_unblock", r.client_unblock, identity, error=True)
    party.say("xread unblocked", await outcome(waits))
    # The client gives up before the server does; its next command gets its own answer.
    hasty = party.another(socket_timeout=0.2, retry=None, single_connection_client=True)
    await tell("xread longer than the client waits", hasty.xread, {"a": "$"}, block=60_000)
    await tell("the next command", hasty.xlen, "a")


async def groups(party):
    r, tell = party.r, party.tell
    await fill(r)
    await tell("xgroup_create", r.xgroup_create, "s", "g", id="0")
    await tell("xgroup_create again", r.xgroup_create, "s", "g", id="0")
    await tell("xgroup_create mkstream", r.xgroup_create, "new", "g", mkstream=True)
    await tell("xgroup_create without", r.xgroup_create, "none", "g")
    await tell("xgroup_create entries_read", r.xgroup_create, "s", "h", id="2", entries_read=2)
    await tell("xgroup_createconsumer", r.xgroup_createconsumer, "s", "g", "ana")
    await tell("xreadgroup", r.xreadgroup, "g", "ana", {"s": ">"}, count=2)
    await tell("xreadgroup more", r.xreadgroup, "g", "ana", {"s": ">"}, count=2)
    await tell("xreadgroup noack", r.xreadgroup, "g", "ben", {"s": ">"}, noack=True)
    await tell("xreadgroup block in vain", r.xreadgroup, "g", "ben", {"s": ">"}, block=20)
    await tell("xdel", r.xdel, "s", "2-1")
    await tell("xreadgroup history", r.xreadgroup, "g", "ana", {"s": "0"})
    await tell("xack", r.xack, "s", "g", "1-1", "9-9")
    await tell("xgroup_setid", r.xgroup_setid, "s", "g", "4-1", entries_read=4)
    await tell("xinfo_groups", r.xinfo_groups, "s")
    await tell("xinfo_consumers", r.xinfo_consumers, "s", "g")
    await tell("xinfo_stream full", r.xinfo_stream, "s", full=True)
    await tell("xgroup_delconsumer", r.xgroup_delconsumer, "s", "g", "ana")
    await tell("xgroup_destroy", r.xgroup_destroy, "s", "g")
    await tell("xgroup_destroy again", r.xgroup_destroy, "s", "g")
    await tell("xreadgroup without", r.xreadgroup, "g", "ana", {"s": ">"})
    await tell("xinfo_consumers without", r.xinfo_consumers, "s", "g")
    waits = party.begin(party.another().xreadgroup, "g", "ana", {"new": ">"}, block=5000)
    await party.until_blocked(1)
    await settle(r.xgroup_destroy("new", "g"))
    party.say("xreadgroup whose group goes", await outcome(waits))


async def pending(party):
    r, tell = party.r, party.tell
    await fill(r)
    await settle(r.xgroup_create("s", "g", id="0"))
    await tell("xpending of none", r.xpending, "s", "g")
    await settle(r.xreadgroup("g", "ana", {"s": ">"}, count=4))
    await tell("xpending", r.xpending, "s", "g")
    everything = {"min": "-", "max": "+", "count": 10}
    await tell("xpending_range", r.xpending_range, "s", "g", **everything)
    await tell("xpending_range of one", r.xpending_range, "s", "g", consumername="ben", **everything)
    await tell("xpending_range idle", r.xpending_range, "s", "g", idle=60_000, **everything)
    await tell("xclaim", r.xclaim, "s", "g", "ben", 0, ["1-1", "9-9"])
    await tell("xclaim justid", r.xclaim, "s", "g", "ben", 0, ["2-1"], justid=True)
    await tell("xclaim all", r.xclaim, "s", "g", "ben", 0, ["3-1"], idle=5, retrycount=7)
    await tell("xclaim force", r.xclaim, "s", "g", "cho", 0, ["5-1"], force=True)
    await tell("xclaim time", r.xclaim, "s", "g", "cho", 0, ["4-1"], time=1)
    await tell("xclaim too young", r.xclaim, "s", "g", "cho", 60_000, ["1-1"])
    await tell("xpending_range after", r.xpending_range, "s", "g", **everything)
    await tell("xdel", r.xdel, "s", "2-1")
    await tell("xautoclaim", r.xautoclaim, "s", "g", "dan", 0, count=3)
    await tell("xautoclaim justid", r.xautoclaim, "s", "g", "dan", 0, start_id="4", justid=True)
    await tell("xackdel", r.xackdel, "s", "g", "1-1", "9-9", ref_policy="DELREF")
    await tell("xpending after", r.xpending, "s", "g")
    await tell("xclaim without", r.xclaim, "s", "nog", "cho", 0, ["1-1"])


async def transactions(party):
    r, tell = party.r, party.tell
    pipe = r.pipeline(transaction=False)
    for n in range(1, 1001):
        pipe.xadd("s", {"n": n}, id=f"{n}-1")
    replies = await settle(pipe.execute())
    party.say("a long pipeline", [len(replies), replies[0], replies[-1]])
    pipe = r.pipeline()
    pipe.xlen("s")
    pipe.xadd("s", {"a": 1}, id="1-1")
    pipe.xlen("s")
    await tell("a transaction with an error", pipe.execute, raise_on_error=False)
    pipe.xadd("s", {"a": 1}, id="1-1")
    await tell("which raises", pipe.execute)
    pipe.execute_command("XADD", "s")
    await tell("a broken command", pipe.execute)
    await settle(pipe.watch("s"))
    await tell("at once after watch", pipe.xlen, "s")
    await settle(r.xadd("s", {"a": 1}, id="2000-1"))
    pipe.multi()
    pipe.xlen("s")
    await tell("after a watched change", pipe.execute)
    await settle(pipe.watch("s"))
    await tell("unwatch", pipe.unwatch)
    await tell("transaction", r.transaction, lambda pipe: pipe.xlen("s"), "s")


async def pubsub(party):
    r, tell = party.r, party.tell
    pubsub = party.another().pubsub()
    await settle(pubsub.subscribe("news", "sport"))
    await settle(pubsub.psubscribe("n*"))
    for _ in range(3):
        await tell("confirmed", pubsub.get_message, timeout=10)
    await tell("publish", r.publish, "news", "it rains")
    for _ in range(2):
        await tell("heard", pubsub.get_message, timeout=10)
    await settle(pubsub.ping())
    await tell("pong", pubsub.get_message, timeout=10)
    await tell("pubsub_numsub", r.pubsub_numsub, "news", "sport")
    await settle(pubsub.unsubscribe())
    await settle(pubsub.punsubscribe())
    left = [await settle(pubsub.get_message(timeout=10)) for _ in range(3)]
    party.say("left, in any order", sorted(str(message["channel"]) for message in left))
    await settle(pubsub.close() if party.sync else pubsub.aclose())


async def around(party):
    r, tell = party.r, party.tell
    await tell("ping", r.ping)
    await tell("echo", r.echo, "hello")
    await fill(r)
    await tell("type", r.type, "s")
    await tell("exists", r.exists, "s", "none")
    await tell("keys", r.keys, "*")
    await tell("dbsize", r.dbsize)
    await tell("expire", r.expire, "s", 100)
    await tell("ttl", r.ttl, "s")
    await tell("persist", r.persist, "s")
    await tell("copy", r.copy, "s", "t")
    await tell("rename", r.rename, "t", "u")
    await tell("object", r.object, "encoding", "s")
    _cursor, found = await settle(r.scan(_type="stream", count=100))
    party.say("scan", sorted(found))
    await tell("time", lambda: settle_length(r.time()))
    await tell("client_setname", r.client_setname, "a-test")
    await tell("client_getname", r.client_getname)
    await tell("client_info", lambda: settle_info(r.client_info()))
    limits = await settle(r.config_get("stream-node-max-*"))
    party.say("config_get", sorted(limits.items()))
    await tell("config_set", r.config_set, "stream-node-max-entries", 50)
    await tell("config_get one", r.config_get, "stream-node-max-entries")
    await tell("config_set back", r.config_set, "stream-node-max-entries", 100)
    await tell("config_set of nothing", r.config_set, "no-such", 1)
    await tell("an unknown command", r.execute_command, "FOO", "a")
    await tell("wrong number of arguments", r.execute_command, "XLEN")
    await tell("delete", r.delete, "s", "none")
    await tell("set", r.set, "k", "v", ex=100, nx=True)
    await tell("set nx", r.set, "k", "w", nx=True)
    await tell("get", r.get, "k")
    await tell("incr", r.incr, "n")
    await tell("incr of a text", r.incr, "k")
    await tell("hset", r.hset, "h", mapping={"a": 1, "b": 2})
    await tell("hgetall", r.hgetall, "h")
    await tell("hincrby", r.hincrby, "h", "a", 5)
    await tell("sadd", r.sadd, "set", "x", "y")
    await tell("smembers", r.smembers, "set")
    await tell("lpush", r.lpush, "list", "x", "y")
    await tell("blpop", r.blpop, ["list"], timeout=1)
    await tell("rpop", r.rpop, "list")
    await tell("flushdb", r.flushdb)
    await tell("flushall", r.flushall)
    await tell("select", party.another(db=5).dbsize)
    await tell("a password that nobody asked for", party.another(password="secret").ping)
    await settle(r.config_set("requirepass", "secret"))
    try:
        await tell("no password", party.another().ping)
        await tell("a password", party.another(password="secret").ping)
        await tell("a wrong password", party.another(password="wrong").ping)
    finally:
        await settle(r.config_set("requirepass", ""))


async def newer(party):
    r, tell = party.r, party.tell

    async def twice(**idempotent):
        first = await settle(r.xadd("i", {"a": 1}, **idempotent))
        return first == await settle(r.xadd("i", {"a": 1}, **idempotent))

    await tell("xadd idmp twice is one id", twice, idmp=("p", b"1"))
    await tell("xadd idmpauto twice is one id", twice, idmpauto="q")
    await tell("xlen", r.xlen, "i")
    await tell("xcfgset", r.xcfgset, "i", idmp_duration=60, idmp_maxsize=50)
    await fill(r)
    await settle(r.xgroup_create("s", "g", id="0"))
    await settle(r.xreadgroup("g", "ana", {"s": ">"}, count=3))
    await tell("xnack fail", r.xnack, "s", "g", "FAIL", "1-1", "2-1")
    await tell("xnack silent", r.xnack, "s", "g", "SILENT", "3-1")
    await tell("xnack force", r.xnack, "s", "g", "FAIL", "5-1", retrycount=9, force=True)
    rows = await settle(r.xpending_range("s", "g", min="-", max="+", count=10))
    party.say("xpending_range", [list(row.values()) for row in rows])
    claims = r.xreadgroup("g", "ben", {"s": ">"}, count=2, claim_min_idle_time=0)
    party.say("xreadgroup claim", [entry[:2] for entry in entries(await settle(claims), "s")])
    both = {"i": "0", "s": "3-1"}
    for what, limit in [("max_count", {"max_count": 3}), ("max_size", {"max_size": 1})]:
        reply = await settle(r.xread(both, **limit))
        party.say(f"xread {what}", [len(entries(reply, key)) for key in both])


def entries(reply, key):
    """The entries of one stream in a reply of XREAD, which is a list in RESP2 and a dict in RESP3."""
    if not isinstance(reply, dict):
        return dict((name, rows) for name, rows in reply).get(key, [])
    return [entry for batch in reply.get(key, []) for entry in batch]


async def settle_length(answer):
    return len(await settle(answer))


async def settle_info(answer):
    info = await settle(answer)
    return [info["name"], info["db"], info["cmd"], info["lib-name"][:8]]


async def outcome(task):
    try:
        return await task
    except redis.RedisError as error:
        return error


main({one.__name__: one for one in [
    appends, ranges, reads, groups, pending, transactions, pubsub, around, newer,
]}, sys.argv[1:])
