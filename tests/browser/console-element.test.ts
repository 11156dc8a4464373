/**
 * `<eddyline-console>` in Chromium, out of the packed files, in a page of somebody else with a
 * Content-Security-Policy that allows no inline style and no wasm.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { elementStage } from "./console-element-stage.ts";
import { takePicture } from "./console-pictures.ts";
import { addEntry, chooseStream, openTab, rows, runCommands } from "./console-steps.ts";

const stage = elementStage();

test("a server's streams are seen and changed in a page of somebody else, without the engine", async () => {
  await using embedded = await stage.embed(stage.element(), stage.remotePolicy());
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
  const element = `<eddyline-console url="${stage.backEnd.origin}"></eddyline-console>`;
  await using embedded = await stage.embed(element, stage.remotePolicy());
  const { page } = embedded;
  await page.getByRole("heading", { name: "This server wants a token" }).waitFor();
  await page.locator("eddyline-console").evaluate((element, token) => {
    (element as HTMLElement & { token: string }).token = token;
  }, stage.backEnd.token);
  await page.getByRole("heading", { name: "Streams", exact: true }).waitFor();
  assert.equal(await page.locator("eddyline-console").getAttribute("token"), null);
  await page.locator("eddyline-console").evaluate((element) => element.remove());
  assert.deepEqual(embedded.complaints, []);
});

test("an engine of the page's own is loaded when it is asked for, and each element is one console", async () => {
  const policy = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
  const element = `<eddyline-console id="one" url="memory://"></eddyline-console>`;
  await using embedded = await stage.embed(element, policy);
  const { page, paths } = embedded;
  await chooseStream(page, "element-memory");
  await addEntry(page, { item: "tea" }, "1-1");
  // Each part once, however many look: the core, and what listing streams needs.
  const parts = paths.flatMap((path) => /eddyline_(\w+)_bg[^/]*\.wasm$/.exec(path)?.[1] ?? []);
  assert.deepEqual(parts.sort(), ["core", "inspection"]);
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
  await using embedded = await stage.embed(stage.element(), stage.remotePolicy());
  const { page } = embedded;
  await page.locator("eddyline-console").evaluate((element) => {
    (element as HTMLElement).style.width = "360px";
  });
  await chooseStream(page, `element-narrow-${"x".repeat(200)}`);
  await addEntry(page, { ["f".repeat(100)]: "v".repeat(900) });
  const width = await page.locator("eddyline-console .main").evaluate((main) => main.scrollWidth);
  assert.equal(width, 360);
});
