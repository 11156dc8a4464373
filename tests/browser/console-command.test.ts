/** The console's command line in Chromium, on both back ends. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { openPage, type WatchedPage } from "./chromium.ts";
import { startTab, startWorker } from "./console-back-end.ts";
import { takePicture } from "./console-pictures.ts";
import { stageOf } from "./console-stage.ts";
import { openConsole, runCommands } from "./console-steps.ts";

for (const start of [startTab, startWorker]) {
  describe(`the command line on ${start === startTab ? "the engine in the tab" : "the Worker"}`, () => {
    const stage = stageOf(start);

    async function openCommandLine(): Promise<WatchedPage> {
      const watched = await openPage(stage.browser);
      await openConsole(watched.page, stage.backEnd);
      await watched.page.getByRole("link", { name: "Command line" }).click();
      return watched;
    }

    test("replies stand as redis-cli writes them", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      await runCommands(page, [
        'XADD line-replies 1-1 item "green tea" raw "\\xff<b>"',
        "XRANGE line-replies - +",
        "XREAD STREAMS line-replies 0",
        "XGROUP CREATE line-replies readers 0",
        "XLEN line-replies",
        "GET line-missing",
      ]);
      const [sent] = await page.locator(".sent code").allTextContents();
      assert.equal(sent, 'XADD line-replies 1-1 item "green tea" raw "\\xff<b>"');
      assert.deepEqual(await replies(page), [
        '"1-1"',
        '1) 1) "1-1"\n   2) 1) "item"\n      2) "green tea"\n      3) "raw"\n      4) "\\xff<b>"',
        '1# "line-replies" => \n   1) 1) "1-1"\n      2) 1) "item"\n         2) "green tea"\n         3) "raw"\n         4) "\\xff<b>"',
        "OK",
        "(integer) 1",
        "(nil)",
      ]);
      assert.deepEqual(watched.complaints, []);
    });

    test("what is refused, and what is no command, is said", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      await input(page).fill("XADD line-refused 0-0 a b");
      await page.keyboard.press("Enter");
      await page
        .getByText("(error) ERR The ID specified in XADD must be greater than 0-0")
        .waitFor();
      await input(page).fill('XADD "open');
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("a quote is not closed").waitFor();
      assert.equal(await input(page).inputValue(), 'XADD "open');
    });

    test("a command is completed, hinted at, and found again, by keyboard alone", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      await runCommands(page, [
        "XADD line-completed 1-1 a b",
        "XGROUP CREATE line-completed readers 0",
      ]);
      await input(page).pressSequentially("xre");
      const offers = page.getByRole("option");
      await offers.filter({ hasText: "xreadgroup" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      assert.equal(await input(page).inputValue(), "xreadgroup ");
      await page.locator(".ghost", { hasText: "GROUP group consumer" }).waitFor();
      await input(page).fill("XLEN line-com");
      await offers.filter({ hasText: "line-completed" }).waitFor();
      await page.keyboard.press("Tab");
      assert.equal(await input(page).inputValue(), "XLEN line-completed ");
      if (stage.backEnd.name === "tab") await takePicture(page, "command-line");
      await page.keyboard.press("Escape");
      await page.keyboard.press("ArrowUp");
      assert.equal(await input(page).inputValue(), "XGROUP CREATE line-completed readers 0");
      await page.keyboard.press("ArrowUp");
      assert.equal(await input(page).inputValue(), "XADD line-completed 1-1 a b");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      assert.equal(await input(page).inputValue(), "XLEN line-completed ");
      assert.deepEqual(watched.complaints, []);
    });

    test("a read that waits is ended by an entry, or when one has enough", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      await input(page).fill("XREAD BLOCK 0 STREAMS line-wait $");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Stop" }).click();
      await page.locator(".exchange[data-state=refused]").waitFor();
      await runCommands(page, ["XADD line-wait 5-1 a b"]);
      await page.getByRole("button", { name: "Run" }).waitFor();
    });

    test("nothing is wider than a phone", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      await page.setViewportSize({ width: 360, height: 740 });
      await runCommands(page, [
        `XADD line-wide 1-1 ${"f".repeat(300)} ${"v".repeat(900)}`,
        "XRANGE line-wide - +",
      ]);
      const [wide, view] = await page.evaluate(() => [
        Math.max(...Array.from(document.querySelectorAll("html, main"), (one) => one.scrollWidth)),
        document.documentElement.clientWidth,
      ]);
      assert.equal(wide, view);
    });
  });
}

function input(page: Page) {
  return page.getByRole("combobox", { name: "Command" });
}

function replies(page: Page): Promise<string[]> {
  return page.locator(".reply").allTextContents();
}
