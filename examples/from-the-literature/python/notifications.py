"""Notifications: PUBLISH reaches who is there, the stream keeps them for who is not."""

import os

import redis

USER = "ada"
INBOX = f"notify:inbox:{USER}"
CHANNEL = f"notify:live:{USER}"
LAST_SEEN = f"notify:last-seen:{USER}"
WAIT_S = 5

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)


def notify(text):
    """Stores and announces a notification; returns how many heard of it at once."""
    with r.pipeline(transaction=True) as pipe:
        pipe.xadd(INBOX, {"text": text}, maxlen=100)
        pipe.publish(CHANNEL, text)
        _entry_id, receivers = pipe.execute()
    return receivers


def catch_up():
    """What came since the user was last here."""
    last_seen = r.get(LAST_SEEN) or "0-0"
    entries = r.xrange(INBOX, min=f"({last_seen}")
    if entries:
        r.set(LAST_SEEN, entries[-1][0], ex=3600)
    return [message["text"] for _, message in entries]


def next_message(pubsub):
    message = pubsub.get_message(timeout=WAIT_S)
    if message is None:
        raise TimeoutError("no message came")
    return message


r.delete(INBOX, LAST_SEEN)
for text in ["your parcel was sent", "your parcel is near"]:
    print(f"{USER} is away, {notify(text)} heard: {text}")

# Subscribe first, then catch up: so nothing falls in between.
pubsub = r.pubsub()
pubsub.subscribe(CHANNEL)
pubsub.psubscribe("notify:live:*")
for _ in range(2):
    next_message(pubsub)  # the confirmations
for text in catch_up():
    print(f"{USER} missed: {text}")

for text in ["your parcel is here", "was everything all right?"]:
    print(f"{USER} is here, {notify(text)} heard: {text}")
    for _ in range(2):
        message = next_message(pubsub)
        print(f"  {message['type']}: {message['data']}")
pubsub.unsubscribe(CHANNEL)
pubsub.punsubscribe("notify:live:*")
for _ in range(2):
    next_message(pubsub)
pubsub.close()

print(f"{USER} is away again, {notify('how was it?')} heard: how was it?")
print(f"in the inbox since: {', '.join(catch_up())}")
print(f"nothing left: {'yes' if catch_up() == [] else 'no'}")
r.close()
