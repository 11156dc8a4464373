"""A sensor that writes readings and keeps about the newest thousand of them."""

import os

import redis

READINGS = "sensor:42:readings"
TOTALS = "sensor:42:totals"
KEEP = 1000
BATCH = 50
BATCHES = 61
DAY_S = 24 * 60 * 60

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)
r.delete(READINGS, TOTALS)

for batch in range(BATCHES):
    pipe = r.pipeline(transaction=False)
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        reading = {"number": number, "celsius": 18 + number % 7}
        # "~" lets the server trim when a whole node of the stream can go: much cheaper.
        pipe.xadd(READINGS, reading, maxlen=KEEP, approximate=True)
    pipe.hincrby(TOTALS, "readings", BATCH)
    pipe.hincrby(TOTALS, "batches", 1)
    pipe.expire(READINGS, DAY_S)
    pipe.execute()

totals = r.hgetall(TOTALS)
print(f"written: {totals['readings']} readings in {totals['batches']} batches")
print(f"kept by MAXLEN ~ {KEEP}: {r.xlen(READINGS)}")
print(f"removed by MAXLEN {KEEP // 2}: {r.xtrim(READINGS, maxlen=KEEP // 2, approximate=False)}")

_, oldest = r.xrange(READINGS, count=1)[0]
newest_id, newest = r.xrevrange(READINGS, count=1)[0]
print(f"oldest: reading {oldest['number']}, {oldest['celsius']} degrees")
print(f"newest: reading {newest['number']}, {newest['celsius']} degrees")

r.xtrim(READINGS, minid=newest_id, approximate=False)
print(f"kept by MINID of the newest: {r.xlen(READINGS)}")
print(f"expires within a day: {'yes' if 0 < r.ttl(READINGS) <= DAY_S else 'no'}")
r.close()
