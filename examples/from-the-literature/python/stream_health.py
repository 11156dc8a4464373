"""A monitor that looks at every stream, group and consumer and says what is wrong."""

import os

import redis

MOST_PENDING = 5
MOST_LAG = 3

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)


def prepare():
    """Three streams as they are met in the wild: one well, one behind, one stuck."""
    r.delete("health:orders", "health:emails", "health:images", "health:report")
    for stream, entries in [("orders", 12), ("emails", 12), ("images", 8)]:
        key = f"health:{stream}"
        r.xgroup_create(key, "workers", id="0", mkstream=True)
        for number in range(entries):
            r.xadd(key, {"number": number})
    for entry_id, _ in read("health:orders", "w1", 12):
        r.xack("health:orders", "workers", entry_id)
    for entry_id, _ in read("health:emails", "w1", 4):
        r.xack("health:emails", "workers", entry_id)
    read("health:images", "w1", 6)
    read("health:images", "w2", 2)
    r.xgroup_create("health:images", "nobody", id="$")
    r.set("health:not-a-stream", "and never shown", ex=60)


def read(key, consumer, count):
    [[_stream, entries]] = r.xreadgroup("workers", consumer, {key: ">"}, count=count)
    return entries


def look_at(key):
    """Prints what a stream's state is; returns the warnings."""
    warnings = []
    stream = r.xinfo_stream(key)
    print(f"{key}: {stream['length']} entries, {stream['groups']} groups")
    first, last = stream["first-entry"][1], stream["last-entry"][1]
    print(f"  from number {first['number']} to number {last['number']}")
    for group in r.xinfo_groups(key):
        name, pending, lag = group["name"], group["pending"], group["lag"]
        print(f"  {name}: {group['consumers']} consumers, {pending} pending, lag {lag}")
        if lag > MOST_LAG:
            warnings.append(f"{key}/{name} is {lag} entries behind")
        if pending > MOST_PENDING:
            warnings.append(f"{key}/{name} has {pending} pending")
        if group["consumers"] == 0:
            warnings.append(f"{key}/{name} has no consumer")
        for consumer in r.xinfo_consumers(key, name):
            print(f"    {consumer['name']}: {consumer['pending']} pending")
    return warnings


prepare()
keys = sorted(r.scan_iter(match="health:*", _type="stream"))
warnings = [warning for key in keys for warning in look_at(key)]
for warning in warnings:
    print(f"WARNING {warning}")

r.hset("health:report", mapping={"streams": len(keys), "warnings": len(warnings)})
r.expire("health:report", 3600)
report = r.hgetall("health:report")
print(f"report: {report['streams']} streams, {report['warnings']} warnings")
r.close()
