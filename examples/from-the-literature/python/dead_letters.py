"""Messages that fail again and again are moved to a dead-letter stream."""

import os

import redis

EMAILS = "mail:outbox"
DEAD = "mail:outbox:dead"
ALERTS = "mail:alerts"
STATS = "mail:stats"
GROUP = "senders"
MOST_DELIVERIES = 3

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)


def send(email):
    if "@" not in email["to"]:
        raise ValueError(f"{email['to']} is no address")


def attempt(entries):
    for entry_id, email in entries:
        try:
            send(email)
            r.xack(EMAILS, GROUP, entry_id)
            r.hincrby(STATS, "sent", 1)
        except ValueError:
            # Not acknowledged: it stays pending and will be claimed and tried again.
            r.hincrby(STATS, "failures", 1)


def move_dead_letters():
    """Moves what was delivered too often; returns how many."""
    pending = r.xpending_range(EMAILS, GROUP, min="-", max="+", count=100)
    dead = [one for one in pending if one["times_delivered"] >= MOST_DELIVERIES]
    for one in dead:
        entry_id = one["message_id"]
        [(_, email)] = r.xrange(EMAILS, min=entry_id, max=entry_id)
        with r.pipeline(transaction=True) as pipe:
            letter = {**email, "deliveries": one["times_delivered"], "consumer": one["consumer"]}
            pipe.xadd(DEAD, letter, maxlen=1000)
            pipe.xack(EMAILS, GROUP, entry_id)
            pipe.xdel(EMAILS, entry_id)
            pipe.lpush(ALERTS, f"gave up on {email['to']}")
            pipe.execute()
    return len(dead)


r.delete(EMAILS, DEAD, ALERTS, STATS)
r.xgroup_create(EMAILS, GROUP, id="0", mkstream=True)
for to in ["ada@example.com", "nobody", "ben@example.com", "cho@example.com", "nowhere"]:
    r.xadd(EMAILS, {"to": to, "subject": "hello"})

for _stream, entries in r.xreadgroup(GROUP, "sender-1", {EMAILS: ">"}, count=10):
    attempt(entries)
rounds = 1
moved = move_dead_letters()
while r.xpending(EMAILS, GROUP)["pending"] > 0:
    _cursor, entries, _deleted = r.xautoclaim(EMAILS, GROUP, "sender-2", min_idle_time=0)
    attempt(entries)
    rounds += 1
    moved += move_dead_letters()

stats = r.hgetall(STATS)
print(f"rounds: {rounds}, sent: {stats['sent']}, failures: {stats['failures']}, moved: {moved}")
for _entry_id, letter in r.xrange(DEAD):
    print(f"dead: {letter['to']} after {letter['deliveries']} deliveries, last to {letter['consumer']}")
while alert := r.rpop(ALERTS):
    print(f"alert: {alert}")
print(f"left in the outbox: {r.xlen(EMAILS)}")
r.close()
