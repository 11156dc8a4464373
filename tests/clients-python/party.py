"""What a conversation over redis-py has at hand: connections, sync or asyncio, and a transcript.

Each answer is one line on stdout, in JSON: the conversation, what was asked, and the answer as
Python shows it.
"""

import asyncio
import inspect
import json
import re
import time

import redis
import redis.asyncio

WAIT_S = 10
# Names in XINFO whose numbers are times, or details of a tree that Eddyline has not (compat.md).
UNSTEADY = {"idle", "inactive", "seen-time", "active-time", "radix-tree-nodes"}
# Names in XINFO that 8.6 and 8.8 added.
NEWER = {
    *["idmp-duration", "idmp-maxsize", "pids-tracked", "iids-tracked", "iids-added"],
    *["iids-duplicates", "nacked-count"],
}
# Names under which a time since delivery stands.
DELIVERED = {"time_since_delivered"}
A_TIME_MS = 1e12


class Party:
    def __init__(self, title, url, flavour, options):
        self.title = title
        self.url = url
        self.sync = flavour == "sync"
        self.options = options
        self.all = []
        self.r = self.another()

    def another(self, **more):
        """One more client, with connections of its own."""
        kind = redis.Redis if self.sync else redis.asyncio.Redis
        client = kind.from_url(self.url, **{"socket_timeout": WAIT_S, **self.options, **more})
        self.all.append(client)
        return client

    async def close(self):
        for client in self.all:
            await settle(client.close() if self.sync else client.aclose())

    async def tell(self, what, call, *args, **kwargs):
        """Calls, and writes down the answer or the error in its place."""
        try:
            answer = await settle(call(*args, **kwargs))
        except (redis.RedisError, ValueError) as error:
            answer = error
        self.say(what, answer)

    def say(self, what, answer):
        print(json.dumps([self.title, what, repr(steady(answer))]), flush=True)

    def begin(self, call, *args, **kwargs):
        """Starts a call that waits, beside the others; awaiting what is returned gives its answer."""
        if self.sync:
            return asyncio.create_task(asyncio.to_thread(call, *args, **kwargs))
        return asyncio.create_task(call(*args, **kwargs))

    async def until_blocked(self, count):
        await self.until(lambda info: info["blocked_clients"] >= count, "clients")

    async def until(self, holds, section):
        deadline = time.monotonic() + WAIT_S
        while not holds(await settle(self.r.info(section))):
            assert time.monotonic() < deadline, "it did not come to pass"
            await asyncio.sleep(0.02)


async def settle(answer):
    """The answer of a sync client as it is, that of an asyncio client awaited."""
    return await answer if inspect.isawaitable(answer) else answer


def steady(value):
    """An answer without what differs from one run to the next, or between Redis 8.2 and 8.8."""
    if isinstance(value, Exception):
        # The text may name the server's address.
        return f"{type(value).__name__}: {re.sub(r'127.0.0.1:[0-9]+', 'the server', str(value))}"
    if isinstance(value, dict):
        pairs = [(name, item) for name, item in value.items() if text(name) not in NEWER]
        return {name: masked(item) if is_unsteady(name) else steady(item) for name, item in pairs}
    if isinstance(value, (list, tuple)):
        return type(value)(map(steady, value))
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if type(value) is int and value > A_TIME_MS:
        return "a time"
    return value


def is_unsteady(name):
    return text(name) in UNSTEADY | DELIVERED


def masked(value):
    """-1, for what never was, stays."""
    return "masked" if isinstance(value, int) and value >= 0 else value


def text(name):
    return name.decode("latin-1") if isinstance(name, bytes) else name


async def fill(r, key="s"):
    """A stream of five entries, `1-1` to `5-1`."""
    for n in range(1, 6):
        await settle(r.xadd(key, {"n": n, "word": f"w{n}"}, id=f"{n}-1"))


def main(conversations, arguments):
    """`URL FLAVOUR OPTIONS CONVERSATION...`, the options as JSON. Each begins with an empty server."""
    url, flavour, options, *titles = arguments

    async def run(title):
        party = Party(title, url, flavour, json.loads(options))
        try:
            await settle(party.r.flushall())
            await conversations[title](party)
        finally:
            await party.close()

    for title in titles:
        asyncio.run(run(title))
