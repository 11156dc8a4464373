"""What one's friends did, newest first, page by page."""

import os

import redis

FEED_LENGTH = 8
PAGE = 3

r = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True
)


def feed_key(user):
    return f"social:feed:{user}"


def followers_key(user):
    return f"social:followers:{user}"


def post(author, text):
    """Writes to the feed of every follower (fan-out on write)."""
    followers = sorted(r.smembers(followers_key(author)))
    with r.pipeline(transaction=True) as pipe:
        for follower in followers:
            activity = {"author": author, "text": text}
            pipe.xadd(feed_key(follower), activity, maxlen=FEED_LENGTH, approximate=False)
            pipe.hincrby("social:unread", follower, 1)
        pipe.execute()


def pages(user):
    """The pages of a user's feed; "(" continues before the last entry of the page before."""
    before = "+"
    while page := r.xrevrange(feed_key(user), max=before, min="-", count=PAGE):
        yield page
        before = f"({page[-1][0]}"


users = ["ada", "ben", "cho"]
r.delete("social:unread", *map(feed_key, users), *map(followers_key, users))
r.sadd(followers_key("ada"), "ben", "cho")
r.sadd(followers_key("ben"), "cho")

for number in range(1, 7):
    post("ada", f"photo {number}")
    post("ben", f"note {number}")
post("cho", "is anybody there?")

for user in users:
    unread = r.hget("social:unread", user) or 0
    print(f"{user}: {unread} unread, {r.xlen(feed_key(user))} in the feed")
for number, page in enumerate(pages("cho"), start=1):
    print(f"cho's page {number}: " + ", ".join(f"{a['author']}: {a['text']}" for _, a in page))

r.hdel("social:unread", "cho")
follows = r.sismember(followers_key("ada"), "cho")
print(f"cho read everything: {'no' if r.hget('social:unread', 'cho') else 'yes'}")
print(f"cho follows ada: {'yes' if follows else 'no'}, followers of ada: {r.scard(followers_key('ada'))}")
r.close()
