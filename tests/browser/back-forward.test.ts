/** Pages that the browser keeps aside when they are left, and shows again on the way back. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { bundle } from "./bundle.ts";
import { launchWithBackForwardCache } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

type InPage = typeof import("./tabs-in-page.ts");
type Given = {
  db: Awaited<ReturnType<InPage["open"]>>;
  /** Whether the page came back as it was. */
  isBack: Promise<boolean>;
  hellos: number;
};

const profile = mkdtempSync(join(tmpdir(), "eddyline-profile-"));
const SCRIPT = "/dist/entry/tabs-in-page.js";
/** The browser may give a page up that it keeps, for reasons of its own. */
const MOST_TRIES = 10;
const EMPTY = "<!doctype html><title>empty</title>";
let server: StaticServer;
let context: BrowserContext;

before(async () => {
  const source = await bundle(new URL("tabs-in-page.ts", import.meta.url));
  server = await serveFolder("pkg/", { [SCRIPT]: source, "/a.html": EMPTY, "/b.html": EMPTY });
  context = await launchWithBackForwardCache(profile);
});

after(async () => {
  await context?.close();
  rmSync(profile, { recursive: true, maxRetries: 3 });
  await server?.[Symbol.asyncDispose]();
});

/** A tab that has the database `name` open, as `db`. */
async function openTab(name: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.origin}/a.html`);
  await page.evaluate(
    async ([address, name]) => {
      const module = (await import(address)) as InPage;
      const isBack = new Promise((resolve) => {
        addEventListener("pageshow", ({ persisted }) => resolve(persisted), { once: true });
      });
      Object.assign(globalThis, { db: await module.open(name), isBack });
    },
    [server.origin + SCRIPT, name] as const,
  );
  return page;
}

/** Goes to another page; what is returned goes back. */
async function leave(page: Page): Promise<() => Promise<void>> {
  // Not by the page's own methods, which wait for a new document.
  const devtools = await context.newCDPSession(page);
  await devtools.send("Page.enable");
  const arrived = () =>
    new Promise<void>((resolve) => devtools.once("Page.frameNavigated", () => resolve()));
  const { entries, currentIndex } = await devtools.send("Page.getNavigationHistory");
  const entryId = entries[currentIndex]?.id ?? Number.NaN;
  const away = arrived();
  await devtools.send("Page.navigate", { url: `${server.origin}/b.html` });
  await away;
  return async () => {
    const back = arrived();
    for (let tries = 0; ; tries++) {
      try {
        await devtools.send("Page.navigateToHistoryEntry", { entryId });
        break;
      } catch (error) {
        // The page that has come may not be shown yet.
        if (tries === MOST_TRIES || !String(error).includes("active page")) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    await back;
  };
}

/** A tab that was left and shown again as it was; `tries` says how many were opened for it. */
async function openAndComeBack(name: string): Promise<{ page: Page; tries: number }> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const page = await openTab(name);
    await page.evaluate(() => (globalThis as unknown as Given).db.incr("visits"));
    const goBack = await leave(page);
    await goBack();
    // It may be in the middle of being loaded anew.
    const isBack = await page
      .evaluate(() => (globalThis as unknown as Given).isBack)
      .catch(() => undefined);
    if (isBack === true) return { page, tries };
    await page.close();
  }
  throw new Error(`the browser kept none of ${MOST_TRIES} pages`);
}

const isLeader = (page: Page) => page.evaluate(() => (globalThis as unknown as Given).db.isLeader);

test("a tab that leads comes back with its engine", async () => {
  const { page, tries } = await openAndComeBack("alone");
  const seen = await page.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    return [await db.xAdd("s", "1-1", { a: "b" }), await db.get("visits"), db.isLeader];
  });
  assert.deepEqual(seen, ["1-1", `${tries}`, true]);
  await page.close();
});

test("a tab that follows greets the leader when it is back, and goes on", async () => {
  const leader = await openTab("follower");
  await leader.evaluate(() => {
    const lobby = new BroadcastChannel("eddyline/follower");
    Object.assign(globalThis, { lobby, hellos: 0 });
    lobby.onmessage = ({ data }) => {
      if (data.kind === "hello") (globalThis as unknown as Given).hellos++;
    };
  });
  const { page, tries } = await openAndComeBack("follower");
  const seen = await page.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    return [await db.xAdd("s", "1-1", { a: "b" }), await db.get("visits"), db.isLeader];
  });
  assert.deepEqual(seen, ["1-1", `${tries}`, false]);
  // Each when it was opened, and the last one when it was shown again.
  const hellos = await leader.evaluate(() => (globalThis as unknown as Given).hellos);
  assert.equal(hellos, tries + 1);
  await Promise.all([leader.close(), page.close()]);
});

test("a leader that is kept aside stops nobody: another tab that asks it takes the lead", async () => {
  const [first, second] = [await openTab("aside"), await openTab("aside")];
  assert.deepEqual([await isLeader(first), await isLeader(second)], [true, false]);
  await first.evaluate(() => (globalThis as unknown as Given).db.xAdd("s", "1-1", { a: "b" }));
  const goBack = await leave(first);
  const seen = await second.evaluate(async () => {
    const { db } = globalThis as unknown as Given;
    return [await db.xAdd("s", "2-1", { a: "c" }), await db.xLen("s"), db.isLeader];
  });
  assert.deepEqual(seen, ["2-1", 2, true]);
  // The browser gave the page up for that: it is loaded anew.
  await goBack();
  await first.waitForFunction(() => document.readyState === "complete");
  assert.equal(await first.evaluate(() => "db" in globalThis), false);
  await Promise.all([first.close(), second.close()]);
});
