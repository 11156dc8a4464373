/**
 * The rest of the wasm, in Chromium: who uses it waits for it, and nobody else does; one that does not
 * come, or is of another build, does no harm.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, type Given, NO_PART, PATIENCE, pass, Requests, without } from "./part-requests.ts";

/** A module that wants a global of the core that only the core of another build has. */
const OF_ANOTHER_BUILD = Buffer.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // One import: core.v0, a constant i32.
  ...[2, 12, 1, 4, ...Buffer.from("core"), 2, ...Buffer.from("v0"), 3, 0x7f, 0],
]);

test(
  "what needs the rest waits for it in its place, and holds up nobody else",
  PATIENCE,
  async () => {
    await using requests = await Requests.in();
    const page = await requests.openPage();
    await page.evaluate(async () => {
      const { db, outcome } = globalThis as unknown as Given;
      const parked = db.xRead({ key: "parked", id: "$" }, { BLOCK: 0 });
      const order: number[] = [];
      const calls = [
        db.xAdd("s", "1-1", { n: "1" }),
        db.set("k", "v"),
        db.xAdd("s", "1-2", { n: "2" }),
        db.withBytes().dump("k"),
        db.get("k"),
        db.xAdd("s", "1-3", { n: "3" }),
        db.multi().xAdd("s", "1-4", { n: "4" }).set("l", "w").get("l").xLen("s").exec(),
      ].map((call, at) => outcome(call.finally(() => order.push(at))));
      const all = Promise.all(calls).then(async (values) => ({ values, order }));
      Object.assign(globalThis, { parked, all, order });
    });
    await requests.noticed();
    const meanwhile = await page.evaluate(async () => {
      const { db, order } = globalThis as unknown as Given & { order: number[] };
      const connection = await db.connect({ onPush: () => {}, onEnd: () => {} });
      const length = await connection.send(["XLEN", "s"]);
      await connection.send(["XADD", "t", "1-1", "by", "another"]);
      connection.close();
      return { length, order: [...order] };
    });
    assert.deepEqual(meanwhile, { length: 1, order: [0] });
    await requests.answer(pass);
    const seen = await page.evaluate(async () => {
      const { db, all, parked } = globalThis as unknown as Given;
      const { values, order } = (await all) as { values: unknown[]; order: number[] };
      const isParked = await Promise.race([parked.then(() => false), db.ping().then(() => true)]);
      await db.xAdd("parked", "7-1", { at: "last" });
      const woken = (await parked)?.[0]?.messages.map(({ id }) => id);
      const dump = values[3] as number[];
      await db.sendCommand(["RESTORE", "again", "0", new Uint8Array(dump)]);
      return {
        values: values.with(3, dump.length > 10),
        order,
        isParked,
        woken,
        again: await db.get("again"),
      };
    });
    assert.deepEqual(seen, {
      values: ["1-1", "OK", "1-2", true, "v", "1-3", ["1-4", "OK", "w", 4]],
      order: [0, 1, 2, 3, 4, 5, 6],
      isParked: true,
      woken: ["7-1"],
      again: "v",
    });
    assert.equal(requests.count, 1);
  },
);

test("a wait in the rest is given up, and so is a client that stands there", PATIENCE, async () => {
  await using requests = await Requests.in();
  const page = await requests.openPage();
  const waiting = page.evaluate(async () => {
    const { db, outcome } = globalThis as unknown as Given;
    const abort = new AbortController();
    const popped = db.sendCommand(["BLPOP", "jobs", "0"], { signal: abort.signal });
    const connection = await db.connect({ onPush: () => {}, onEnd: () => {} });
    const gone = outcome(connection.send(["SADD", "set", "a"]));
    connection.close();
    abort.abort(new Error("enough"));
    return [await outcome(popped), await gone];
  });
  await requests.noticed();
  const [popped, gone] = await waiting;
  assert.equal(popped, "Error: enough");
  assert.match(String(gone), /^ClosedError: /);
  await requests.answer(pass);
  const later = await page.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    return [
      await db.sendCommand(["RPUSH", "jobs", "one"]),
      await db.sendCommand(["SADD", "set", "b"]),
    ];
  });
  assert.deepEqual(later, [1, 1]);
});

test(
  "when it does not come its commands are refused, and a later one has it tried again",
  PATIENCE,
  async () => {
    await using requests = await Requests.in(fail);
    const page = await requests.openPage();
    const run = () =>
      page.evaluate(async () => {
        const { db, outcome } = globalThis as unknown as Given;
        const calls = [
          db.xAdd("s", "*", { n: "1" }),
          db.set("k", "v"),
          db.get("k"),
          db.xLen("s"),
          db.multi().xLen("s").get("k").exec(),
          db.xLen("s"),
        ];
        const [id, ...others] = await Promise.all(calls.map((call) => outcome(call)));
        return [typeof id, ...others];
      });
    const [id, set, get, length, transaction, still] = await run();
    assert.deepEqual([id, set, get, length, still], ["string", NO_PART, NO_PART, 1, 1]);
    assert.match(String(transaction), /could not be loaded|EXECABORT/);
    const before = requests.count;
    assert.ok(before >= 1);
    await requests.answer(pass);
    assert.deepEqual(await run(), ["string", "OK", "v", 2, [2, "v"], 2]);
    assert.equal(requests.count, before + 1);
  },
);

test("the rest of another build is not linked", PATIENCE, async () => {
  await using requests = await Requests.in((route) =>
    route.fulfill({ body: OF_ANOTHER_BUILD, contentType: "application/wasm" }),
  );
  const page = await requests.openPage();
  const warning = page.waitForEvent("console", (message) => message.type() === "warning");
  const seen = await page.evaluate(async () => {
    const { db, outcome } = globalThis as unknown as Given;
    return [await outcome(db.set("k", "v")), await db.xAdd("s", "1-1", { a: "1" })];
  });
  assert.deepEqual(seen, [NO_PART, "1-1"]);
  assert.match((await warning).text(), /LinkError/);
});

test("engines of one page load it once", PATIENCE, async () => {
  await using requests = await Requests.in();
  const page = await requests.openPage();
  const all = page.evaluate(async () => {
    const { db, open } = globalThis as unknown as Given;
    const [other, third] = [await open("memory://"), await open("memory://")];
    const values = await Promise.all([
      db.set("k", "one"),
      other.set("k", "two"),
      db.get("k"),
      other.get("k"),
      db.xAdd("s", "1-1", { a: "1" }),
      other.xLen("s"),
    ]);
    return [...values, await third.get("k"), await (await open("memory://")).get("k")];
  });
  await requests.noticed();
  await requests.answer(pass);
  assert.deepEqual(await all, ["OK", "OK", "one", "two", "1-1", 0, null, null]);
  assert.equal(requests.count, 1);
});

test("of the tabs of a database the one that leads loads it", PATIENCE, async () => {
  await using requests = await Requests.in(pass);
  const [first, second] = [
    await requests.openPage("idb://tabs"),
    await requests.openPage("idb://tabs"),
  ];
  const seen = await second.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    const values = [
      await db.xAdd("s", "1-1", { a: "1" }),
      await db.set("k", "v"),
      await db.get("k"),
    ];
    return [...values, await db.multi().get("k").xLen("s").exec()];
  });
  assert.deepEqual(seen, ["1-1", "OK", "v", ["v", 1]]);
  assert.equal(await first.evaluate(() => (globalThis as unknown as Given).db.get("k")), "v");
  assert.deepEqual(requests.parts, ["storage", "rest"]);
  await first.close();
  assert.equal(await second.evaluate(() => (globalThis as unknown as Given).db.get("k")), "v");
  assert.deepEqual(requests.parts, ["storage", "rest", "storage", "rest"]);
});

test(
  "what the rest has stored needs it neither to be opened, nor to expire, nor to be kept",
  PATIENCE,
  async () => {
    await using requests = await Requests.in(pass);
    const nowMs = 1_700_000_000_000;
    const first = await requests.openPage("idb://kept", nowMs);
    await first.evaluate(async (nowMs) => {
      const { db } = globalThis as unknown as Given;
      await db.set("text", "v".repeat(5000));
      await db.sendCommand(["HSET", "hash", "a", "1", "b", "2"]);
      await db.sendCommand(["SADD", "set", "a", "b"]);
      await db.sendCommand(["SET", "mortal", "v", "PXAT", `${nowMs + 1000}`]);
      await db.xAdd("s", "1-1", { a: "1" });
      await db.close();
    }, nowMs);
    await first.close();
    await requests.answer(without("rest"));
    const before = requests.count;
    const second = await requests.openPage("idb://kept", nowMs + 2000);
    const appended = await second.evaluate(async () => {
      const { db } = globalThis as unknown as Given;
      // So much that checkpoints are taken.
      const big = "x".repeat(100_000);
      for (let n = 2; n < 60; n++) await db.xAdd("s", `1-${n}`, { n: `${n}`, big });
      await db.xTrim("s", "MAXLEN", 3);
      const length = await db.xLen("s");
      await db.close();
      return length;
    });
    assert.equal(appended, 3);
    assert.deepEqual(requests.parts.slice(before), ["storage"]);
    await second.close();
    await requests.answer(pass);
    const third = await requests.openPage("idb://kept", nowMs + 3000);
    const kept = await third.evaluate(async () => {
      const { db } = globalThis as unknown as Given;
      const members = (await db.sendCommand(["SMEMBERS", "set"])) as string[];
      const hash = await db.sendCommand(["HMGET", "hash", "a", "b"]);
      return [(await db.get("text"))?.length, hash, members.sort(), await db.get("mortal")];
    });
    assert.deepEqual(kept, [5000, ["1", "2"], ["a", "b"], null]);
  },
);

test("an export and an import go through it", PATIENCE, async () => {
  await using requests = await Requests.in(pass);
  const page = await requests.openPage();
  const seen = await page.evaluate(async () => {
    const { db, open } = globalThis as unknown as Given;
    for (let n = 1; n <= 100; n++) await db.xAdd("s", `${n}-0`, { n: `${n}` });
    const other = await open("memory://");
    const imported = await other.import(db.export(["s"]));
    return [imported, await other.xLen("s")];
  });
  assert.deepEqual(seen, [1, 100]);
  assert.equal(requests.count, 1);
});
