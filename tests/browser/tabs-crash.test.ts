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
import { type Random, randomOf, seedOfRun } from "../storage/random.ts";
import { bundle } from "./bundle.ts";
import { launchProfile } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";
import type { Driver, Place } from "./tabs-in-page.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./tabs-in-page.ts");

const WORKERS = 4;
const ENDS = 8;
/** Entries that the tabs are to append between one end and the next, at least. */
const PROGRESS = 40;

const profile = mkdtempSync(join(tmpdir(), "eddyline-profile-"));
let server: StaticServer;
let context: BrowserContext;
/** Where pages import the bundle from. */
let address: string;

before(async () => {
  // Deep enough to find the wasm as the package's own entry does.
  const script = "/dist/entry/tabs-in-page.js";
  const source = await bundle(new URL("tabs-in-page.ts", import.meta.url));
  server = await serveFolder("pkg/", { [script]: source });
  address = server.origin + script;
  context = await launchProfile(profile);
});

after(async () => {
  await context?.close();
  rmSync(profile, { recursive: true, maxRetries: 3 });
  await server?.[Symbol.asyncDispose]();
});

/** What tabs have told. */
class Account {
  readonly acknowledged = new Set<string>();
  readonly consumed: string[] = [];

  hear(line: string): void {
    const rest = line.slice(1);
    if (line.startsWith("A")) this.acknowledged.add(rest);
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

type Given = { driver: Driver; tell(line: string): void };

/** Somebody who works on the database. */
interface Worker {
  readonly name: string;
  readonly page: Page;
  readonly place: Place;
}

/** Begins to work in a page of its own, there or in a worker. */
async function beginWork(
  database: string,
  place: Place,
  name: string,
  account: Account,
): Promise<Worker> {
  const page = await openPage();
  const control = await context.newCDPSession(page);
  // What a page says right before it crashes may not be heard.
  control.on("Runtime.bindingCalled", ({ payload }) => account.hear(payload));
  await control.send("Runtime.addBinding", { name: "tell" });
  await page.evaluate(
    async ([address, place, database, name]) => {
      const { begin } = (await import(address)) as InPage;
      const { tell } = globalThis as unknown as Given;
      const driver = await begin(place, database, name, async (line) => tell(line));
      Object.assign(globalThis, { driver });
    },
    [address, place, database, name] as const,
  );
  return { name, page, place };
}

function drive({ page }: Worker, verb: keyof Driver): Promise<unknown> {
  // Of one type, whichever it is.
  return page.evaluate(async (verb: string) => {
    const { driver } = globalThis as unknown as Given;
    return (await driver[verb as keyof Driver]()) as unknown;
  }, verb);
}

async function leaderOf(workers: readonly Worker[]): Promise<Worker> {
  for (;;) {
    for (const worker of workers) if (await drive(worker, "isLeader")) return worker;
    await sleep(20);
  }
}

/** Ends a worker in one of the ways in which they end. */
async function end(worker: Worker, random: Random): Promise<void> {
  const { page, place } = worker;
  if (place !== "page" && random(2) === 0) await drive(worker, "die");
  else if (random(3) > 0) await crash(page);
  await page.close();
}

async function crash(page: Page): Promise<void> {
  const control = await context.newCDPSession(page);
  const crashed = new Promise((resolve) => page.once("crash", resolve));
  control.send("Page.crash").catch(() => {});
  await crashed;
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

for (const places of [["page"], ["Worker", "SharedWorker", "page"]] as const) {
  test(`leaders that are closed or crash, each in a ${places.join(" or a ")}`, async (t) => {
    const database = places.join("-");
    const account = new Account();
    const random = randomOf(seedOfRun());
    const setUp = await openPage();
    await createGroup(setUp, database);
    let born = 0;
    const workers: Worker[] = [];
    const begin = async () => {
      const place = places[born % places.length] ?? "page";
      workers.push(await beginWork(database, place, `w${++born}`, account));
    };
    for (let n = 0; n < WORKERS; n++) await begin();
    for (let n = 1; n <= ENDS; n++) {
      await account.progress();
      const leader = await leaderOf(workers);
      workers.splice(workers.indexOf(leader), 1);
      await end(leader, random);
      await begin();
    }
    await account.progress();
    for (const worker of workers) await drive(worker, "stop");
    for (const worker of workers) await drive(worker, "close");
    const found = await audit(setUp, database);
    for (const { page } of [...workers, { page: setUp }]) await page.close();
    check(account, found);
    // Who is there has finished all that it was given, so nothing was given to nobody.
    const names = workers.map(({ name }) => name);
    assert.deepEqual(
      found.holders.filter((name) => names.includes(name)),
      [],
    );
    const { acknowledged, consumed } = account;
    const there = found.entries.length;
    t.diagnostic(
      `${acknowledged.size} acknowledged, ${there} there, ` +
        `${consumed.length} consumed, ${found.pending} pending`,
    );
  });
}

async function createGroup(page: Page, database: string): Promise<void> {
  await page.evaluate(
    async ([address, database]) => {
      const { open } = (await import(address)) as InPage;
      const db = await open(database);
      await db.xGroupCreate("log", "all", "0", { MKSTREAM: true });
      await db.close();
    },
    [address, database] as const,
  );
}

function check(account: Account, found: Awaited<ReturnType<typeof audit>>): void {
  const values = found.entries.map(({ value = "" }) => value);
  const there = new Set(values);
  assert.equal(there.size, values.length, "nothing twice");
  assert.deepEqual(
    [...account.acknowledged].filter((value) => !there.has(value)),
    [],
  );
  const last = new Map<string, number>();
  for (const { lane = "", n } of found.entries) {
    assert.equal(Number(n), (last.get(lane) ?? 0) + 1, `${lane} in order, and nothing left out`);
    last.set(lane, Number(n));
  }
  // Every fourth of those appended together is counted by its transaction.
  const counted = found.entries.filter(
    ({ lane = "", n }) => lane.endsWith("many") && Number(n) % 4 === 2,
  );
  assert.equal(found.sum, counted.length, "transactions are whole");
  const settled = account.consumed
    .filter((line) => line.startsWith("1 "))
    .map((line) => line.slice(2));
  assert.equal(new Set(settled).size, settled.length, "acknowledged once");
  const finished = values.length - found.lag - found.pending;
  assert.ok(finished >= settled.length, "what was acknowledged is not pending");
}
