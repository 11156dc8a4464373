/**
 * `<eddyline-console>` in Chromium, out of the packed files, in a page of somebody else with a
 * Content-Security-Policy that allows no inline style and no wasm.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type Folder, makeFolder, pack } from "../packaging/tarball.ts";
import { launchBrowser, openPage, type WatchedPage } from "./chromium.ts";
import { type BackEnd, startProgram } from "./console-back-end.ts";
import { takePicture } from "./console-pictures.ts";
import { addEntry, chooseStream, openTab, rows, runCommands } from "./console-steps.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

let folder: Folder;
let browser: Browser;
let backEnd: BackEnd;

before(async () => {
  folder = makeFolder();
  execFileSync("tar", ["-xzf", pack(folder.path), "-C", folder.path]);
  backEnd = await startProgram();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await backEnd?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

interface Embedded extends WatchedPage {
  /** Paths that the page has asked its own server for. */
  readonly paths: string[];
}

/** A page of somebody else with `body` in it, whose CSP also has `policy`. */
async function embed(body: string, policy: string): Promise<Embedded> {
  const csp = `default-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; ${policy}`;
  const page = `<!doctype html><html lang="en"><title>Admin</title>
    <meta http-equiv="Content-Security-Policy" content="${csp}">
    <script type="module" src="/element/console.js"></script>
    <h1>Somebody else's page</h1>${body}</html>`;
  const server: StaticServer = await serveFolder(`${folder.path}/package/`, { "/": page });
  const watched = await openPage(browser, { viewport: { width: 1280, height: 900 } });
  const paths: string[] = [];
  watched.page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  await watched.page.goto(server.origin);
  return {
    ...watched,
    paths,
    async [Symbol.asyncDispose]() {
      await watched[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Lets the page talk to the server, and to nobody else. */
function remotePolicy(): string {
  return `script-src 'self'; connect-src ${backEnd.origin} ${backEnd.origin.replace("http", "ws")}`;
}

test("a server's streams are seen and changed in a page of somebody else, without the engine", async () => {
  const { origin, token } = backEnd;
  const element = `<eddyline-console url="${origin}" token="${token}"></eddyline-console>`;
  await using embedded = await embed(element, remotePolicy());
  const { page, paths } = embedded;
  await chooseStream(page, "element-orders");
  await addEntry(page, { item: "tea" }, "1-1");
  await rows(page).filter({ hasText: "tea" }).waitFor();
  await runCommands(page, [
    "XGROUP CREATE element-orders billing 0",
    "XREADGROUP GROUP billing ana STREAMS element-orders >",
  ]);
  await page.getByRole("link", { name: "Streams", exact: true }).click();
  await chooseStream(page, "element-orders");
  await openTab(page, "Groups");
  await page.locator(".plot canvas").nth(2).waitFor();
  await takePicture(page, "element");
  assert.equal(new URL(page.url()).hash, "", "the address is the page's own");
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  assert.deepEqual(
    paths.filter((path) => path.endsWith(".wasm") || path.includes("idb")),
    [],
  );
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).marginTop), "8px");
  assert.deepEqual(embedded.complaints, []);
});

test("a token is asked for, and given as a property that no markup shows", async () => {
  const element = `<eddyline-console url="${backEnd.origin}"></eddyline-console>`;
  await using embedded = await embed(element, remotePolicy());
  const { page } = embedded;
  await page.getByRole("heading", { name: "This server wants a token" }).waitFor();
  await page.locator("eddyline-console").evaluate((element, token) => {
    (element as HTMLElement & { token: string }).token = token;
  }, backEnd.token);
  await page.getByRole("heading", { name: "Streams", exact: true }).waitFor();
  assert.equal(await page.locator("eddyline-console").getAttribute("token"), null);
  await page.locator("eddyline-console").evaluate((element) => element.remove());
  assert.deepEqual(embedded.complaints, []);
});

test("an engine of the page's own is loaded when it is asked for, and each element is one console", async () => {
  const policy = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
  const element = `<eddyline-console id="one" url="memory://"></eddyline-console>`;
  await using embedded = await embed(element, policy);
  const { page, paths } = embedded;
  await chooseStream(page, "element-memory");
  await addEntry(page, { item: "tea" }, "1-1");
  assert.equal(paths.filter((path) => path.endsWith(".wasm")).length, 1);
  await page.evaluate(() => {
    const other = document.createElement("eddyline-console");
    other.id = "other";
    other.setAttribute("url", "memory://");
    document.body.append(other);
  });
  const other = page.locator("#other");
  await other.getByText("No stream yet.").waitFor();
  await page.locator("#one").getByRole("heading", { name: "element-memory" }).waitFor();
  assert.deepEqual(embedded.complaints, []);
});

test("an element that is narrow in a wide page is as on a phone", async () => {
  const { origin, token } = backEnd;
  const element = `<eddyline-console url="${origin}" token="${token}"></eddyline-console>`;
  await using embedded = await embed(element, remotePolicy());
  const { page } = embedded;
  await page.locator("eddyline-console").evaluate((element) => {
    (element as HTMLElement).style.width = "360px";
  });
  await chooseStream(page, `element-narrow-${"x".repeat(200)}`);
  await addEntry(page, { ["f".repeat(100)]: "v".repeat(900) });
  const width = await page.locator("main").evaluate((main) => main.scrollWidth);
  assert.equal(width, 360);
});
