/** A stream that was made in Chromium opens in Node and in a Durable Object, and comes back. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { Eddyline } from "../../pkg/src/entry/node.ts";
import { known } from "../moving-scenario.ts";
import { TOKEN, Workerd } from "../workerd/workerd.ts";
import { provideBundle } from "./bundle.ts";
import { launchProfile } from "./chromium.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/** What the bundle exports: it runs in the browser, not here. */
type InPage = typeof import("./moving-in-page.ts");

const root = mkdtempSync(join(tmpdir(), "eddyline-moving-"));
let server: StaticServer;
let worker: Workerd;
let context: BrowserContext;
let page: Page;
let address: string;

before(async () => {
  server = await serveFolder("pkg/");
  worker = await Workerd.start();
  context = await launchProfile(join(root, "profile"));
  page = await context.newPage();
  address = await provideBundle(page, server.origin, new URL("moving-in-page.ts", import.meta.url));
  await page.goto(`${server.origin}/nothing-here`);
});

after(async () => {
  await context?.close();
  await worker?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

/** Makes a stream in the page; its export and what was known of it. */
function make(where: string) {
  return page.evaluate(
    async ([address, where]) => ((await import(address)) as InPage).make(where),
    [address, where] as const,
  );
}

/** Imports an export in the page; what is known of the stream there. */
function take(where: string, file: string): Promise<string> {
  return page.evaluate(
    async ([address, where, file]) => ((await import(address)) as InPage).take(where, file),
    [address, where, file] as const,
  );
}

async function infoOf(db: Eddyline, key: string): Promise<string> {
  return JSON.stringify(await known(db, key));
}

for (const [where, back] of [
  ["memory://", "memory://"],
  ["idb://made", "idb://back"],
] as const) {
  it(`a stream made in ${where} opens in a folder, in an object, and in ${back}`, async () => {
    const { file, info } = await make(where);
    const bytes = Buffer.from(file, "latin1");
    const folder = `file:${mkdtempSync(join(root, "folder-"))}`;
    {
      await using db = await Eddyline.open(folder);
      assert.equal(await db.import(bytes), 1);
    }
    await using db = await Eddyline.open(folder);
    assert.equal(await infoOf(db, "orders"), info);
    await using there = await Eddyline.open(worker.address, { token: TOKEN });
    assert.equal(await there.import(bytes, { as: where }), 1);
    assert.equal(await infoOf(there, where), info);
    const exported = await new Response(there.export(where)).arrayBuffer();
    assert.equal(await take(back, Buffer.from(exported).toString("latin1")), info);
  });
}

it("a page brings a stream to an object itself", async () => {
  const { info } = await make("idb://sent");
  await page.evaluate(
    async ([address, to, token]) =>
      ((await import(address)) as InPage).send("idb://sent", to, token),
    [address, worker.address, TOKEN] as const,
  );
  await using there = await Eddyline.open(worker.address, { token: TOKEN });
  assert.equal(await infoOf(there, "from a page"), info);
});
