/** Upstash's own clients, unmodified, on whatever has the front door. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Ratelimit } from "@upstash/ratelimit";
import { Realtime } from "@upstash/realtime";
import { Redis } from "@upstash/redis";

/** A front door at an address. */
export interface FrontDoor extends AsyncDisposable {
  readonly address: string;
}

/** Tests a front door that lets in who bears the token. */
export function testUpstashClients(start: () => Promise<FrontDoor>, token: string): void {
  describe("@upstash/redis", () => {
    let host: FrontDoor;
    let redis: Redis;
    before(async () => {
      host = await start();
      redis = new Redis({ url: host.address, token, retry: false, enableTelemetry: true });
    });
    after(() => host[Symbol.asyncDispose]());

    it("has all its stream methods", async () => {
      assert.equal(await redis.xadd("s", "1-1", { city: "Zürich 🌊", n: 1 }), "1-1");
      assert.equal(await redis.xadd("s", "1-2", { status: "OK" }, { nomkStream: true }), "1-2");
      assert.equal(await redis.xlen("s"), 2);
      assert.deepEqual(await redis.xrange("s", "-", "+"), {
        "1-1": { city: "Zürich 🌊", n: 1 },
        "1-2": { status: "OK" },
      });
      assert.deepEqual(Object.keys(await redis.xrevrange("s", "+", "-", 1)), ["1-2"]);
      assert.deepEqual(await redis.xread("s", "1-1"), [["s", [["1-2", ["status", "OK"]]]]]);
      assert.equal(await redis.xgroup("s", { type: "CREATE", group: "g", id: "0" }), "OK");
      assert.equal(
        await redis.xgroup("s", { type: "CREATECONSUMER", group: "g", consumer: "c" }),
        1,
      );
      const read = (await redis.xreadgroup("g", "c", "s", ">")) as [[string, [string, unknown][]]];
      assert.deepEqual(
        read[0][1].map(([id]) => id),
        ["1-1", "1-2"],
      );
      assert.equal(((await redis.xpending("s", "g", "-", "+", 10)) as unknown[]).length, 2);
      const claimed = await redis.xclaim("s", "g", "d", 0, "1-1", { justId: true });
      assert.deepEqual(claimed, ["1-1"]);
      const taken = (await redis.xautoclaim("s", "g", "d", 0, "0-0")) as [
        string,
        unknown[],
        string[],
      ];
      assert.equal(taken[0], "0-0");
      assert.equal(await redis.xack("s", "g", ["1-1"]), 1);
      assert.deepEqual(await redis.xackdel("s", "g", "ACKED", "1-2"), [1]);
      assert.equal(((await redis.xinfo("s", { type: "GROUPS" })) as unknown[]).length, 1);
      const consumers = await redis.xinfo("s", { type: "CONSUMERS", group: "g" });
      assert.equal((consumers as unknown[]).length, 2);
      assert.equal(await redis.xdel("s", "1-1"), 1);
      assert.equal(await redis.xtrim("s", { strategy: "MAXLEN", exactness: "=", threshold: 0 }), 0);
      assert.equal(await redis.xgroup("s", { type: "DESTROY", group: "g" }), 1);
    });

    it("pipelines by itself, and runs transactions", async () => {
      const ids = await Promise.all([1, 2, 3].map((n) => redis.xadd("auto", `${n}-1`, { n })));
      assert.deepEqual(ids, ["1-1", "2-1", "3-1"]);
      const multi = redis.multi();
      multi.xadd("{m}", "1-1", { f: "v" });
      multi.set("{m}seen", { at: 1 });
      multi.get("{m}seen");
      assert.deepEqual(await multi.exec(), ["1-1", "OK", { at: 1 }]);
    });

    it("gets Redis' text of a mistake", async () => {
      await assert.rejects(redis.xadd("s", "1-1", { f: "v" }), /equal or smaller than the target/);
    });

    it("subscribes to channels and patterns", async () => {
      const heard = new Set<string>();
      const subscriber = redis.subscribe(["news"]);
      const patterns = redis.psubscribe(["ne*"]);
      subscriber.on("message", (message) => heard.add(JSON.stringify(message)));
      patterns.on("pmessage", (message) => heard.add(JSON.stringify(message)));
      while ((await redis.publish("news", { text: "with, commas" })) < 2);
      await redis.publish("news", { n: 1 });
      const expected = [
        '{"channel":"news","message":{"text":"with, commas"}}',
        '{"channel":"news","message":{"n":1}}',
        '{"pattern":"ne*","channel":"news","message":{"text":"with, commas"}}',
        '{"pattern":"ne*","channel":"news","message":{"n":1}}',
      ];
      while (!expected.every((text) => heard.has(text)))
        await new Promise((resolve) => setTimeout(resolve, 5));
      await Promise.all([subscriber.unsubscribe(), patterns.unsubscribe()]);
      while ((await redis.publish("news", "gone")) > 0);
    });
  });

  describe("what is built on @upstash/redis", () => {
    let host: FrontDoor;
    let redis: Redis;
    before(async () => {
      host = await start();
      redis = new Redis({ url: host.address, token, retry: false, enableTelemetry: false });
    });
    after(() => host[Symbol.asyncDispose]());

    it("is @upstash/realtime: channels with a history", async (context) => {
      // It pings once a minute, even when everybody has left.
      const every = globalThis.setInterval;
      context.mock.method(globalThis, "setInterval", (...args: Parameters<typeof every>) =>
        every(...args).unref(),
      );
      const realtime = new Realtime({ redis, history: { maxLength: 10, expireAfterSecs: 60 } });
      // Without a schema its types know no event.
      const channel = realtime.channel("room") as unknown as {
        emit(event: string, data: unknown): Promise<void>;
        history(): Promise<{ id: string; data: unknown }[]>;
        subscribe(options: object): Promise<() => void>;
      };
      await channel.emit("said", { text: "before" });
      const heard: unknown[] = [];
      const both = Promise.withResolvers<void>();
      const leave = await channel.subscribe({
        events: ["said"],
        history: true,
        onData: ({ data }: { data: unknown }) => heard.push(data) === 2 && both.resolve(),
      });
      await channel.emit("said", { text: "after" });
      await both.promise;
      assert.deepEqual(heard, [{ text: "before" }, { text: "after" }]);
      assert.equal((await channel.history()).length, 2);
      assert.ok((await redis.ttl("room")) > 0);
      leave();
    });

    it("is not @upstash/ratelimit, which runs scripts", async () => {
      const ratelimit = new Ratelimit({ redis, limiter: Ratelimit.fixedWindow(1, "10 s") });
      await assert.rejects(ratelimit.limit("somebody"), /Eddyline runs no scripts/);
    });
  });
}
