/** The page as the Worker serves it: tokens, the switch to the tab, others at work, lost connections. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Eddyline } from "eddyline";
import type { Browser, Page } from "playwright-core";
import { type BackEnd, startTab, startWorker } from "./back-end.ts";
import { launchBrowser, openPage } from "./chromium.ts";
import { addEntry, chooseStream } from "./steps.ts";

describe("the page that the Worker serves", () => {
  let worker: BackEnd;
  let browser: Browser;

  before(async () => {
    worker = await startWorker();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await worker?.[Symbol.asyncDispose]();
  });

  test("the Worker is opened with its token only, asked for once in a tab", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    const { origin, token } = worker;
    await page.goto(origin);
    await page.getByLabel("Worker", { exact: true }).check();
    await page.getByLabel("Token").fill("not the token");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText(`Worker at ${new URL(origin).host}`).waitFor();
    await page.reload();
    await page.getByText(`Worker at ${new URL(origin).host}`).waitFor();
    await using other = await openPage(browser);
    await other.page.goto(origin);
    await other.page.getByLabel("Worker", { exact: true }).check();
    await other.page.getByLabel("Token").waitFor();
  });

  test("a token in the address is used and taken out of it", async () => {
    await using watched = await openPage(browser);
    await watched.page.goto(worker.address);
    await watched.page.getByText(`Worker at ${new URL(worker.origin).host}`).waitFor();
    assert.equal(watched.page.url(), `${worker.origin}/`);
  });

  test("a page that is opened again finds how far the feed has got", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(worker.address);
    await page.getByLabel("Pace").selectOption("100");
    await page.getByRole("button", { name: "Play", disabled: false }).click();
    const ben = page.locator("[data-consumer=ben]");
    await ben.locator(".held li").nth(5).waitFor();
    await page.getByRole("button", { name: "Stop ben" }).click();
    await page.getByRole("button", { name: "Pause" }).click();
    const left = await ben.locator(".held li").count();
    await page.reload();
    await page.getByRole("button", { name: "Go on" }).waitFor();
    assert.equal(await ben.locator(".held li").count(), left);
    await page.getByLabel("Pace").selectOption("500");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("agrees with the file to the last event").waitFor({ timeout: 60_000 });
    assert.deepEqual(watched.complaints, []);
  });

  test("entries of others show up by themselves, and none is missing after a look elsewhere", async () => {
    await using watched = await openPage(browser);
    await using other = await Eddyline.open(worker.origin, { token: worker.token });
    const { page } = watched;
    await page.goto(worker.address);
    await chooseStream(page, "page-others");
    await other.xAdd("page-others", "1-1", { n: "one" });
    await page.locator(".entry", { hasText: "one" }).waitFor();
    await setHidden(page, true);
    await other.xAdd("page-others", "1-2", { n: "two" });
    await other.xAdd("page-others", "1-3", { n: "three" });
    await setHidden(page, false);
    await page.locator(".entry", { hasText: "three" }).waitFor();
    assert.deepEqual(await page.locator(".entry .id").allTextContents(), ["1-3", "1-2", "1-1"]);
    assert.deepEqual(watched.complaints, []);
  });

  test("the Worker sends the policy that the page itself has, and that nobody may frame it", async () => {
    const response = await fetch(worker.origin);
    const meta = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(
      await response.text(),
    )?.[1];
    const ofPage = new Set(meta?.split("; "));
    const sent = new Set(response.headers.get("content-security-policy")?.split("; "));
    assert.deepEqual(sent, ofPage.add("frame-ancestors 'none'"));
  });

  test("a lost connection is told of, and found again", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(worker.address);
    await chooseStream(page, "page-offline");
    await addEntry(page, { n: "before" }, "1-1");
    await page.locator(".entry").waitFor();
    await page.context().setOffline(true);
    await page.locator(".entries").getByRole("alert").waitFor();
    await page.context().setOffline(false);
    await page.locator(".entries").getByRole("alert").waitFor({ state: "detached" });
    await addEntry(page, { n: "after" }, "1-2");
    await page.locator(".entry", { hasText: "after" }).waitFor();
  });

  test("where no Worker is, the page says so and tries again when asked", async () => {
    await using files = await startTab();
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(`${files.origin}/#token=any`);
    await page.getByRole("heading", { name: "No Worker answers here" }).waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "No Worker answers here" }).waitFor();
    await page.getByLabel("This tab", { exact: true }).check();
    await page.locator("h1", { hasText: "earthquakes" }).waitFor();
  });

  test("the tab's streams are still there after a look at the Worker", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(worker.address);
    await page.getByLabel("This tab", { exact: true }).check();
    await chooseStream(page, "here-only");
    await addEntry(page, { kept: "in the tab" });
    await page.getByLabel("Worker", { exact: true }).check();
    await page.getByText(`Worker at ${new URL(worker.origin).host}`).waitFor();
    await page.getByLabel("This tab", { exact: true }).check();
    await page.getByRole("button", { name: /^here-only/ }).click();
    await page.locator(".entry", { hasText: "in the tab" }).waitFor();
  });
});

/** Makes the page believe that it is out of sight, as a tab behind another is. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}
