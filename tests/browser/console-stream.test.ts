/** One stream in the console, in Chromium: each flow against both back ends. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPage, type WatchedPage } from "./chromium.ts";
import { startProgram, startTab, startWorker } from "./console-back-end.ts";
import { stageOf } from "./console-stage.ts";
import {
  addEntry,
  chooseStream,
  createGroup,
  fillEntry,
  lastCommand,
  openConsole,
  openTab,
  rows,
} from "./console-steps.ts";

const HOSTILE = `<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>`;

const BACK_ENDS = [
  { name: "the engine in the tab", start: startTab },
  { name: "the program", start: startProgram },
  { name: "the Worker", start: startWorker },
];

for (const { name, start } of BACK_ENDS) {
  describe(`a stream in the console on ${name}`, () => {
    const stage = stageOf(start);

    /** The console, connected, with the stream `name` in view. */
    async function openStream(name: string): Promise<WatchedPage> {
      const watched = await openPage(stage.browser);
      await openConsole(watched.page, stage.backEnd);
      await chooseStream(watched.page, name);
      return watched;
    }

    test("an entry that is added shows up by itself, and the command that added it", async () => {
      await using watched = await openStream("page-add");
      const { page } = watched;
      await addEntry(page, { item: "tea", cups: "2" });
      await rows(page).filter({ hasText: "tea" }).waitFor();
      await page.locator("[data-fact=length]", { hasText: "1 entry" }).waitFor();
      assert.equal(await lastCommand(page).textContent(), "XADD page-add * item tea cups 2");
      await rows(page).first().click();
      await page.locator(".fields-table").waitFor();
      assert.deepEqual(await page.locator(".fields-table dt").allInnerTexts(), ["item", "cups"]);
      assert.deepEqual(await page.locator(".fields-table dd").allInnerTexts(), ["tea", "2"]);
      assert.deepEqual(watched.complaints, []);
    });

    test("newer entries come first unless one wants it otherwise, and the list can be held", async () => {
      await using watched = await openStream("page-order");
      const { page } = watched;
      const ids = () => page.locator(".virtual-row .id").allTextContents();
      await addEntry(page, { n: "one" }, "1-1");
      await addEntry(page, { n: "two" }, "1-2");
      await rows(page).filter({ hasText: "two" }).waitFor();
      assert.deepEqual(await ids(), ["1-2", "1-1"]);
      await page.getByRole("button", { name: "Hold" }).click();
      await addEntry(page, { n: "three" }, "1-3");
      await page.getByText("Held, 1 more").waitFor();
      assert.deepEqual(await ids(), ["1-2", "1-1"]);
      await page.getByRole("button", { name: "Follow" }).click();
      await rows(page).filter({ hasText: "three" }).waitFor();
      assert.deepEqual(await ids(), ["1-3", "1-2", "1-1"]);
      await page.getByLabel("Newest first").uncheck();
      await page.waitForFunction(() => document.querySelector(".id")?.textContent === "1-1");
      assert.deepEqual(await ids(), ["1-1", "1-2", "1-3"]);
    });

    test("a filter lets through what fits, also of what comes later", async () => {
      await using watched = await openStream("page-filter");
      const { page } = watched;
      await addEntry(page, { item: "tea", cups: "2" }, "1-1");
      await addEntry(page, { item: "coffee", cups: "1" }, "1-2");
      await page.getByLabel("Filter entries").fill("item=tea");
      await rows(page).filter({ hasText: "coffee" }).waitFor({ state: "detached" });
      await addEntry(page, { item: "tea", cups: "3" }, "1-3");
      await addEntry(page, { item: "teapot", cups: "3" }, "1-4");
      await rows(page).filter({ hasText: "1-3" }).waitFor();
      await page.locator("[data-fact=length]", { hasText: "4 entries" }).waitFor();
      assert.deepEqual(await page.locator(".virtual-row .id").allTextContents(), ["1-3", "1-1"]);
      await page.getByLabel("Filter entries").fill("item:tea !cups=3");
      await rows(page).filter({ hasText: "1-3" }).waitFor({ state: "detached" });
      assert.deepEqual(await page.locator(".virtual-row .id").allTextContents(), ["1-1"]);
    });

    test("a refused entry is answered in Redis' words", async () => {
      await using watched = await openStream("page-refused");
      const { page } = watched;
      await fillEntry(page, { item: "tea" }, "0-0");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      const words = "ERR The ID specified in XADD must be greater than 0-0";
      await page.locator(".outcome", { hasText: words }).waitFor();
    });

    test("what streams, entries and groups are called is never taken for HTML", async () => {
      await using watched = await openStream(`page-hostile ${HOSTILE}`);
      const { page } = watched;
      await addEntry(page, { [HOSTILE]: HOSTILE, __proto: "x" });
      await rows(page).first().click();
      await page.locator(".fields-table").waitFor();
      assert.equal(await page.locator(".fields-table dt").first().textContent(), HOSTILE);
      assert.equal(await page.locator(".fields-table dd").first().textContent(), HOSTILE);
      await createGroup(page, HOSTILE);
      await page.locator(".group").waitFor();
      assert.equal(await page.locator(".group h2").textContent(), HOSTILE);
      assert.equal(await page.locator("h1").textContent(), `page-hostile ${HOSTILE}`);
      assert.equal(await page.locator("#app img, #app script").count(), 0);
      assert.equal(await page.evaluate(() => "harmed" in globalThis), false);
      assert.deepEqual(watched.complaints, []);
    });

    test("names that objects of JavaScript have of their own are names like others", async () => {
      await using watched = await openStream("__proto__");
      const { page } = watched;
      await addEntry(page, { constructor: "c", toString: "t" }, "1-1");
      await addEntry(page, { ["__proto__"]: "p" }, "1-2");
      await rows(page).filter({ hasText: "1-2" }).waitFor();
      await rows(page).filter({ hasText: "1-1" }).click();
      await page.getByRole("button", { name: "JSON" }).click();
      await page.locator(".json", { hasText: '"constructor": "c"' }).waitFor();
      await rows(page).filter({ hasText: "1-2" }).click();
      await page.locator(".json", { hasText: '"__proto__": "p"' }).waitFor();
    });

    test("an entry is shown as JSON, and deleted when one says so twice", async () => {
      await using watched = await openStream("page-delete");
      const { page } = watched;
      await addEntry(page, { order: '{"cups":[1,2]}', note: "1" }, "1-1");
      await rows(page).first().click();
      await page.getByRole("button", { name: "JSON" }).click();
      const json = JSON.parse((await page.locator("pre.json").textContent()) ?? "");
      assert.deepEqual(json, { id: "1-1", fields: { order: { cups: [1, 2] }, note: "1" } });
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      const sure = page.getByRole("group", { name: "Delete this entry?" });
      await sure.getByRole("button", { name: "Delete", exact: true }).click();
      await page.locator("[data-fact=length]", { hasText: "0 entries" }).waitFor();
      assert.equal(await lastCommand(page).textContent(), "XDEL page-delete 1-1");
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

    test("a trim says first what would go, and who needs it", async () => {
      await using watched = await openStream("page-trim");
      const { page } = watched;
      for (const n of [1, 2, 3, 4]) await addEntry(page, { n: String(n) }, `1-${n}`);
      await createGroup(page, "readers");
      await page.locator(".group").waitFor();
      await openTab(page, "Trim and export");
      await page.getByLabel("Trim to").fill("1");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText("3 entries would go.").waitFor();
      const cells = page.locator(".preview tbody tr > *");
      assert.deepEqual(await cells.allTextContents(), ["readers", "3", "0"]);
      await page.getByLabel("How it is trimmed").selectOption("id");
      await page.getByLabel("Trim to").fill("1-3");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText("2 entries would go.").waitFor();
      assert.deepEqual(await cells.allTextContents(), ["readers", "2", "0"]);
      await page.getByRole("button", { name: "Trim", exact: true }).click();
      const sure = page.getByRole("group", { name: "Trim, though groups need them?" });
      await sure.getByRole("button", { name: "Trim" }).click();
      await page.getByText("2 entries removed.").waitFor();
      assert.equal(await lastCommand(page).textContent(), "XTRIM page-trim MINID = 1-3");
    });

    test("an entry is added by keyboard alone", async () => {
      await using watched = await openPage(stage.browser);
      const { page } = watched;
      const type = (text: string) => page.keyboard.insertText(text);
      await openConsole(page, stage.backEnd);
      await page.getByLabel("Search streams").focus();
      await page.keyboard.press("Tab");
      await type("page-keyboard");
      await page.keyboard.press("Enter");
      await page.locator("h1", { hasText: "page-keyboard" }).waitFor();
      await page.getByRole("button", { name: "Add an entry" }).focus();
      await page.keyboard.press("Enter");
      await page.getByLabel("Field 1").waitFor();
      for (const text of ["by", "keyboard"]) {
        await page.keyboard.press("Tab");
        await type(text);
      }
      await page.keyboard.press("Enter");
      await rows(page).filter({ hasText: "keyboard" }).waitFor();
    });

    test("nothing is wider than a phone", async () => {
      await using watched = await openPage(stage.browser, {
        viewport: { width: 360, height: 740 },
      });
      const { page } = watched;
      await openConsole(page, stage.backEnd);
      await chooseStream(page, `page-narrow-${"x".repeat(200)}`);
      await addEntry(page, { ["f".repeat(200)]: "v".repeat(2000) });
      await rows(page).first().click();
      await page.locator(".fields-table").waitFor();
      await assertFits(page);
      await createGroup(page, "g".repeat(200));
      await page.locator(".group").waitFor();
      await assertFits(page);
    });
  });
}

async function assertFits(page: WatchedPage["page"]): Promise<void> {
  const [wide, view] = await page.evaluate(() => [
    Math.max(...Array.from(document.querySelectorAll("html, main"), (one) => one.scrollWidth)),
    document.documentElement.clientWidth,
  ]);
  assert.equal(wide, view);
}
