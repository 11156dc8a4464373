"""An account whose truth is the log of what happened: replayed, checked, and continued."""

import os

import redis

LOG = "bank:account:7:log"
SNAPSHOT = "bank:account:7:snapshot"
PAGE = 10

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)


def replay(after="0-0", until=None):
    """All events after an ID, a page at a time."""
    seen = 0
    while page := r.xrange(LOG, min=f"({after}", max="+", count=PAGE):
        for entry_id, event in page:
            if until is not None and seen == until:
                return
            seen += 1
            yield entry_id, event
        after = page[-1][0]


def balance_of(events, start=0):
    signs = {"deposit": 1, "withdraw": -1}
    return start + sum(signs[event["type"]] * int(event["cents"]) for _, event in events)


def withdraw(cents):
    """Appends only if nobody else has appended since we looked (optimistic locking)."""
    with r.pipeline() as pipe:
        while True:
            try:
                pipe.watch(LOG)
                if balance_of(replay()) < cents:
                    return "refused"
                pipe.multi()
                pipe.xadd(LOG, {"type": "withdraw", "cents": cents})
                pipe.execute()
                return "done"
            except redis.WatchError:
                continue


def lose_a_race():
    """What WATCH is for: another client appends between our look and our EXEC."""
    with r.pipeline() as pipe:
        pipe.watch(LOG)
        r.xadd(LOG, {"type": "deposit", "cents": 1})
        pipe.multi()
        pipe.xadd(LOG, {"type": "withdraw", "cents": 1})
        try:
            pipe.execute()
            return "not noticed"
        except redis.WatchError:
            return "noticed"


r.delete(LOG, SNAPSHOT)
for number in range(1, 26):
    kind = "withdraw" if number % 5 == 0 else "deposit"
    r.xadd(LOG, {"type": kind, "cents": 10 * number})

print(f"events: {r.xlen(LOG)}, balance: {balance_of(replay())}")
print(f"balance after the first 12 events: {balance_of(replay(until=12))}")

last_id = r.xinfo_stream(LOG)["last-generated-id"]
r.hset(SNAPSHOT, mapping={"balance": balance_of(replay()), "last-id": last_id})

print(f"withdraw 100000: {withdraw(100000)}")
print(f"withdraw 500: {withdraw(500)}")
print(f"a write in between is {lose_a_race()}")

snapshot = r.hgetall(SNAPSHOT)
since = list(replay(after=snapshot["last-id"]))
continued = balance_of(since, start=int(snapshot["balance"]))
print(f"from the snapshot: {len(since)} events since, balance: {continued}")
print(f"the whole log agrees: {'yes' if continued == balance_of(replay()) else 'no'}")
r.close()
