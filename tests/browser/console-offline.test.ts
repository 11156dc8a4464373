/** The console without a network: once loaded it is there, with its engine and its playground. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser, openPage } from "./chromium.ts";
import { startTab } from "./console-back-end.ts";
import { addEntry, chooseStream, rows, runCommands } from "./console-steps.ts";

let browser: Browser;

before(async () => {
  browser = await launchBrowser();
});

after(() => browser?.close());

test("the page works when its server is gone", async () => {
  const server = await startTab();
  await using watched = await openPage(browser);
  const { page } = watched;
  await page.goto(server.origin);
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active?.state !== "activated") await new Promise((resolve) => setTimeout(resolve, 20));
  });
  await server[Symbol.asyncDispose]();
  await page.reload();
  await page.getByLabel("Name of the database").fill("offline");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await chooseStream(page, "notes");
  await addEntry(page, { written: "without a network" });
  await page.reload();
  await rows(page).filter({ hasText: "without a network" }).waitFor();
  // It lies in the part of the wasm that was not used before.
  await runCommands(page, ["SET kept here", "GET kept"]);
  await page.getByText('"here"', { exact: true }).waitFor();
  await page.getByRole("link", { name: "Playground" }).click();
  await page.getByRole("button", { name: "Play", disabled: false }).click();
  await page.locator(".held li").first().waitFor();
  assert.deepEqual(watched.complaints, []);
});
