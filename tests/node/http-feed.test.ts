/** Many who follow one stream: it is read once for all of them, and nobody waits for the slowest. */

import assert from "node:assert/strict";
import { after, before, describe, it, mock } from "node:test";
import { Batch } from "../../pkg/src/http/batch.ts";
import { Feed, Feeds } from "../../pkg/src/http/feed.ts";
import * as limits from "../../pkg/src/limits.ts";
import { ReplyReader } from "../../pkg/src/resp.ts";
import { createToken } from "../../pkg/src/server/index.ts";
import { Reader } from "../events-reader.ts";
import { HttpHost, TOKEN } from "./http-host.ts";

describe("followers of one stream", () => {
  let host: HttpHost;
  before(async () => {
    host = await HttpHost.start();
  });
  after(() => host[Symbol.asyncDispose]());

  const add = (key: string, n: number, value = "v") =>
    host.result("XADD", key, `${n}-0`, "f", value);
  const idsTo = (count: number, from = 1) =>
    Array.from({ length: count }, (_, n) => `${n + from}-0`);
  const eventsAt = (key: string, query = "") =>
    new URL(`/v1/streams/${key}/events?token=${encodeURIComponent(TOKEN)}&${query}`, host.address);
  const reads = async () => {
    const stats = (await host.result("INFO", "commandstats")) as string;
    return Number(/cmdstat_xread:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };

  it("cause one read for an entry, however many they are", async () => {
    const readers = await Promise.all(
      Array.from({ length: 50 }, () => Reader.begun(eventsAt("many"))),
    );
    await add("many", 1);
    await Promise.all(readers.map((reader) => reader.has(1)));
    const before = await reads();
    for (let n = 2; n <= 11; n++) {
      await add("many", n);
      await Promise.all(readers.map((reader) => reader.has(n)));
    }
    // One for each, and one more whenever the machine is so slow that a wait ends in between.
    const count = (await reads()) - before;
    assert.ok(count >= 10 && count < 50, `${count} reads`);
    for (const reader of readers) {
      assert.deepEqual(reader.ids, idsTo(11));
      reader.leave();
    }
  });

  it("begin where each wants to, while others go on", async () => {
    for (let n = 1; n <= 5; n++) await add("begun", n);
    const readers = await Promise.all(
      ["from=0", "from=3-0", "", "from=4-0&fields=f", "fields=other"].map((query) =>
        Reader.begun(eventsAt("begun", query)),
      ),
    );
    for (let n = 6; n <= 9; n++) await add("begun", n);
    const [all, behind, end, some, none] = readers as [Reader, Reader, Reader, Reader, Reader];
    await Promise.all([all.has(9), behind.has(6), end.has(4), some.has(5)]);
    assert.deepEqual(all.ids, idsTo(9));
    assert.deepEqual(behind.ids, idsTo(6, 4));
    assert.deepEqual(end.ids, idsTo(4, 6));
    assert.deepEqual(some.ids, idsTo(5, 5));
    assert.deepEqual(none.ids, []);
    for (const reader of readers) reader.leave();
  });

  it("go on when the one leaves who reads for all", async () => {
    const readers: Reader[] = [];
    for (let n = 0; n < 5; n++) readers.push(await Reader.begun(eventsAt("left")));
    for (let n = 1; n <= 5; n++) {
      await add("left", n);
      await Promise.all(readers.map((reader) => reader.has(n)));
      readers.shift()?.leave();
      for (const reader of readers) assert.deepEqual(reader.ids, idsTo(n));
    }
  });

  it("miss nothing when they are slow, and hold up nobody", async () => {
    const [quick, slow] = [
      await Reader.begun(eventsAt("slow")),
      await Reader.begun(eventsAt("slow")),
    ];
    slow.pause();
    const value = "x".repeat(limits.feedBytes / 2);
    const count = 100;
    for (let n = 1; n <= count; n++) await add("slow", n, value);
    await quick.has(count);
    assert.ok(slow.ids.length < count);
    slow.resume();
    await slow.has(count);
    assert.deepEqual(slow.ids, idsTo(count));
    // It is at the end again, where both are given the same.
    await add("slow", count + 1);
    await Promise.all([quick.has(count + 1), slow.has(count + 1)]);
    assert.deepEqual(slow.ids, quick.ids);
    for (const reader of [quick, slow]) reader.leave();
  });

  it("are given nothing that their token may not read", async () => {
    const reader = await Reader.begun(eventsAt("secret"));
    const token = await createToken(TOKEN, { commands: ["xinfo"] });
    const path = `${host.address}/v1/streams/secret/events?token=${token}`;
    assert.equal((await fetch(path)).status, 403);
    reader.leave();
  });
});

describe("a feed", () => {
  const batch = (after: string, ...ids: string[]) => {
    const entries = ids.map((id) => `*2\r\n$${id.length}\r\n${id}\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n`);
    const reply = `%1\r\n$1\r\ns\r\n*${ids.length}\r\n${entries.join("")}`;
    return Batch.read(after, new ReplyReader(new TextEncoder().encode(reply))) as Batch;
  };

  it("is the same for all who hold it", () => {
    const feeds = new Feeds();
    assert.equal(feeds.of("a"), feeds.of("a"));
    assert.notEqual(feeds.of("a"), feeds.of("b"));
  });

  it("has a seat for who is not too far behind", () => {
    const feed = new Feed();
    const seat = feed.join("5-0") as number;
    const lead = feed.lead();
    feed.add(lead, batch("5-0", "6-0", "7-0"));
    assert.equal(feed.join("4-0"), undefined);
    assert.equal(feed.join("5-0"), seat);
    assert.equal(feed.join("6-0"), seat);
    assert.equal(feed.join("7-0"), seat + 1);
    const text = new TextDecoder().decode(feed.at(seat)?.select("6-0", undefined));
    assert.equal(text, 'id: 7-0\ndata: {"f":"v"}\n\n');
  });

  it("begins anew where nobody waits and somebody is further", () => {
    const feed = new Feed();
    const seat = feed.join("5-0") as number;
    const other = feed.join("9-0") as number;
    assert.ok(feed.isGone(seat) && !feed.isGone(other) && feed.end === "9-0");
    // Not where somebody waits: the next read brings both what they lack.
    feed.wait(() => {});
    assert.equal(feed.join("11-0"), other);
  });

  it("takes nothing from who does not lead any more, and no gap", () => {
    const feed = new Feed();
    const seat = feed.join("5-0") as number;
    const [first, second] = [feed.lead(), feed.lead()];
    feed.add(first, batch("5-0", "6-0"));
    feed.add(second, batch("6-0", "7-0"));
    assert.deepEqual([feed.at(seat), feed.end], [undefined, "5-0"]);
    first.end();
    assert.ok(feed.isLed);
    second.end();
    assert.ok(!feed.isLed);
  });

  it("keeps so many bytes, and always the last batch", () => {
    const feed = new Feed();
    const seat = feed.join("0-0") as number;
    const lead = feed.lead();
    const ids = Array.from({ length: 1000 }, (_, n) => n);
    for (let at = 1; at <= 20; at++)
      feed.add(lead, batch(feed.end as string, ...ids.map((n) => `${at}-${n}`)));
    assert.ok(feed.isGone(seat) && !feed.isGone(seat + 19));
    assert.equal(feed.at(seat + 19)?.last, "20-999");
  });

  it("sends all to look for themselves when entries are lost", () => {
    const feed = new Feed();
    const seat = feed.join("5-0") as number;
    let told = 0;
    feed.wait(() => told++);
    feed.breakOff(feed.lead());
    assert.deepEqual([feed.isGone(seat), told], [true, 1]);
  });

  it("is led by another one when the lead gives no sign", async () => {
    mock.timers.enable({ apis: ["Date"] });
    try {
      const feed = new Feed();
      feed.join("5-0");
      const lead = feed.lead();
      // Nobody waits, so there is nothing to give a sign of.
      void lead.isWanted();
      mock.timers.tick(10 * limits.leadMs);
      assert.ok(feed.isLed);
      feed.wait(() => {});
      mock.timers.tick(limits.leadSilenceMs);
      assert.ok(feed.isLed);
      mock.timers.tick(1);
      assert.ok(!feed.isLed);
      feed.lead();
      assert.equal(await lead.isWanted(), false);
    } finally {
      mock.timers.reset();
    }
  });

  it("is led by another one when the lead is there, and gets no answer", () => {
    mock.timers.enable({ apis: ["Date"] });
    try {
      const feed = new Feed();
      feed.join("5-0");
      const lead = feed.lead();
      feed.wait(() => {});
      for (let ms = 0; ms < limits.leadMs; ms += limits.leadSignMs) {
        mock.timers.tick(limits.leadSignMs);
        lead.sign();
        assert.ok(feed.isLed);
      }
      mock.timers.tick(1);
      assert.ok(!feed.isLed);
    } finally {
      mock.timers.reset();
    }
  });
});
