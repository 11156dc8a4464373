/**
 * The guide to outboxes is a program: in tabs of Chromium without a network, with answers that are
 * lost and tabs that are killed, delivering to a Worker in workerd.
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Eddyline } from "eddyline";
import { createToken } from "eddyline/server";
import type { BrowserContext, Page, Route } from "playwright-core";
import { TOKEN, Workerd } from "../workerd/workerd.ts";
import { bundle } from "./bundle.ts";
import { launchProfile } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const GUIDE = readFileSync(join(ROOT, "docs/guides/outbox.md"), "utf8");
/** Deep enough to find the wasm as the package's own entry does. */
const SCRIPT = "/dist/entry/outbox.js";

// Inside the repository, so that `import "eddyline"` finds the workspace's package.
mkdirSync(join(ROOT, "target"), { recursive: true });
const folder = mkdtempSync(join(ROOT, "target", "outbox-"));
let worker: Workerd;
let server: StaticServer;
let context: BrowserContext;
let there: Eddyline;

/** What the program of the page exports. */
interface Program {
  order(value: { item: string; cups: number }): Promise<string>;
  waiting(): Promise<number>;
  finish(): Promise<void>;
}

before(async () => {
  worker = await Workerd.start();
  const token = await createToken(TOKEN, { commands: ["xadd"], prefixes: ["orders"] });
  const [setUp = "", append, deliver, look, end] = [...GUIDE.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, block = ""]) => block)
    .map((block) => block.replace("https://streams.example.com", worker.address))
    .map((block) => block.replace('"secret"', JSON.stringify(TOKEN)))
    .map((block) => block.replace('"append only"', JSON.stringify(token)));
  const file = join(folder, "outbox.ts");
  writeFileSync(join(folder, "set-up.ts"), setUp);
  writeFileSync(
    file,
    `${append}\n${deliver}\n${look}\nconst finish = async () => {\n${end}\n};\nexport { order, waiting, finish };`,
  );
  await import(pathToFileURL(join(folder, "set-up.ts")).href);
  server = await serveFolder("pkg/", { [SCRIPT]: await bundle(pathToFileURL(file)) });
  context = await launchProfile(join(folder, "profile"));
  there = await Eddyline.open(worker.address, { token: TOKEN });
});

after(async () => {
  await there?.close();
  await context?.close();
  await worker?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, maxRetries: 3 });
});

/** A page of the shop. */
async function openShop(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.origin}/nothing-here`);
  await page.evaluate(async (address) => {
    Object.assign(globalThis, await import(address));
  }, server.origin + SCRIPT);
  return page;
}

/** Orders so many cups, one after the other, from the number given. */
function orderCups(page: Page, from: number, count: number): Promise<void> {
  return page.evaluate(
    async ([from, count]) => {
      const { order } = globalThis as unknown as Program;
      for (let cups = from; cups < from + count; cups++) await order({ item: "tea", cups });
    },
    [from, count] as const,
  );
}

const waitingIn = (page: Page) => page.evaluate(() => (globalThis as unknown as Program).waiting());

async function untilDelivered(page: Page): Promise<void> {
  while ((await waitingIn(page)) > 0) await sleep(20);
}

/** The numbers that have arrived, in their order. */
async function arrived(): Promise<number[]> {
  const cups: number[] = [];
  for await (const entries of there.xRangeIterator("orders", "-", "+"))
    for (const { message } of entries) cups.push(Number(message["cups"]));
  return cups;
}

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

test("orders made online, offline, with lost answers and by tabs that crash arrive once, in order", async () => {
  const [first, second] = [await openShop(), await openShop()];
  await orderCups(first, 1, 5);
  await untilDelivered(second);
  assert.deepEqual(await arrived(), upTo(5));

  await context.setOffline(true);
  await orderCups(first, 6, 130);
  await orderCups(second, 136, 15);
  assert.equal(await waitingIn(first), 145);
  assert.deepEqual(await arrived(), upTo(5));
  await context.setOffline(false);
  await untilDelivered(second);
  assert.deepEqual(await arrived(), upTo(150));

  let lost = 0;
  const lose = async (route: Route) => {
    if (route.request().method() !== "POST" || lost >= 3) return await route.continue();
    lost++;
    // It arrives there, and its answer does not arrive here.
    await route.fetch();
    await route.abort();
  };
  await context.route(`${worker.address}**`, lose);
  await orderCups(second, 151, 50);
  await untilDelivered(second);
  await context.unroute(`${worker.address}**`, lose);
  assert.equal(lost, 3);
  assert.deepEqual(await arrived(), upTo(200));

  // The answers to the tab that delivers do not come, and then it is gone; the other one goes on.
  const silent = Promise.withResolvers<void>();
  await first.route(`${worker.address}**`, async (route) => {
    await route.fetch();
    silent.resolve();
  });
  await orderCups(second, 201, 30);
  await silent.promise;
  await crash(first);
  await untilDelivered(second);
  assert.deepEqual(await arrived(), upTo(230));
  await second.evaluate(() => (globalThis as unknown as Program).finish());
});

async function crash(page: Page): Promise<void> {
  const control = await context.newCDPSession(page);
  const crashed = new Promise((resolve) => page.once("crash", resolve));
  control.send("Page.crash").catch(() => {});
  await crashed;
  await page.close();
}
