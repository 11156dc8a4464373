/** The page in Chromium, each of its flows against both back ends. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type BackEnd, startTab, startWorker } from "./back-end.ts";
import { launchBrowser, openPage, type WatchedPage } from "./chromium.ts";
import { addEntry, chooseStream, createGroup, fillEntry } from "./steps.ts";

/** Where pictures of the main screens go; none are taken without. */
const PICTURES = process.env.EDDYLINE_SCREENSHOTS;

const HOSTILE = `<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>`;

for (const start of [startTab, startWorker]) {
  describe(`the page on ${start === startTab ? "the engine in the tab" : "the Worker"}`, () => {
    let backEnd: BackEnd;
    let browser: Browser;

    before(async () => {
      backEnd = await start();
      browser = await launchBrowser();
    });

    after(async () => {
      await browser?.close();
      await backEnd?.[Symbol.asyncDispose]();
    });

    /** The page, let in, with the stream `name` in view. */
    async function openStream(name: string): Promise<WatchedPage> {
      const watched = await openPage(browser);
      await watched.page.goto(backEnd.address);
      await chooseStream(watched.page, name);
      return watched;
    }

    test("an entry that is added shows up by itself", async () => {
      await using watched = await openStream("page-add");
      const { page } = watched;
      await addEntry(page, { item: "tea", cups: "2" });
      await page.locator(".entry", { hasText: "tea" }).waitFor();
      const entry = page.locator(".entry").first();
      assert.deepEqual(await entry.locator("dt").allInnerTexts(), ["item", "cups"]);
      assert.deepEqual(await entry.locator("dd").allInnerTexts(), ["tea", "2"]);
      await page.locator("[data-fact=length]", { hasText: "1 entry" }).waitFor();
      assert.deepEqual(watched.complaints, []);
    });

    test("newer entries come first, and the list can be held", async () => {
      await using watched = await openStream("page-order");
      const { page } = watched;
      await addEntry(page, { n: "one" }, "1-1");
      await addEntry(page, { n: "two" }, "1-2");
      await page.locator(".entry", { hasText: "two" }).waitFor();
      assert.deepEqual(await page.locator(".entry .id").allInnerTexts(), ["1-2", "1-1"]);
      await page.getByRole("button", { name: "Hold" }).click();
      await addEntry(page, { n: "three" }, "1-3");
      await page.locator("[data-fact=length]", { hasText: "3 entries" }).waitFor();
      assert.deepEqual(await page.locator(".entry .id").allInnerTexts(), ["1-2", "1-1"]);
      await page.getByRole("button", { name: "Follow" }).click();
      assert.deepEqual(await page.locator(".entry .id").allInnerTexts(), ["1-3", "1-2", "1-1"]);
    });

    test("a refused entry is answered in Redis' words", async () => {
      await using watched = await openStream("page-refused");
      const { page } = watched;
      await fillEntry(page, { item: "tea" }, "0-0");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.getByText("ERR The ID specified in XADD must be greater than 0-0").waitFor();
    });

    test("what streams, entries and groups are called is never taken for HTML", async () => {
      await using watched = await openStream(`page-hostile ${HOSTILE}`);
      const { page } = watched;
      await addEntry(page, { [HOSTILE]: HOSTILE, __proto: "x" });
      await createGroup(page, HOSTILE);
      await page.locator(".entry").waitFor();
      await page.locator(".group").waitFor();
      assert.equal(await page.locator(".entry dt").first().textContent(), HOSTILE);
      assert.equal(await page.locator(".entry dd").first().textContent(), HOSTILE);
      assert.equal(await page.locator(".group h3").textContent(), HOSTILE);
      assert.equal(await page.locator("h1").textContent(), `page-hostile ${HOSTILE}`);
      assert.equal(await page.locator("#app img, #app script").count(), 0);
      assert.equal(await page.evaluate(() => "harmed" in globalThis), false);
      assert.deepEqual(watched.complaints, []);
    });

    test("a group is created and shows what it was not given yet", async () => {
      await using watched = await openStream("page-group");
      const { page } = watched;
      await addEntry(page, { n: "1" });
      await createGroup(page, "readers");
      const group = page.getByRole("article", { name: "Group readers" });
      await group.locator("[data-fact=pending] dd", { hasText: /^0$/ }).waitFor();
      await group.locator("[data-fact=lag] dd", { hasText: /^1$/ }).waitFor();
    });

    test("the feed is shared to the last event, though a consumer stops at work", async () => {
      await using watched = await openStream("earthquakes");
      const { page } = watched;
      // What somebody else adds to the stream disturbs nobody.
      await addEntry(page, { note: "no earthquake" }, "1-1");
      await page.getByLabel("Pace").selectOption("100");
      await page.getByRole("button", { name: "Play" }).click();
      const ben = page.locator("[data-consumer=ben]");
      await ben.locator(".held li").nth(5).waitFor();
      await page.getByRole("button", { name: "Stop ben" }).click();
      await ben.locator(".left").waitFor();
      await page.locator(".pending tbody tr", { hasText: "ben" }).first().waitFor();
      await takePicture(page, backEnd, "consumer-stopped");
      await page.getByRole("button", { name: "Hand over what ben left" }).click();
      await ben.locator(".held li").first().waitFor({ state: "detached" });
      await page.getByLabel("Pace").selectOption("500");
      await page.getByRole("button", { name: "Start ben" }).click();
      await page.getByText("agrees with the file to the last event").waitFor({ timeout: 60_000 });
      await page.locator("[data-fact=acknowledged]", { hasText: "1,707" }).waitFor();
      await page.locator("[data-fact=pending] dd", { hasText: /^0$/ }).waitFor();
      const ids = await page.locator(".entry .id").allTextContents();
      assert.equal(ids[0], "1517966773840-0");
      assert.deepEqual(ids, ids.toSorted().reverse());
      await page.locator("[data-fact=length]", { hasText: "1,708" }).waitFor();
      await takePicture(page, backEnd, "feed-over");
      assert.deepEqual(watched.complaints, []);
    });

    test("the feed starts over", async () => {
      await using watched = await openStream("earthquakes");
      const { page } = watched;
      const startOver = page.getByRole("button", { name: "Start over" });
      const play = page.getByRole("button", { name: "Play", disabled: false });
      await startOver.or(play).waitFor();
      if (await startOver.isVisible()) await startOver.click();
      await play.click();
      await page.locator(".entry").first().waitFor();
      await startOver.click();
      await page.locator("[data-fact=appended]", { hasText: /^0 / }).waitFor();
      await page.locator(".entry").first().waitFor({ state: "detached" });
      await play.click();
      await page.locator(".entry").first().waitFor();
      assert.deepEqual(watched.complaints, []);
    });

    test("an entry is added by keyboard alone", async () => {
      await using watched = await openPage(browser);
      const { page } = watched;
      const type = (text: string) => page.keyboard.insertText(text);
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key);
      };
      await page.goto(backEnd.address);
      await page.getByLabel("Name of a stream").waitFor();
      // Skip link, switch, the feed's stream, the name of another.
      await press("Tab", "Tab", "Tab", "Tab");
      await type("page-keyboard");
      await press("Enter");
      await page.locator("h1", { hasText: "page-keyboard" }).waitFor();
      // "Open", the first field.
      await press("Tab", "Tab");
      await type("by");
      await press("Tab");
      await type("keyboard");
      await press("Enter");
      await page.locator(".entry", { hasText: "keyboard" }).waitFor();
    });

    test("nothing is wider than a phone", async () => {
      await using watched = await openPage(browser, { viewport: { width: 360, height: 740 } });
      const { page } = watched;
      await page.goto(backEnd.address);
      await chooseStream(page, `page-narrow-${"x".repeat(200)}`);
      await addEntry(page, { ["f".repeat(200)]: "v".repeat(2000) });
      await createGroup(page, "g".repeat(200));
      await page.locator(".group").waitFor();
      await page.locator(".entry").waitFor();
      const [wide, view] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      assert.equal(wide, view);
      await takePicture(page, backEnd, "phone");
    });
  });
}

/** Pictures of a screen by light and by dark, for people to look at. */
async function takePicture(page: Page, backEnd: BackEnd, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const path = `${PICTURES}/${name}-${backEnd.name}-${colorScheme}.png`;
    await page.screenshot({ path, fullPage: true, animations: "disabled" });
  }
}
