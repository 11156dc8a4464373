/** Connections of one's own: transactions, watched keys, channels; in this process and over a WebSocket. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CommandError, Eddyline, type ReplyValue, UnsupportedError } from "eddyline";
import { createServer } from "eddyline/server";

type Push = readonly ReplyValue<Uint8Array>[];

const decoder = new TextDecoder();

/** Bytes as text, wherever they are. */
function textOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return decoder.decode(value);
  return Array.isArray(value) ? value.map(textOf) : value;
}

/** Pushes as they come. */
function ear() {
  const heard: unknown[] = [];
  const listeners = new Set<() => void>();
  return {
    heard,
    events: {
      onPush(push: Push) {
        heard.push(textOf(push));
        for (const listener of listeners) listener();
      },
      onEnd(reason: unknown) {
        heard.push(String(reason));
      },
    },
    /** Resolves when so many have come. */
    async until(count: number) {
      while (heard.length < count)
        await new Promise<void>((resolve) => listeners.add(() => resolve()));
    },
  };
}

const places = {
  "in this process": async () => ({
    db: await Eddyline.open("memory://"),
    close: async () => {},
  }),
  "over a WebSocket": async () => {
    const server = await createServer({ port: 0, http: { port: 0, token: "t" } }).listen();
    const db = await Eddyline.open(`ws://127.0.0.1:${server.httpPort}`, { token: "t" });
    return { db, close: () => server[Symbol.asyncDispose]() };
  },
};

for (const [name, open] of Object.entries(places)) {
  describe(`a connection of one's own ${name}`, () => {
    let place: Awaited<ReturnType<typeof open>>;
    before(async () => {
      place = await open();
    });
    after(async () => {
      await place?.db.close();
      await place?.close();
    });

    test("does what it queued at once, or nothing of it", async () => {
      const { events } = ear();
      const own = await place.db.connect(events);
      assert.equal(await own.send(["MULTI"]), "OK");
      assert.equal(await own.send(["XADD", "queued", "1-1", "a", "b"]), "QUEUED");
      assert.equal(await place.db.xLen("queued"), 0);
      assert.deepEqual(textOf(await own.send(["EXEC"])), ["1-1"]);
      await own.send(["MULTI"]);
      await assert.rejects(own.send(["XADD", "queued"]), CommandError);
      await assert.rejects(own.send(["EXEC"]), /EXECABORT/);
      own.close();
      await assert.rejects(own.send(["PING"]), /ended/);
    });

    test("does nothing when a watched key was changed by others", async () => {
      const { events } = ear();
      const own = await place.db.connect(events);
      await own.send(["WATCH", "watched"]);
      await place.db.xAdd("watched", "1-1", { by: "others" });
      await own.send(["MULTI"]);
      await own.send(["XADD", "watched", "2-1", "by", "me"]);
      assert.equal(await own.send(["EXEC"]), null);
      assert.equal(await place.db.xLen("watched"), 1);
      own.close();
    });

    test("hears channels, and says what is refused of them", async () => {
      const { events, heard, until } = ear();
      const own = await place.db.connect(events);
      await assert.rejects(own.send(["SUBSCRIBE"]), /wrong number of arguments/);
      assert.equal(await own.send(["SUBSCRIBE", "news", "sport"]), null);
      assert.equal(await own.send(["psubscribe", "w*"]), null);
      await until(3);
      await place.db.sendCommand(["PUBLISH", "news", "one"]);
      await place.db.sendCommand(["PUBLISH", "weather", "two"]);
      await until(5);
      assert.deepEqual(heard, [
        ["subscribe", "news", 1],
        ["subscribe", "sport", 2],
        ["psubscribe", "w*", 3],
        ["message", "news", "one"],
        ["pmessage", "w*", "weather", "two"],
      ]);
      assert.equal(await own.send(["PING"]), "PONG");
      own.close();
    });
  });
}

test("a transport of one's own opens none", async () => {
  const inner = await Eddyline.open("memory://");
  const db = Eddyline.over({
    send: () => Promise.reject(new Error("not asked")),
    transact: () => Promise.reject(new Error("not asked")),
    close: () => inner.close(),
  });
  await assert.rejects(db.connect(ear().events), UnsupportedError);
  await db.close();
});
