"""A worker dies with work in its hands; another one takes over what it left."""

import os
import time

import redis

TASKS = "render:tasks"
GROUP = "renderers"
IDLE_MS = 50

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)


def read(consumer, count):
    [[_stream, entries]] = r.xreadgroup(GROUP, consumer, {TASKS: ">"}, count=count)
    return entries


def report(when):
    summary = r.xpending(TASKS, GROUP)
    left = ", ".join(f"{c['name']} {c['pending']}" for c in summary["consumers"])
    print(f"pending {when}: {summary['pending']}" + (f" ({left})" if left else ""))


r.delete(TASKS)
r.xgroup_create(TASKS, GROUP, id="$", mkstream=True)
for frame in range(1, 11):
    r.xadd(TASKS, {"frame": frame})

# The first worker takes six frames, finishes two and is never heard of again.
taken = read("worker-a", 6)
r.xack(TASKS, GROUP, *(entry_id for entry_id, _ in taken[:2]))
# Somebody cancels a frame that was in its hands.
r.xdel(TASKS, taken[3][0])

for entry_id, task in read("worker-b", 10):
    r.xack(TASKS, GROUP, entry_id)
    print(f"worker-b rendered frame {task['frame']}")
report("after the crash")

# The second worker looks for entries that nobody has touched for a while, two at a time.
time.sleep(2 * IDLE_MS / 1000)
cursor = "0-0"
while True:
    cursor, entries, deleted = r.xautoclaim(
        TASKS, GROUP, "worker-b", min_idle_time=IDLE_MS, start_id=cursor, count=2
    )
    for entry_id, task in entries:
        print(f"worker-b took over frame {task['frame']}")
        r.xack(TASKS, GROUP, entry_id)
    for entry_id in deleted:
        cancelled = entry_id == taken[3][0]
        print(f"a deleted entry was dropped, the cancelled one: {'yes' if cancelled else 'no'}")
    if cursor == "0-0":
        break
report("after the recovery")
print(f"worker-a left the group with {r.xgroup_delconsumer(TASKS, GROUP, 'worker-a')} pending")
r.close()
