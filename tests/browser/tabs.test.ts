/** Tabs and workers that have one `idb://` database open: one leads, and nobody can tell which. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { bundle } from "./bundle.ts";
import { launchProfile } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./tabs-in-page.ts");
type Given = { db: Awaited<ReturnType<InPage["open"]>> };

const profile = mkdtempSync(join(tmpdir(), "eddyline-profile-"));
/** Where the bundle is: deep enough to find the wasm as the package's own entry does. */
const SCRIPT = "/dist/entry/tabs-in-page.js";
let source: string;
let server: StaticServer;
let context: BrowserContext;

before(async () => {
  source = await bundle(new URL("tabs-in-page.ts", import.meta.url));
  server = await serveFolder("pkg/", { [SCRIPT]: source });
  context = await launchProfile(profile);
});

after(async () => {
  await context?.close();
  rmSync(profile, { recursive: true, maxRetries: 3 });
  await server?.[Symbol.asyncDispose]();
});

/** A tab that has the database `name` open, as `db`. */
async function openTab(name: string, origin = server.origin): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`${origin}/nothing-here`);
  await page.evaluate(
    async ([address, name]) => {
      const module = (await import(address)) as InPage;
      Object.assign(globalThis, { ...module, db: await module.open(name) });
    },
    [origin + SCRIPT, name] as const,
  );
  return page;
}

const isLeader = (page: Page) => page.evaluate(() => (globalThis as unknown as Given).db.isLeader);

test("the first tab leads, and a second one does all that it can do", async () => {
  const [first, second] = [await openTab("two"), await openTab("two")];
  assert.deepEqual([await isLeader(first), await isLeader(second)], [true, false]);
  const seen = await second.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    await db.xAdd("s", "1-1", { a: "é", long: "x".repeat(100_000) });
    const [read] = (await db.xReadGroup("g", "c", { key: "s", id: ">" })) ?? [];
    return {
      ids: read?.messages.map(({ id }) => id),
      pending: (await db.xPending("s", "g")).pending,
      multi: await db.multi().xAck("s", "g", "1-1").set("k", "v").exec(),
      error: await db.xAdd("s", "1-1", { a: "b" }).catch(({ name, code }) => [name, code]),
      length: (await db.withBytes().xRange("s", "-", "+"))[0]?.message["long"]?.length,
    };
  });
  assert.deepEqual(seen, {
    ids: ["1-1"],
    pending: 1,
    multi: [1, "OK"],
    error: ["CommandError", "ERR"],
    length: 100_000,
  });
  assert.equal(await first.evaluate(() => (globalThis as unknown as Given).db.get("k")), "v");
  await Promise.all([first.close(), second.close()]);
});

/** Opens tabs of a database one after the other, so that the first one leads. */
async function openTabs(name: string, count: number, origin?: string): Promise<Page[]> {
  const pages: Page[] = [];
  for (let n = 0; n < count; n++) pages.push(await openTab(name, origin));
  return pages;
}

test("a read waits in a tab that does not lead: for an entry of another, its time, its signal", async () => {
  const [first, second] = (await openTabs("waiting", 2)) as [Page, Page];
  const waiting = second.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    await db.xAdd("s", "1-0", { n: "0" });
    const read = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
    const abort = new AbortController();
    const given = db.xRead({ key: "s", id: "$" }, { BLOCK: 0, signal: abort.signal });
    const timed = await db.xRead({ key: "s", id: "$" }, { BLOCK: 30 });
    abort.abort(new Error("enough"));
    const aborted = await given.catch((error) => error.message);
    await db.set("timed", "out");
    return [timed, aborted, (await read)?.[0]?.messages.map(({ id }) => id)];
  });
  await first.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    while ((await db.get("timed")) === null) await new Promise((resolve) => setTimeout(resolve, 5));
    await db.xAdd("s", "2-0", { n: "1" });
  });
  assert.deepEqual(await waiting, [null, "enough", ["2-0"]]);
  await Promise.all([first.close(), second.close()]);
});

test("who closes hands over: waits go on, `$` means what it meant, and those who listen are told", async () => {
  const [first, second, third] = (await openTabs("handing", 3)) as [Page, Page, Page];
  await first.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
    await db.xAdd("s", "1-0", { n: "before" });
  });
  for (const page of [second, third]) {
    await page.evaluate(async () => {
      const { db } = globalThis as unknown as Given;
      const told: boolean[] = [];
      db.onLeaderChange((isLeader) => told.push(isLeader));
      const read = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 });
      // Answered behind the read's `$`.
      await db.ping();
      Object.assign(globalThis, { told, read });
    });
  }
  await first.evaluate(() => (globalThis as unknown as Given).db.close());
  const isClosed = await first.evaluate(() =>
    (globalThis as unknown as Given).db.ping().catch(({ code }) => code),
  );
  await second.evaluate(() => (globalThis as unknown as Given).db.xAdd("s", "2-0", { n: "after" }));
  const seen = (page: Page) =>
    page.evaluate(async () => {
      const { db, told, read } = globalThis as unknown as Given & {
        told: boolean[];
        read: ReturnType<Given["db"]["xRead"]>;
      };
      const ids = (await read)?.[0]?.messages.map(({ id }) => id);
      return { isLeader: db.isLeader, told, ids };
    });
  assert.equal(isClosed, "CLOSED");
  assert.deepEqual(await seen(second), { isLeader: true, told: [true], ids: ["2-0"] });
  assert.deepEqual(await seen(third), { isLeader: false, told: [false], ids: ["2-0"] });
  await Promise.all([first.close(), second.close(), third.close()]);
});

test("a read's time ends though the leader's timers do not", async () => {
  const [first, second] = (await openTabs("asleep", 2)) as [Page, Page];
  // As those of a page that has been out of sight for long.
  await first.evaluate(() => void Object.assign(globalThis, { setTimeout: () => 0 }));
  const read = await second.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    return [await db.xRead({ key: "s", id: "$" }, { BLOCK: 20 }), db.isLeader];
  });
  assert.deepEqual(read, [null, false]);
  await Promise.all([first.close(), second.close()]);
});

test("streams of values, exports and imports in a tab that does not lead", async () => {
  const [first, second] = (await openTabs("all", 2)) as [Page, Page];
  const moved = await second.evaluate(async () => {
    const { db, scenario } = globalThis as unknown as Given & { scenario: InPage["scenario"] };
    await scenario(db);
    const jobs = await db.xLen("jobs");
    const keys = await db.import(db.export("jobs"), { as: "copy" });
    return [jobs, keys, await db.xLen("copy"), db.isLeader];
  });
  assert.deepEqual(moved, [121, 1, 121, false]);
  assert.equal(await first.evaluate(() => (globalThis as unknown as Given).db.xLen("copy")), 121);
  await Promise.all([first.close(), second.close()]);
});

test("an import whose leader goes is not made, and says so", async () => {
  const [first, second] = (await openTabs("cut", 2)) as [Page, Page];
  const importing = second.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    await db.xAdd("s", "1-0", { text: "x".repeat(1000) });
    const file = new Uint8Array(await new Response(db.export("s")).arrayBuffer());
    const source = async function* () {
      yield file.subarray(0, 100);
      await db.set("half", "there");
      while (!db.isLeader) await new Promise((resolve) => setTimeout(resolve, 5));
      yield file.subarray(100);
    };
    const error = await db.import(source(), { as: "copy" }).catch((error) => error);
    return [error.name, error.effect, await db.exists("copy")];
  });
  await first.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    while ((await db.get("half")) === null) await new Promise((resolve) => setTimeout(resolve, 5));
    await db.close();
  });
  assert.deepEqual(await importing, ["TransportError", "none", 0]);
  await Promise.all([first.close(), second.close()]);
});

test("a database opened twice in one page is one", async () => {
  const page = await openTab("twice");
  const seen = await page.evaluate(async () => {
    const { db, open } = globalThis as unknown as Given & { open: InPage["open"] };
    const other = await open("twice");
    const waiting = other.xRead({ key: "s", id: "0" }, { BLOCK: 0 });
    await db.xAdd("s", "1-0", { a: "b" });
    const ids = (await waiting)?.[0]?.messages.map(({ id }) => id);
    // What is under way when it is closed is answered, a wait is not.
    const last = db.xAdd("s", "2-0", { a: "b" });
    const waits = db.xRead({ key: "s", id: "$" }, { BLOCK: 0 }).catch(({ code }) => code);
    await db.close();
    return [ids, await last, await waits, await other.xLen("s"), other.isLeader];
  });
  assert.deepEqual(seen, [["1-0"], "2-0", "CLOSED", 2, true]);
  await page.close();
});

test("a database of the version before tabs is opened as it is", async () => {
  const page = await openTab("of version 2");
  const entries = await page.evaluate(async () => {
    const { db, open, copyAsVersion1 } = globalThis as unknown as Given &
      Pick<InPage, "open" | "copyAsVersion1">;
    await db.xAdd("s", "1-1", { a: "b" });
    await db.close();
    await copyAsVersion1("of version 2", "of version 1");
    const old = await open("of version 1");
    await old.xAdd("s", "1-2", { a: "c" });
    return (await old.xRange("s", "-", "+")).map(({ id }) => id);
  });
  assert.deepEqual(entries, ["1-1", "1-2"]);
  await page.close();
});

test("a leader that hangs loses the lead, and what it was about to commit is done elsewhere", async () => {
  const [first, second, third] = (await openTabs("hanging", 3)) as [Page, Page, Page];
  const awake = Promise.withResolvers<void>();
  await first.route("**/hang", async (route) => {
    await awake.promise;
    await route.fulfill({ body: "" });
  });
  const own = first.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    await db.xAdd("s", "*", { by: "first, before" });
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...args) {
      IDBDatabase.prototype.transaction = transaction;
      const request = new XMLHttpRequest();
      // A synchronous request: the page does nothing until it is answered.
      request.open("GET", "/hang", false);
      request.send();
      return transaction.apply(this, args);
    };
    const ids = await Promise.all([
      db.xAdd("s", "*", { by: "first, one" }),
      db.multi().incr("sum").xAdd("s", "*", { by: "first, two" }).exec(),
      db.xLen("s"),
    ]);
    await db.xAdd("s", "*", { by: "first, after" });
    return { ids: ids.flat().length, isLeader: db.isLeader };
  });
  const others = [second, third].map((page, at) =>
    page.evaluate(
      (by) => (globalThis as unknown as Given).db.xAdd("s", "*", { by }),
      `other ${at}`,
    ),
  );
  await Promise.all(others);
  awake.resolve();
  assert.deepEqual(await own, { ids: 4, isLeader: false });
  const found = await third.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    const entries = (await db.xRange("s", "-", "+")).map(({ message }) => message["by"] ?? "");
    return { entries, sum: await db.get("sum") };
  });
  assert.deepEqual(found.entries.toSorted(), [
    ...["first, after", "first, before", "first, one", "first, two", "other 0", "other 1"],
  ]);
  const inOrder = found.entries.filter((by) => by.startsWith("first"));
  assert.deepEqual(inOrder, ["first, before", "first, one", "first, two", "first, after"]);
  assert.equal(found.sum, "1");
  await Promise.all([first.close(), second.close(), third.close()]);
});

test("a full quota is told in the tab that asked, and what was acknowledged is there", async () => {
  // Of another origin: the browser remembers for a while how much room this one had.
  await using other = await serveFolder("pkg/", { [SCRIPT]: source });
  const { origin } = other;
  const [first, second] = (await openTabs("full", 2, origin)) as [Page, Page];
  const control = await context.newCDPSession(first);
  await control.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
  const full = await second.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    for (let n = 1; ; n++) {
      // Random, because the browser's database compresses.
      const bytes = crypto.getRandomValues(new Uint8Array(50_000));
      const failure = await db.xAdd("s", `${n}-1`, { bytes }).then(
        () => null,
        ({ name, code }) => [name, code],
      );
      if (failure !== null) return { failure, acknowledged: n - 1, there: await db.xLen("s") };
    }
  });
  await control.send("Storage.overrideQuotaForOrigin", { origin });
  assert.deepEqual(full.failure, ["StorageFullError", "STORAGE_FULL"]);
  assert.equal(full.there, full.acknowledged);
  const added = await second.evaluate(() =>
    (globalThis as unknown as Given).db.xAdd("s", "5000-1", { text: "again" }),
  );
  assert.equal(added, "5000-1");
  await Promise.all([first.close(), second.close()]);
});
