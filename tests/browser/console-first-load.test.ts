/**
 * How many bytes the console takes until it can be used, as a server with gzip sends them: all that
 * the page asks for, each file once. What the service worker fetches meanwhile, so that the rest
 * works without a network as well, is not waited for and not counted.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, openPage } from "./chromium.ts";
import { type BackEnd, startProgram, startTab } from "./console-back-end.ts";
import { openConsole } from "./console-steps.ts";

const PAGE = fileURLToPath(new URL("../../www/dist/", import.meta.url));

/** Bytes, gzipped. */
const BOUNDS = {
  /** Until one may say where the streams are. */
  start: 28_000,
  /** Until a server's streams are listed. */
  server: 51_000,
  /** Until those of the engine in the tab are, but for the engine's wasm. */
  engine: 45_000,
  /** With that: the core of it, and what listing streams needs. */
  whole: 132_000,
} as const;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/** What `use` has the page load, by the file's name. */
async function loaded(backEnd: BackEnd, use: (page: Page) => Promise<void>) {
  await using watched = await openPage(browser, { serviceWorkers: "block" });
  const files = new Map<string, number>();
  watched.page.on("response", (response) => {
    const { origin, pathname } = new URL(response.url());
    if (origin !== backEnd.origin || response.request().method() !== "GET") return;
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    files.set(name, gzipSync(readFileSync(`${PAGE}${name}`), { level: 9 }).byteLength);
  });
  await use(watched.page);
  await watched.page.waitForLoadState("networkidle");
  return files;
}

function sum(files: ReadonlyMap<string, number>): number {
  return [...files.values()].reduce((all, bytes) => all + bytes, 0);
}

function report(t: TestContext, what: string, files: ReadonlyMap<string, number>): void {
  const list = [...files].map(([name, bytes]) => `${name} ${bytes}`).join(", ");
  t.diagnostic(`${what}: ${sum(files)} bytes gzipped (${list})`);
}

test("the page, and a server's streams, are there soon", async (t) => {
  await using backEnd = await startProgram();
  const start = await loaded(backEnd, async (page) => {
    await page.goto(backEnd.origin);
    await page.getByRole("heading", { name: "Where are your streams?" }).waitFor();
  });
  report(t, "the page", start);
  assert.ok(sum(start) <= BOUNDS.start, `${sum(start)} bytes`);
  const server = await loaded(backEnd, (page) => openConsole(page, backEnd));
  report(t, "a server's streams", server);
  assert.ok(sum(server) <= BOUNDS.server, `${sum(server)} bytes`);
  assert.deepEqual(
    [...server.keys()].filter((name) => name.endsWith(".wasm")),
    [],
  );
});

test("so are those of the engine in the tab", async (t) => {
  await using backEnd = await startTab();
  const files = await loaded(backEnd, (page) => openConsole(page, backEnd));
  report(t, "the engine in the tab", files);
  const scripts = new Map([...files].filter(([name]) => !name.endsWith(".wasm")));
  const wasm = [...files.keys()].filter((name) => !scripts.has(name));
  const parts = wasm.map((name) => name.replace(/^assets\/eddyline_(\w+)_bg-.*$/, "$1"));
  assert.deepEqual(parts.sort(), ["core", "inspection"]);
  assert.ok(sum(scripts) <= BOUNDS.engine, `${sum(scripts)} bytes beside the engine`);
  assert.ok(sum(files) <= BOUNDS.whole, `${sum(files)} bytes`);
});

test("what comes later is kept for use without a network", () => {
  const [line = ""] = readFileSync(`${PAGE}sw.js`, "utf8").split("\n");
  const kept = JSON.parse(line.slice("const FILES = ".length, -1)) as string[];
  const built = readdirSync(`${PAGE}assets`).map((name) => `assets/${name}`);
  assert.ok(built.length > 10, "most of the page comes later");
  assert.deepEqual(
    built.filter((name) => !kept.includes(name)),
    [],
  );
});
