/** The front door as a browser meets it: EventSource, WebSocket and fetch of another origin's page. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createToken } from "eddyline/server";
import type { Browser } from "playwright-core";
import { HttpHost, TOKEN } from "../node/http-host.ts";
import { launchBrowser, openPage, type WatchedPage } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the page's own code calls the package: it runs in the browser, not here. */
type Package = typeof import("eddyline");

let files: StaticServer;
let host: HttpHost;
let browser: Browser;

before(async () => {
  files = await serveFolder("pkg/");
  host = await HttpHost.start();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await host?.[Symbol.asyncDispose]();
  await files?.[Symbol.asyncDispose]();
});

/** A page of another origin than the server's. */
async function openTab(): Promise<WatchedPage> {
  const watched = await openPage(browser);
  await watched.page.goto(`${files.origin}/nothing-here`);
  return watched;
}

test("an EventSource follows a stream, and goes on where it was when it was cut off", async () => {
  await using tab = await openTab();
  const token = await createToken(TOKEN, { readOnly: true, prefixes: ["followed"] });
  const address = `${host.address}/v1/streams/followed/events?from=0&token=${token}`;
  const followed = tab.page.evaluate(
    (address) =>
      new Promise<string[]>((resolve) => {
        const ids: string[] = [];
        const source = new EventSource(address);
        source.addEventListener("message", ({ lastEventId, data }) => {
          ids.push(`${lastEventId} ${data}`);
          if (ids.length < 20) return;
          source.close();
          resolve(ids);
        });
      }),
    address,
  );
  const expected: string[] = [];
  for (let n = 1; n <= 20; n++) {
    await host.result("XADD", "followed", `${n}-0`, "n", n);
    expected.push(`${n}-0 {"n":"${n}"}`);
    if (n === 7) await host.result("CLIENT", "KILL", "TYPE", "normal");
  }
  assert.deepEqual(await followed, expected);
});

test("the client is the same over HTTP and over a WebSocket", async () => {
  await using tab = await openTab();
  for (const scheme of ["http", "ws"]) {
    const address = host.address.replace("http", scheme);
    const seen = await tab.page.evaluate(
      async ([entry, address, token, key]) => {
        const { Eddyline } = (await import(entry)) as Package;
        const db = await Eddyline.open(address, { token });
        const waiting = db.xRead({ key, id: "0" }, { BLOCK: 0 });
        // More of them than a browser has connections to one server.
        const others = Array.from({ length: 8 }, () => db.xRead({ key, id: "0" }, { BLOCK: 0 }));
        await db.xAdd(key, "1-1", { from: "the page" });
        const [stream] = (await waiting) ?? [];
        const counts = (await Promise.all(others)).map((read) => read?.[0]?.messages.length);
        const refused = await db.xAdd(key, "1-1", { f: "v" }).catch((error: Error) => error.name);
        await db.close();
        return { message: stream?.messages[0]?.message, counts, refused };
      },
      [`${files.origin}/dist/entry/browser.js`, address, TOKEN, `key-${scheme}`] as const,
    );
    assert.deepEqual(seen, {
      message: { from: "the page" },
      counts: Array.from({ length: 8 }, () => 1),
      refused: "CommandError",
    });
  }
});
