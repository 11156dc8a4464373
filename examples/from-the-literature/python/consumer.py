"""Two services that each process every order once, although some orders come twice."""

import os
import threading

import redis

ORDERS = "shop:orders"
SERVICES = ["billing", "shipping"]
DEDUPE_S = 60 * 60

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)


def totals_key(service):
    return f"shop:{service}:totals"


def create_group(service):
    try:
        r.xgroup_create(ORDERS, service, id="0", mkstream=True)
    except redis.ResponseError as error:
        # The group may have been made by the run before: that is fine.
        if not str(error).startswith("BUSYGROUP"):
            raise


def process(service, order):
    """Counts an order unless the service has seen it before."""
    first = r.set(f"shop:{service}:seen:{order['number']}", 1, nx=True, ex=DEDUPE_S)
    if not first:
        r.hincrby(totals_key(service), "duplicates", 1)
        return
    r.hincrby(totals_key(service), "orders", 1)
    r.hincrby(totals_key(service), "cents", int(order["cents"]))


def consume(service):
    while True:
        reply = r.xreadgroup(service, "worker-1", {ORDERS: ">"}, count=4, block=5000)
        for _stream, entries in reply or []:
            for entry_id, order in entries:
                if order.get("type") == "end":
                    r.xack(ORDERS, service, entry_id)
                    return
                process(service, order)
                r.xack(ORDERS, service, entry_id)


def produce():
    for number in range(1, 21):
        order = {"number": number, "cents": 100 + 7 * number}
        r.xadd(ORDERS, order)
        if number % 5 == 0:
            # The network failed, the shop tried again: the same order once more.
            r.xadd(ORDERS, order)
    r.xadd(ORDERS, {"type": "end"})


r.delete(ORDERS, *map(totals_key, SERVICES))
for key in r.scan_iter(match="shop:*:seen:*"):
    r.delete(key)
for service in SERVICES:
    create_group(service)
create_group("billing")

workers = [threading.Thread(target=consume, args=[service]) for service in SERVICES]
for worker in workers:
    worker.start()
produce()
for worker in workers:
    worker.join()

print(f"entries in the stream: {r.xlen(ORDERS)}")
for service in SERVICES:
    totals = r.hgetall(totals_key(service))
    print(
        f"{service}: {totals['orders']} orders for {totals['cents']} cents,"
        f" {totals['duplicates']} duplicates,"
        f" {r.xpending(ORDERS, service)['pending']} pending"
    )
r.close()
