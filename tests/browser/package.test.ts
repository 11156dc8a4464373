/** The built npm package in a browser, without a bundler: `open("memory://")` and what follows. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser, openPage, type WatchedPage } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the page's own code calls the package: it runs in the browser, not here. */
type Package = typeof import("eddyline");

let server: StaticServer;
let browser: Browser;

before(async () => {
  server = await serveFolder("pkg/");
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** A page in which `import(address)` gives the package. */
async function openWithPackage(): Promise<WatchedPage & { address: string }> {
  const watched = await openPage(browser);
  await watched.page.goto(`${server.origin}/nothing-here`);
  return { ...watched, address: `${server.origin}/dist/entry/browser.js` };
}

test("entries go through a group in a browser tab", async () => {
  await using tab = await openWithPackage();
  const seen = await tab.page.evaluate(async (address) => {
    const { Eddyline } = (await import(address)) as Package;
    const db = await Eddyline.open("memory://");
    await db.xGroupCreate("orders", "billing", "0", { MKSTREAM: true });
    await db.xAdd("orders", "1-1", { item: "tea" });
    await db.xAdd("orders", "1-2", { item: "milk" });
    const delivered = await db.xReadGroup("billing", "one", { key: "orders", id: ">" });
    const acknowledged = await db.xAck("orders", "billing", "1-1");
    const { pending, firstId } = await db.xPending("orders", "billing");
    await db.close();
    return { delivered, acknowledged, pending, firstId };
  }, tab.address);
  assert.deepEqual(seen, {
    delivered: [
      {
        name: "orders",
        messages: [
          { id: "1-1", message: { item: "tea" } },
          { id: "1-2", message: { item: "milk" } },
        ],
      },
    ],
    acknowledged: 1,
    pending: 1,
    firstId: "1-2",
  });
});

test("a read waits in a browser tab, and ends by an entry, a signal or its time", async () => {
  await using tab = await openWithPackage();
  const seen = await tab.page.evaluate(async (address) => {
    const { Eddyline } = (await import(address)) as Package;
    const db = await Eddyline.open("memory://");
    const source = { key: "s", id: "$" };
    const woken = db.xRead(source, { BLOCK: 0 });
    await db.xAdd("s", "7-0", { by: "an entry" });
    const aborted = new AbortController();
    const called = db.xRead(source, { BLOCK: 0, signal: aborted.signal });
    aborted.abort(new Error("enough"));
    return {
      byEntry: (await woken)?.[0]?.messages,
      bySignal: await called.catch((error) => error.message),
      byTime: await db.xRead(source, { BLOCK: 20 }),
    };
  }, tab.address);
  assert.deepEqual(seen, {
    byEntry: [{ id: "7-0", message: { by: "an entry" } }],
    bySignal: "enough",
    byTime: null,
  });
});

test("a thousand appends called at once keep their order in a browser tab", async () => {
  await using tab = await openWithPackage();
  const ids = await tab.page.evaluate(async (address) => {
    const { Eddyline } = (await import(address)) as Package;
    const db = await Eddyline.open("memory://");
    const calls = Array.from({ length: 1000 }, (_, n) => db.xAdd("s", `5-${n + 1}`, { n: `${n}` }));
    await Promise.all(calls);
    return (await db.xRange("s", "-", "+")).map(({ id }) => id);
  }, tab.address);
  assert.deepEqual(
    ids,
    Array.from({ length: 1000 }, (_, n) => `5-${n + 1}`),
  );
});

test("a refused command is rejected with Redis' text and its code in a browser tab", async () => {
  await using tab = await openWithPackage();
  const seen = await tab.page.evaluate(async (address) => {
    const { Eddyline, CommandError } = (await import(address)) as Package;
    const db = await Eddyline.open("memory://");
    const error = await db.xAdd("s", "0-0", { a: "b" }).catch((error) => error);
    return [error instanceof CommandError, error.code, error.message];
  }, tab.address);
  assert.deepEqual(seen, [true, "ERR", "ERR The ID specified in XADD must be greater than 0-0"]);
});

test("without a bundler, idb: storage needs an import map for its one dependency", async () => {
  await using tab = await openPage(browser);
  const { page } = tab;
  const idb = readFileSync(
    new URL("../../node_modules/idb/build/index.js", import.meta.url),
    "utf8",
  );
  const map = JSON.stringify({ imports: { idb: "/idb.js" } });
  const body = `<!doctype html><script type="importmap">${map}</script>`;
  await page.route("**/idb.js", (route) =>
    route.fulfill({ body: idb, contentType: "text/javascript" }),
  );
  await page.route("**/mapped", (route) => route.fulfill({ body, contentType: "text/html" }));
  await page.goto(`${server.origin}/mapped`);
  const kept = await page.evaluate(async (address) => {
    const { Eddyline } = (await import(address)) as Package;
    const first = await Eddyline.open("idb://package");
    await first.xAdd("s", "1-1", { a: "1" });
    await first.close();
    const again = await Eddyline.open("idb://package");
    return await again.xRange("s", "-", "+");
  }, `${server.origin}/dist/entry/browser.js`);
  assert.deepEqual(kept, [{ id: "1-1", message: { a: "1" } }]);
});
