/**
 * Tabs, workers and a shared worker append to one `idb://` database and consume from it, while the
 * tab that leads is closed or killed, again and again: what was acknowledged is there exactly once,
 * in its order, and each entry was consumed.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import { randomOf, seedOfRun } from "../storage/random.ts";
import { bundle } from "./bundle.ts";
import { launchProfile } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./tabs-in-page.ts");

const TABS = 4;
const ENDS = 10;
/** Entries that the tabs are to append between one end and the next, at least. */
const PROGRESS = 40;

const profile = mkdtempSync(join(tmpdir(), "eddyline-profile-"));
let server: StaticServer;
let context: BrowserContext;
/** Where pages import the bundle from. */
let address: string;

before(async () => {
  server = await serveFolder("pkg/");
  context = await launchProfile(profile);
  const body = await bundle(new URL("tabs-in-page.ts", import.meta.url));
  address = `${server.origin}/dist/entry/tabs-in-page.js`;
  await context.route(address, (route) => route.fulfill({ body, contentType: "text/javascript" }));
});

after(async () => {
  await context?.close();
  rmSync(profile, { recursive: true, maxRetries: 3 });
  await server?.[Symbol.asyncDispose]();
});

/** What tabs have told. */
class Account {
  readonly sent = new Set<string>();
  readonly acknowledged = new Set<string>();
  readonly consumed: string[] = [];

  hear(line: string): void {
    const rest = line.slice(1);
    if (line.startsWith("S")) this.sent.add(rest);
    else if (line.startsWith("A")) this.acknowledged.add(rest);
    else this.consumed.push(rest);
  }

  async progress(): Promise<void> {
    const target = this.acknowledged.size + PROGRESS;
    while (this.acknowledged.size < target) await sleep(10);
  }
}

async function openPage(): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`${server.origin}/nothing-here`);
  return page;
}

type Given = {
  worker: InstanceType<InPage["Worker"]>;
  tell(line: string): void;
  db: Awaited<ReturnType<InPage["open"]>>;
};

async function openTab(database: string, name: string, account: Account): Promise<Page> {
  const page = await openPage();
  const control = await context.newCDPSession(page);
  // It has left the page when the call returns.
  control.on("Runtime.bindingCalled", ({ payload }) => account.hear(payload));
  await control.send("Runtime.addBinding", { name: "tell" });
  await page.evaluate(
    async ([address, database, name]) => {
      const { open, Worker } = (await import(address)) as InPage;
      const given = globalThis as unknown as Given;
      const db = await open(database);
      const worker = new Worker(db, name, (line) => given.tell(line));
      Object.assign(globalThis, { db, worker });
      worker.run();
    },
    [address, database, name] as const,
  );
  return page;
}

async function leaderOf(pages: readonly Page[]): Promise<Page> {
  for (;;) {
    for (const page of pages) {
      if (await page.evaluate(() => (globalThis as unknown as Given).db.isLeader)) return page;
    }
    await sleep(20);
  }
}

async function crash(page: Page): Promise<void> {
  const control = await context.newCDPSession(page);
  const crashed = new Promise((resolve) => page.once("crash", resolve));
  control.send("Page.crash").catch(() => {});
  await crashed;
  await page.close();
}

/** All that is stored, and what the group knows. */
function audit(page: Page, database: string) {
  return page.evaluate(
    async ([address, database]) => {
      const { open } = (await import(address)) as InPage;
      const db = await open(database);
      const entries: Record<string, string>[] = [];
      for await (const page of db.xRangeIterator("log", "-", "+", { COUNT: 500 }))
        for (const { message } of page) entries.push(message);
      const { pending, consumers } = await db.xPending("log", "all");
      const holders = (consumers ?? []).map(({ name }) => name);
      const [group] = await db.xInfoGroups("log");
      const lag = group?.lag ?? Number.NaN;
      const sum = Number(await db.get("sum"));
      await db.close();
      return { entries, pending, holders, lag, sum };
    },
    [address, database] as const,
  );
}

test("leaders that are closed or crash, in tabs", async (t) => {
  const account = new Account();
  const random = randomOf(seedOfRun());
  const setUp = await openPage();
  await setUp.evaluate(async (address) => {
    const { open } = (await import(address)) as InPage;
    const db = await open("storm");
    await db.xGroupCreate("log", "all", "0", { MKSTREAM: true });
    await db.close();
  }, address);
  let born = 0;
  const tabs: Page[] = [];
  const open = async () => void tabs.push(await openTab("storm", `tab${++born}`, account));
  for (let n = 0; n < TABS; n++) await open();
  for (let n = 1; n <= ENDS; n++) {
    await account.progress();
    const leader = await leaderOf(tabs);
    tabs.splice(tabs.indexOf(leader), 1);
    if (random(3) === 0) await leader.close();
    else await crash(leader);
    await open();
  }
  await account.progress();
  for (const tab of tabs) await tab.evaluate(() => (globalThis as unknown as Given).worker.stop());
  for (const tab of tabs) await tab.evaluate(() => (globalThis as unknown as Given).db.close());
  const found = await audit(setUp, "storm");
  check(account, found);
  const living = Array.from({ length: TABS }, (_, n) => `tab${born - n}`);
  // Whoever is there has finished all that it was given, so nothing was given to nobody.
  assert.deepEqual(
    found.holders.filter((name) => living.includes(name)),
    [],
  );
  t.diagnostic(
    `${account.sent.size} sent, ${account.acknowledged.size} acknowledged, ${found.entries.length} there, ${account.consumed.length} consumed, ${found.pending} pending`,
  );
});

function check(account: Account, found: Awaited<ReturnType<typeof audit>>): void {
  const values = found.entries.map(({ value = "" }) => value);
  const there = new Set(values);
  assert.equal(there.size, values.length, "nothing twice");
  assert.deepEqual(
    [...account.acknowledged].filter((value) => !there.has(value)),
    [],
  );
  assert.deepEqual(
    values.filter((value) => !account.sent.has(value)),
    [],
  );
  const last = new Map<string, number>();
  for (const { lane = "", n } of found.entries) {
    assert.ok(Number(n) > (last.get(lane) ?? 0), `${lane} in order`);
    last.set(lane, Number(n));
  }
  // Every fourth of those appended together is counted by its transaction.
  const counted = found.entries.filter(
    ({ lane = "", n }) => lane.endsWith("many") && Number(n) % 4 === 3,
  );
  assert.equal(found.sum, counted.length, "transactions are whole");
  const settled = account.consumed
    .filter((line) => line.startsWith("1 "))
    .map((line) => line.slice(2));
  assert.equal(new Set(settled).size, settled.length, "acknowledged once");
  const finished = values.length - found.lag - found.pending;
  assert.ok(finished >= settled.length, "what was acknowledged is not pending");
}
