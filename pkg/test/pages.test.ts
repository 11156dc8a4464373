/** Iterators over a stream and over the keys: every page once, in order, and an end to it. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Eddyline, StreamClient } from "../src/entry/node.ts";
import { type Argv, type ReadReply, ReplyReader, readText } from "../src/resp.ts";
import type { Transport, Wait } from "../src/transport.ts";

const ENTRIES = 25;

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** A keyspace with a stream `s` of entries 1-0 to 25-0. */
async function filled(): Promise<Eddyline> {
  const db = await Eddyline.open("memory://");
  for (let n = 1; n <= ENTRIES; n++) await db.xAdd("s", `${n}-0`, { n: String(n) });
  return db;
}

/** Answers every command with the same bytes, and notes the commands. */
class Scripted implements Transport {
  readonly sent: string[] = [];
  readonly waits: (Wait | undefined)[] = [];
  readonly #reply: Uint8Array;

  constructor(reply: string) {
    this.#reply = new TextEncoder().encode(reply);
  }

  async send<T>(argv: Argv, read: ReadReply<T>, wait?: Wait): Promise<T> {
    this.sent.push(argv.join(" "));
    this.waits.push(wait);
    return read(new ReplyReader(this.#reply));
  }

  transact<T>(commands: readonly Argv[], read: ReadReply<T>): Promise<T> {
    return this.send(commands.flat(), read);
  }

  async close(): Promise<void> {}
}

describe("the pages of a stream", () => {
  it("hold every entry once, in either direction", async () => {
    await using db = await filled();
    const ids = Array.from({ length: ENTRIES }, (_, n) => `${n + 1}-0`);
    for (const COUNT of [1, 4, 5, ENTRIES, ENTRIES + 1]) {
      const pages = await collect(db.xRangeIterator("s", "-", "+", { COUNT }));
      assert.deepEqual(
        pages.flat().map(({ id }) => id),
        ids,
      );
      assert.ok(pages.every((page, at) => page.length === Math.min(COUNT, ENTRIES - at * COUNT)));
      const back = await collect(db.xRevRangeIterator("s", "+", "-", { COUNT }));
      assert.deepEqual(
        back.flat().map(({ id }) => id),
        ids.toReversed(),
      );
    }
  });

  it("keep to the bounds, and are none where nothing is", async () => {
    await using db = await filled();
    const part = await collect(db.xRangeIterator("s", "(3", "9-0", { COUNT: 4 }));
    assert.deepEqual(
      part.map((page) => page.map(({ id }) => id)),
      [
        ["4-0", "5-0", "6-0", "7-0"],
        ["8-0", "9-0"],
      ],
    );
    assert.deepEqual(await collect(db.xRangeIterator("s", "30", "+")), []);
    assert.deepEqual(await collect(db.xRangeIterator("none", "-", "+")), []);
    const [bytes] = await collect(db.withBytes().xRangeIterator("s", "-", "1"));
    assert.deepEqual(bytes?.[0]?.message, { n: new Uint8Array([0x31]) });
  });

  it("are asked for one by one, and no further than wanted", async () => {
    const page = "*2\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\n2-0\r\n*0\r\n";
    const transport = new Scripted(page);
    const client = new StreamClient(transport, readText);
    let pages = 0;
    for await (const entries of client.xRangeIterator("s", "-", "+", { COUNT: 2 })) {
      assert.equal(transport.sent.length, ++pages);
      // Whoever has a page may do with it what they like.
      entries.length = 0;
      if (pages === 2) break;
    }
    const { signal } = new AbortController();
    await client.xRevRangeIterator("s", "+", "5", { signal }).next();
    assert.deepEqual(transport.sent, [
      "XRANGE s - + COUNT 2",
      "XRANGE s (2-0 + COUNT 2",
      "XREVRANGE s + 5 COUNT 100",
    ]);
    assert.deepEqual(transport.waits, [undefined, undefined, { signal }]);
  });

  it("have a COUNT of one at least", async () => {
    await using db = await filled();
    for (const COUNT of [0, -1, 1.5, Number.NaN])
      await assert.rejects(db.xRangeIterator("s", "-", "+", { COUNT }).next(), RangeError);
  });

  it("end with the signal, between pages and in the middle of one", async () => {
    await using db = await filled();
    const stop = new AbortController();
    const { signal } = stop;
    const seen: number[] = [];
    const walk = async (): Promise<void> => {
      for await (const page of db.xRangeIterator("s", "-", "+", { COUNT: 10, signal })) {
        seen.push(page.length);
        if (seen.length === 2) stop.abort(new Error("enough"));
      }
    };
    await assert.rejects(walk(), { message: "enough" });
    assert.deepEqual(seen, [10, 10]);
    const silent = await Eddyline.open("https://example.test/", {
      fetch: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    });
    const late = new AbortController();
    const next = silent.xRangeIterator("s", "-", "+", { signal: late.signal }).next();
    setImmediate(() => late.abort(new Error("too late")));
    await assert.rejects(next, { message: "too late" });
    await silent.close();
  });
});

describe("the keys", () => {
  it("come in pages, all of them", async () => {
    await using db = await Eddyline.open("memory://");
    const names = Array.from({ length: 300 }, (_, n) => `stream-${n}`);
    await Promise.all(names.map((name) => db.xAdd(name, "1-0", { a: "1" })));
    await db.sendCommand(["SET", "text", "1"]);
    const streams = await collect(db.scanIterator({ TYPE: "stream", COUNT: 50 }));
    assert.deepEqual(streams.flat().toSorted(), names.toSorted());
    assert.ok(streams.length > 1);
    assert.deepEqual((await collect(db.scanIterator({ MATCH: "te*" }))).flat(), ["text"]);
    const first = await db.scan("0", { COUNT: 50 });
    const rest = (await collect(db.scanIterator({ cursor: first.cursor }))).flat();
    assert.deepEqual([...first.keys, ...rest].toSorted(), [...names, "text"].toSorted());
    const signal = AbortSignal.abort(new Error("never"));
    await assert.rejects(db.scanIterator({ signal }).next(), { message: "never" });
  });
});
