/** Streams of values in Chromium: in memory, in IndexedDB, and as the platform's streams. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { provideBundle } from "./bundle.ts";
import { launchProfile } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./stream-in-page.ts");

const profile = mkdtempSync(join(tmpdir(), "eddyline-profile-"));
let server: StaticServer;
let context: BrowserContext;
let page: Page;
let address: string;

before(async () => {
  server = await serveFolder("pkg/");
  context = await launchProfile(profile);
  page = await context.newPage();
  address = await provideBundle(page, server.origin, new URL("stream-in-page.ts", import.meta.url));
  await page.goto(`${server.origin}/nothing-here`);
});

after(async () => {
  await context?.close();
  rmSync(profile, { recursive: true });
  await server?.[Symbol.asyncDispose]();
});

for (const [where, kept] of [
  ["memory://", 0],
  ["idb://values", 121],
] as const) {
  it(`append, follow, consume and bury in ${where}`, async () => {
    const length = await page.evaluate(
      async ([address, where]) => ((await import(address)) as InPage).runScenario(where),
      [address, where] as const,
    );
    assert.equal(length, kept);
  });
}

it("pipe the platform's streams in and out", async () => {
  const read = await page.evaluate(
    async (address) => ((await import(address)) as InPage).pipe(),
    address,
  );
  assert.deepEqual(read, [1, 2, 3]);
});
