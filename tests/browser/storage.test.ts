/** `idb:` storage in Chromium: the contract of storages, tabs beside each other, and a full quota. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { contract } from "../storage/contract.ts";
import { provideBundle } from "./bundle.ts";
import { launchProfile } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./storage-in-page.ts");

const profile = mkdtempSync(join(tmpdir(), "eddyline-profile-"));
let server: StaticServer;
let context: BrowserContext;

before(async () => {
  server = await serveFolder("pkg/");
  // With a profile on disk: what is kept in memory only has no quota.
  context = await launchProfile(profile);
});

after(async () => {
  await context?.close();
  rmSync(profile, { recursive: true });
  await server?.[Symbol.asyncDispose]();
});

/** A tab in which the bundle can be imported from the address. */
async function openTab(origin = server.origin): Promise<{ page: Page; address: string }> {
  const page = await context.newPage();
  const entry = new URL("storage-in-page.ts", import.meta.url);
  const address = await provideBundle(page, origin, entry);
  await page.goto(`${origin}/nothing-here`);
  return { page, address };
}

for (const durability of ["strict", "relaxed"] as const) {
  describe(`idb: storage, durability ${durability}`, () => {
    for (const [at, { name }] of contract.entries()) {
      it(name, async () => {
        const { page, address } = await openTab();
        const problem = await page.evaluate(
          async ([address, at, durability]) =>
            ((await import(address)) as InPage).runCase(at, durability),
          [address, at, durability] as const,
        );
        await page.close();
        assert.equal(problem, null);
      });
    }
  });
}

describe("a keyspace in idb:", () => {
  it("is there after the tab has gone, with its groups, and larger than its memory", async () => {
    const first = await openTab();
    const written = await first.page.evaluate(async (address) => {
      const { Eddyline } = (await import(address)) as InPage;
      const db = await Eddyline.open("idb://kept", { maxResidentBytes: 200_000 });
      await db.xGroupCreate("s", "g", "0", { MKSTREAM: true });
      for (let n = 1; n <= 300; n++) await db.xAdd("s", `${n}-1`, { text: "x".repeat(5000) });
      await db.xReadGroup("g", "c", { key: "s", id: ">" }, { COUNT: 7 });
      return await db.xPending("s", "g");
    }, first.address);
    await first.page.close();
    const second = await openTab();
    const [ids, pending] = await second.page.evaluate(async (address) => {
      const { Eddyline } = (await import(address)) as InPage;
      const db = await Eddyline.open("idb://kept", { maxResidentBytes: 200_000 });
      const ids: string[] = [];
      for await (const page of db.xRangeIterator("s", "-", "+", { COUNT: 40 }))
        ids.push(...page.map(({ id }) => id));
      const pending = await db.xPending("s", "g");
      await db.close();
      return [ids, pending] as const;
    }, second.address);
    assert.deepEqual(
      ids,
      Array.from({ length: 300 }, (_, n) => `${n + 1}-1`),
    );
    assert.deepEqual(pending, written);
    assert.equal(pending.pending, 7);
  });

  it("has entries larger than a part, in the journal and in segments", async () => {
    const { page, address } = await openTab();
    const isSame = await page.evaluate(async (address) => {
      const { Eddyline } = (await import(address)) as InPage;
      const large = Uint8Array.from(
        { length: 6_000_000 },
        (_, at) => (at * at + (at >> 11)) & 0xff,
      );
      const found: boolean[] = [];
      for (const isFirst of [true, false]) {
        const db = await Eddyline.open("idb://large", { maxResidentBytes: 200_000 });
        if (isFirst) for (let n = 1; n <= 2; n++) await db.xAdd("s", `${n}-0`, { large });
        for await (const entries of db.withBytes().xRangeIterator("s", "-", "+", { COUNT: 1 })) {
          const bytes = entries[0]?.message["large"];
          found.push(large.every((byte, at) => bytes?.[at] === byte));
        }
        await db.close();
      }
      return found;
    }, address);
    await page.close();
    assert.deepEqual(isSame, [true, true, true, true]);
  });

  it("says when the quota is full, keeps what was acknowledged, and goes on when there is room", async () => {
    // Of another origin: the browser remembers for a while how much room this one had.
    await using other = await serveFolder("pkg/");
    const { origin } = other;
    const { page, address } = await openTab(origin);
    const control = await context.newCDPSession(page);
    const setQuota = (quotaSize?: number) =>
      control.send("Storage.overrideQuotaForOrigin", {
        origin,
        ...(quotaSize !== undefined && { quotaSize }),
      });
    await setQuota(2_000_000);
    const full = await page.evaluate(async (address) => {
      const { Eddyline } = (await import(address)) as InPage;
      const db = await Eddyline.open("idb://full", { maxResidentBytes: 1000 });
      Object.assign(globalThis, { db });
      for (let n = 1; n < 1000; n++) {
        // Random, because the browser's database compresses.
        const bytes = crypto.getRandomValues(new Uint8Array(50_000));
        const failure = await db.xAdd("s", `${n}-1`, { bytes }).then(
          () => null,
          (error) => [error.name, error.code],
        );
        if (failure !== null) return { failure, acknowledged: n - 1, there: await db.xLen("s") };
      }
      return null;
    }, address);
    assert.deepEqual(full?.failure, ["StorageFullError", "STORAGE_FULL"]);
    assert.equal(full.there, full.acknowledged);
    await setQuota();
    const after = await page.evaluate(async () => {
      const { db } = globalThis as unknown as { db: import("eddyline").Eddyline };
      await db.xAdd("s", "5000-1", { text: "again" });
      const ids = (await db.xRange("s", "-", "+")).map(({ id }) => id);
      await db.close();
      return ids;
    });
    const kept = Array.from({ length: full.acknowledged }, (_, n) => `${n + 1}-1`);
    assert.deepEqual(after, [...kept, "5000-1"]);
  });
});
