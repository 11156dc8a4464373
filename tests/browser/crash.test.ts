/**
 * Chromium is killed while a page works on `idb:` storage: all that was acknowledged is there, in
 * order, and nothing that was not sent.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import type { Command } from "../storage/history.ts";
import { type Life, Model } from "../storage/model.ts";
import { type Random, randomOf, seedOfRun } from "../storage/random.ts";
import { provideBundle } from "./bundle.ts";
import { launchKillable } from "./chromium.ts";
import { serveFolder } from "./static-server.ts";

/** What the bundle exports, and what it is given: it runs in the browser, not here. */
type InPage = typeof import("./crash-in-page.ts");
type Given = { tell(line: string): Promise<void>; db: Awaited<ReturnType<InPage["open"]>> };

const KILLS = 6;
const IDS_A_LIFE = 1_000_000;

test("a killed browser has lost nothing acknowledged", async (context) => {
  await using server = await serveFolder("pkg/");
  const profile = mkdtempSync(join(tmpdir(), "eddyline-profile-"));
  const seed = seedOfRun();
  const random = randomOf(seed);
  const model = await Model.open();
  const totals = { acknowledged: 0, underWay: 0, happened: 0 };
  let before: Life = { sent: [], acknowledged: [] };
  try {
    for (let life = 1; life <= KILLS + 1; life++) {
      const browser = await launchKillable(profile);
      try {
        const { page, address } = await openPage(browser.context, server.origin);
        totals.happened += await model.follow(before, await ask(page, address));
        if (life > KILLS) break;
        const durability = random(2) === 0 ? "strict" : "relaxed";
        const kill = () => browser.kill();
        before = await live(
          page,
          address,
          [durability, seed + life, life * IDS_A_LIFE],
          kill,
          random,
        );
        totals.acknowledged += before.acknowledged.length;
        totals.underWay += before.sent.length - before.acknowledged.length;
      } finally {
        await browser.kill();
      }
    }
  } catch (cause) {
    throw new Error(`seed ${seed}`, { cause });
  } finally {
    await model.close();
    rmSync(profile, { recursive: true, maxRetries: 3 });
  }
  assert.ok(totals.acknowledged > KILLS * 10, "it was worth it");
  context.diagnostic(JSON.stringify({ seed, ...totals }));
});

async function openPage(
  context: BrowserContext,
  origin: string,
): Promise<{ page: Page; address: string }> {
  const page = await context.newPage();
  const entry = new URL("crash-in-page.ts", import.meta.url);
  const address = await provideBundle(page, origin, entry);
  await page.goto(`${origin}/nothing-here`);
  return { page, address };
}

/** Lets the page ask the keyspace as it was left, and closes it. */
async function ask(page: Page, address: string) {
  await page.evaluate(async (address) => {
    const { open } = (await import(address)) as InPage;
    Object.assign(globalThis, { db: await open("crash") });
  }, address);
  return {
    sendCommand: async (argv: readonly string[]): Promise<unknown> => {
      const { reply, error } = await page.evaluate(
        async (argv) =>
          (globalThis as unknown as Given).db.sendCommand([...argv]).then(
            (reply) => ({ reply, error: undefined }),
            ({ code, message }) => ({ reply: undefined, error: { code, message } }),
          ),
        argv,
      );
      if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
      return reply;
    },
  };
}

/** Lets the page work for a while and kills its browser; what the page told. */
async function live(
  page: Page,
  address: string,
  settings: readonly [durability: "strict" | "relaxed", seed: number, start: number],
  kill: () => Promise<void>,
  random: Random,
): Promise<Life> {
  const life = { sent: [] as Command[], acknowledged: [] as string[] };
  const target = 5 + random(150);
  const enough = Promise.withResolvers<void>();
  await page.exposeFunction("tell", (line: string) => {
    if (line.startsWith("S")) life.sent.push(JSON.parse(line.slice(1)));
    else life.acknowledged.push(line.slice(1));
    if (life.acknowledged.length >= target) enough.resolve();
  });
  const work = page.evaluate(
    async ([address, settings]) => {
      const given = globalThis as unknown as Given;
      await given.db.close();
      const { live } = (await import(address)) as InPage;
      await live("crash", ...settings, (line) => given.tell(line));
    },
    [address, settings] as const,
  );
  const ended = work.catch((error: unknown) => error);
  await Promise.race([enough.promise, ended]);
  await sleep(random(40));
  await kill();
  const error = await ended;
  assert.ok(life.acknowledged.length >= target, `the page failed: ${error}`);
  return life;
}
