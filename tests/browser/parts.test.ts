/**
 * The wasm in parts, in Chromium: a page that does with streams what streams are for loads the core
 * alone, and who uses what is in another part notices nothing but the time that it takes to come.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Given, NO_PART, PATIENCE, pass, Requests, without } from "./part-requests.ts";

test("streams and their groups need the core alone", PATIENCE, async () => {
  await using requests = await Requests.in(pass);
  const page = await requests.openPage();
  const seen = await page.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    await db.xGroupCreate("orders", "billing", "0", { MKSTREAM: true });
    const parked = db.xReadGroup("billing", "one", { key: "orders", id: ">" }, { BLOCK: 0 });
    await db.xAdd("orders", "1-1", { item: "tea" });
    const [stream] = (await parked) ?? [];
    const acknowledged = await db.xAck("orders", "billing", "1-1");
    const { pending } = await db.xPending("orders", "billing");
    const claimed = await db.xAutoClaim("orders", "billing", "two", 0, "0");
    await db.xTrim("orders", "MAXLEN", 0);
    const both = await db.multi().xAdd("orders", "1-2", { item: "milk" }).xLen("orders").exec();
    return [stream?.messages.length, acknowledged, pending, claimed.messages.length, both];
  });
  assert.deepEqual(seen, [1, 1, 0, 0, ["1-2", 1]]);
  assert.equal(requests.count, 0);
});

test("so do appending, reading and the work of a group", PATIENCE, async () => {
  await using requests = await Requests.in(pass);
  const page = await requests.openPage();
  const seen = await page.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    const orders = db.stream("orders");
    const group = orders.group("billing");
    await orders.append({ item: "tea" });
    await orders.append([{ item: "milk" }, { item: "nothing" }]);
    const entries: unknown[] = [];
    for await (const { value } of orders.entries()) entries.push(value);
    const work: unknown[] = [];
    for await (const message of group.consume({ consumer: "one" })) {
      const item = message.value["item"];
      if (item === "nothing") message.reject("there is none");
      else if (item === "milk" && !work.includes(item)) message.nack();
      else message.ack();
      if (work.push(item) === 4) break;
    }
    const dead: unknown[] = [];
    for await (const letter of group.deadLetters()) dead.push(letter.reason);
    return [entries.length, work.sort(), dead];
  });
  assert.deepEqual(seen, [3, ["milk", "milk", "nothing", "tea"], ["there is none"]]);
  assert.deepEqual(requests.parts, []);
});

test("who looks at streams loads what is for that, and no more", PATIENCE, async () => {
  await using requests = await Requests.in();
  const page = await requests.openPage();
  await page.evaluate(async () => {
    const { db, outcome } = globalThis as unknown as Given;
    const calls = [
      db.xAdd("s", "1-1", { n: "1" }),
      db.xGroupCreate("s", "g", "0"),
      db.xInfoGroups("s").then((groups) => groups.length),
      db.xLen("s"),
    ].map(outcome);
    Object.assign(globalThis, { all: Promise.all(calls) });
  });
  await requests.noticed();
  await requests.answer(pass);
  const seen = await page.evaluate(async () => {
    const { db, all } = globalThis as unknown as Given;
    const { length } = await db.xInfoStream("s");
    const keys: string[] = [];
    for await (const page of db.scanIterator()) keys.push(...[page].flat());
    return [await all, length, keys, await db.dbSize()];
  });
  assert.deepEqual(seen, [["1-1", "OK", 1, 1], 1, ["s"], 1]);
  assert.deepEqual(requests.parts, ["inspection"]);
});

test(
  "of a pipeline and of a transaction each part is waited for in its place",
  PATIENCE,
  async () => {
    await using requests = await Requests.in();
    const page = await requests.openPage();
    const all = page.evaluate(async () => {
      const { db, outcome } = globalThis as unknown as Given;
      const order: number[] = [];
      const calls = [
        db.dbSize(),
        db.set("k", "v"),
        db.xAdd("s", "1-1", { n: "1" }),
        db.dbSize(),
        db.multi().addCommand(["DBSIZE"]).set("l", "w").addCommand(["XINFO", "GROUPS", "s"]).exec(),
      ].map((call, at) => outcome(call.finally(() => order.push(at))));
      return [await Promise.all(calls), order];
    });
    await requests.noticed();
    assert.deepEqual(requests.parts, ["inspection"]);
    await requests.answer(pass);
    assert.deepEqual(await all, [
      [0, "OK", "1-1", 2, [2, "OK", []]],
      [0, 1, 2, 3, 4],
    ]);
    assert.deepEqual(requests.parts, ["inspection", "rest"]);
  },
);

test("a part that fails does not keep another from coming", PATIENCE, async () => {
  await using requests = await Requests.in(without("rest"));
  const page = await requests.openPage();
  const run = () =>
    page.evaluate(async () => {
      const { db, outcome } = globalThis as unknown as Given;
      const [first, second] = [db, await db.connect({ onPush: () => {}, onEnd: () => {} })];
      const calls = [
        first.set("k", "v"),
        second.send(["DBSIZE"]),
        first.dbSize(),
        second.send(["GET", "k"]),
        first.xLen("s"),
        first.multi().addCommand(["DBSIZE"]).get("k").exec(),
      ];
      const values = await Promise.all(calls.map(outcome));
      second.close();
      return values;
    });
  const [set, size, again, get, length, transaction] = await run();
  assert.deepEqual([set, size, again, get, length], [NO_PART, 0, 0, NO_PART, 0]);
  assert.match(String(transaction), /could not be loaded|EXECABORT/);
  assert.equal(requests.parts.filter((part) => part === "inspection").length, 1);
  await requests.answer(pass);
  // Nobody waits for a part that another needs: the second client's count comes before the key.
  assert.deepEqual(await run(), ["OK", 0, 1, [..."v"].map((c) => c.charCodeAt(0)), 0, [1, "v"]]);
});

test("what there is no command for is said once the rest is there", PATIENCE, async () => {
  await using requests = await Requests.in(pass);
  const page = await requests.openPage();
  const seen = await page.evaluate(async () => {
    const { db, outcome } = globalThis as unknown as Given;
    const unknown = await outcome(db.sendCommand(["NOPE", "a"]));
    return [unknown, await outcome(db.sendCommand(["XGROUP", "NOPE"]))];
  });
  assert.deepEqual(seen, [
    "CommandError: ERR unknown command 'NOPE', with args beginning with: 'a' ",
    "CommandError: ERR unknown subcommand 'NOPE'. Try XGROUP HELP.",
  ]);
  assert.deepEqual(requests.parts, ["rest"]);
});

test("a keyspace that is kept comes with what that needs, and with no more", PATIENCE, async () => {
  await using requests = await Requests.in();
  const page = await requests.openPage();
  const opened = page.evaluate(async () => {
    const { db, open } = globalThis as unknown as Given;
    const kept = open("idb://kept");
    await db.xAdd("s", "1-1", { a: "1" });
    const opened = await kept;
    await opened.xAdd("s", "1-1", { a: "1" });
    await opened.close();
    const again = await open("idb://kept");
    return [await again.xLen("s"), await db.xLen("s")];
  });
  await requests.noticed();
  assert.deepEqual(requests.parts, ["storage"]);
  await requests.answer(pass);
  assert.deepEqual(await opened, [1, 1]);
  assert.deepEqual(requests.parts, ["storage"]);
});

test("one that cannot be opened for want of it can be later", PATIENCE, async () => {
  await using requests = await Requests.in(without("storage"));
  const page = await requests.openPage();
  const run = () =>
    page.evaluate(async () => {
      const { open } = globalThis as unknown as Given;
      try {
        const kept = await open("idb://kept");
        return await kept.xAdd("s", "1-1", { a: "1" });
      } catch (error) {
        return String(error);
      }
    });
  assert.match(await run(), /the storage part of the wasm module could not be loaded/);
  await requests.answer(pass);
  assert.equal(await run(), "1-1");
});
