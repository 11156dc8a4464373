/**
 * The wasm in parts, in Chromium: a page that does with streams what streams are for loads the core
 * alone, and who uses what is in another part notices nothing but the time that it takes to come.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import { bundle } from "./bundle.ts";
import { launchBrowser } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./halves-in-page.ts");
type Db = Awaited<ReturnType<InPage["open"]>>;
type Given = InPage & { db: Db; other: Db; parked: ReturnType<Db["xRead"]>; all: Promise<unknown> };

/** Where the bundle is: deep enough to find the wasm as the package's own entry does. */
const SCRIPT = "/dist/entry/halves-in-page.js";
const PART = /\/eddyline_(rest|inspection)_bg\.wasm$/;
/** Only guards against hanging. */
const PATIENCE = { timeout: 120_000 };
const NO_PART = "CommandError: ERR a part of the engine could not be loaded";

let server: StaticServer;
let browser: Browser;

before(async () => {
  const source = await bundle(new URL("halves-in-page.ts", import.meta.url));
  server = await serveFolder("pkg/", { [SCRIPT]: source });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Requests for parts of the wasm, by pages of one browser context. */
class Requests implements AsyncDisposable {
  readonly context: BrowserContext;
  /** The parts, in the order in which they were asked for. */
  readonly parts: string[] = [];
  /** What is done with one; those that come while it is `undefined` wait. */
  #answer: ((route: Route) => Promise<void>) | undefined;
  #held: Route[] = [];
  #noticed = Promise.withResolvers<void>();

  private constructor(
    context: BrowserContext,
    answer: ((route: Route) => Promise<void>) | undefined,
  ) {
    this.context = context;
    this.#answer = answer;
  }

  static async in(answer?: (route: Route) => Promise<void>): Promise<Requests> {
    const requests = new Requests(await browser.newContext(), answer);
    await requests.context.route(PART, (route) => requests.#take(route));
    return requests;
  }

  async #take(route: Route): Promise<void> {
    this.parts.push(PART.exec(route.request().url())?.[1] ?? "");
    this.#noticed.resolve();
    if (this.#answer === undefined) this.#held.push(route);
    else await this.#answer(route);
  }

  get count(): number {
    return this.parts.length;
  }

  /** Resolves when there was one. */
  noticed(): Promise<void> {
    return this.#noticed.promise;
  }

  /** Answers those that wait, and all that follow. */
  async answer(answer: (route: Route) => Promise<void>): Promise<void> {
    this.#answer = answer;
    await Promise.all(this.#held.splice(0).map(answer));
  }

  /** A page that has the keyspace at an address open, as `db`. */
  async openPage(address = "memory://", nowMs?: number): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${server.origin}/nothing-here`);
    await page.evaluate(
      async ([script, address, nowMs]) => {
        const module = (await import(script)) as InPage;
        const options = nowMs === undefined ? {} : { now: () => nowMs };
        Object.assign(globalThis, module, { db: await module.open(address, options) });
      },
      [server.origin + SCRIPT, address, nowMs] as const,
    );
    return page;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.context.close();
  }
}

/** A module that wants a global of the core that only the core of another build has. */
const OF_ANOTHER_BUILD = Buffer.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // One import: core.v0, a constant i32.
  ...[2, 12, 1, 4, ...Buffer.from("core"), 2, ...Buffer.from("v0"), 3, 0x7f, 0],
]);

const pass = (route: Route) => route.continue();
const fail = (route: Route) => route.abort();

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
  const half = (route: Route) =>
    route.request().url().includes("rest") ? fail(route) : pass(route);
  await using requests = await Requests.in(half);
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
  assert.deepEqual(await run(), ["OK", 1, 1, "v", 0, [1, "v"]]);
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
  assert.equal(requests.count, 1);
  await first.close();
  assert.equal(await second.evaluate(() => (globalThis as unknown as Given).db.get("k")), "v");
  assert.equal(requests.count, 2);
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
    await requests.answer(fail);
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
    assert.equal(requests.count, before);
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
