/** How the console finds its back end: tokens, others at work, lost connections, the switch to the tab. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Eddyline } from "eddyline";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../free-port.ts";
import { launchBrowser, openPage } from "./chromium.ts";
import { type BackEnd, startProgram, startTab, startWorker } from "./console-back-end.ts";
import { addEntry, chooseStream, openConsole, rows } from "./console-steps.ts";

describe("the console that the Worker serves", () => {
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

  /** The list of streams, which only who is let in sees. */
  const letIn = (page: Page) => page.getByRole("heading", { name: "Streams", exact: true });

  test("the Worker is opened with its token only, asked for once in a tab", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(worker.origin);
    await page.getByLabel("Token", { exact: true }).fill("not the token");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Token", { exact: true }).fill(worker.token);
    await page.getByRole("button", { name: "Connect" }).click();
    await letIn(page).waitFor();
    await page.reload();
    await letIn(page).waitFor();
    assert.equal(
      await page.evaluate(() => JSON.stringify(localStorage).includes("a-token")),
      false,
    );
    const other = await page.context().newPage();
    await other.goto(worker.origin);
    await other.getByLabel("Token", { exact: true }).waitFor();
  });

  test("a token is remembered for other tabs when one says so", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(worker.origin);
    await page.getByLabel("Token", { exact: true }).fill(worker.token);
    await page.getByLabel("Remember the token").check();
    await page.getByRole("button", { name: "Connect" }).click();
    await letIn(page).waitFor();
    const other = await page.context().newPage();
    await other.goto(worker.origin);
    await other.getByRole("button", { name: "Connect" }).click();
    await letIn(other).waitFor();
  });

  test("a token in the address is used and taken out of it", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(worker.address);
    await letIn(page).waitFor();
    assert.equal(page.url(), `${worker.origin}/`);
  });

  test("entries of others show up by themselves, and none is missing after a look elsewhere", async () => {
    await using watched = await openPage(browser);
    await using other = await Eddyline.open(worker.origin, { token: worker.token });
    const { page } = watched;
    await openConsole(page, worker);
    await chooseStream(page, "page-others");
    await other.xAdd("page-others", "1-1", { n: "one" });
    await rows(page).filter({ hasText: "one" }).waitFor();
    await setHidden(page, true);
    await other.xAdd("page-others", "1-2", { n: "two" });
    await other.xAdd("page-others", "1-3", { n: "three" });
    await setHidden(page, false);
    await rows(page).filter({ hasText: "three" }).waitFor();
    assert.deepEqual(await page.locator(".virtual-row .id").allTextContents(), [
      ...["1-3", "1-2", "1-1"],
    ]);
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

  test("a page far down in its rooms is opened again where it was", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await openConsole(page, worker);
    await chooseStream(page, "page/with # and %");
    await page.getByRole("link", { name: "History" }).click();
    await page.reload();
    await page.locator("h1", { hasText: "page/with # and %" }).waitFor();
    await page.getByLabel("Go to an ID").waitFor();
  });

  test("where no server is, the page says so and tries again when asked", async () => {
    await using files = await startTab();
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(`${files.origin}/#token=any`);
    await page.getByRole("heading", { name: "No answer from" }).waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "No answer from" }).waitFor();
    await page.getByRole("button", { name: "An empty engine" }).click();
    await letIn(page).waitFor();
  });

  test("the tab's streams are still there after a look at the Worker", async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(worker.origin);
    await page.getByRole("button", { name: "An empty engine" }).click();
    await chooseStream(page, "here-only");
    await addEntry(page, { kept: "in the tab" });
    await page.getByTitle("Choose another back end").click();
    await page.getByLabel("Token", { exact: true }).fill(worker.token);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("connected").waitFor();
    await page.getByTitle("Choose another back end").click();
    await page.getByRole("button", { name: "An empty engine" }).click();
    await rows(page).filter({ hasText: "here-only" }).click();
    await rows(page).filter({ hasText: "in the tab" }).waitFor();
  });
});

describe("the console of a server that goes away", () => {
  test("says so, and goes on when it is back", async () => {
    const browser = await launchBrowser();
    const port = await freePort();
    const token = "a-token-that-stays";
    let server = await startProgram({ port, token });
    await using watched = await openPage(browser);
    const { page } = watched;
    await openConsole(page, server);
    await chooseStream(page, "page-lost");
    await addEntry(page, { n: "before" });
    await server[Symbol.asyncDispose]();
    await page.getByText("no answer, trying again").waitFor();
    server = await startProgram({ port, token });
    await page.getByText("connected").waitFor({ timeout: 60_000 });
    await addEntry(page, { n: "after" });
    await rows(page).filter({ hasText: "after" }).waitFor({ timeout: 60_000 });
    await server[Symbol.asyncDispose]();
    await browser.close();
  });
});

describe("a database that is kept in the browser", () => {
  test("is there again when the page is loaded anew", async () => {
    const browser = await launchBrowser();
    await using files = await startTab();
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(files.origin);
    await page.getByLabel("Name of the database").fill("kept");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await chooseStream(page, "lasting");
    await addEntry(page, { kept: "in the browser" });
    await page.reload();
    await rows(page).filter({ hasText: "in the browser" }).waitFor();
    assert.deepEqual(watched.complaints, []);
    await browser.close();
  });
});

/** Makes the page believe that it is out of sight, as a tab behind another is. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}
