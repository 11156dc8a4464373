/** The console's command line in Chromium, on each back end. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { openPage, type WatchedPage } from "./chromium.ts";
import { startProgram, startTab, startWorker } from "./console-back-end.ts";
import { takePicture } from "./console-pictures.ts";
import { stageOf } from "./console-stage.ts";
import { openConsole, runCommands } from "./console-steps.ts";

const WORDS = new Map([
  [startTab, "the engine in the tab"],
  [startProgram, "the program"],
  [startWorker, "the Worker"],
]);

for (const [start, where] of WORDS) {
  describe(`the command line on ${where}`, () => {
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

    test("a transaction is queued, done together, given up, and prevented by others", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      const status = page.locator(".transaction");
      await runCommands(page, ["MULTI", "XADD line-multi 1-1 a b", "XADD line-multi 1-2 a b"]);
      await status.getByText("Commands are queued").waitFor();
      await input(page).fill("XADD line-multi");
      await page.keyboard.press("Enter");
      await page.getByText("(error) ERR wrong number of arguments").waitFor();
      await input(page).fill("EXEC");
      await page.keyboard.press("Enter");
      await page.getByText("(error) EXECABORT").waitFor();
      await runCommands(page, ["MULTI", "XADD line-multi 2-1 a b", "DISCARD"]);
      await status.getByText("Commands are queued").waitFor({ state: "detached" });
      await runCommands(page, ["EXISTS line-multi", "WATCH line-multi"]);
      await status.getByText("Keys are watched").waitFor();
      await runCommands(page, [
        "XADD line-multi 3-1 by others",
        "MULTI",
        "XLEN line-multi",
        "EXEC",
      ]);
      await runCommands(page, ["MULTI", "XLEN line-multi", "EXEC"]);
      assert.deepEqual(await replies(page), [
        ...["OK", "QUEUED", "QUEUED"],
        "(error) ERR wrong number of arguments for 'xadd' command",
        "(error) EXECABORT Transaction discarded because of previous errors.",
        ...["OK", "QUEUED", "OK", "(integer) 0", "OK"],
        ...['"3-1"', "OK", "QUEUED", "(nil)"],
        ...["OK", "QUEUED", "1) (integer) 1"],
      ]);
      assert.deepEqual(watched.complaints, []);
    });

    if (start === startWorker) {
      test("a Worker says why a transaction has the keys of one object", async () => {
        await using watched = await openCommandLine();
        const { page } = watched;
        await runCommands(page, ["MULTI", "XLEN line-one"]);
        await input(page).fill("XLEN line-other");
        await page.keyboard.press("Enter");
        await page.getByText("On a Worker each stream is an object of its own").waitFor();
        await runCommands(page, ["DISCARD", "MULTI", "XLEN {line}:1", "XLEN {line}:2", "EXEC"]);
        assert.equal((await replies(page)).at(-1), "1) (integer) 0\n2) (integer) 0");
      });
    }

    test("channels are heard until one has enough, and meanwhile commands run", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      for (const line of ["SUBSCRIBE line-news", "PSUBSCRIBE line-n*"]) {
        await input(page).fill(line);
        await page.keyboard.press("Enter");
        await page
          .getByText(`"${line.split(" ")[1]}"`)
          .first()
          .waitFor();
      }
      await runCommands(page, ["PUBLISH line-news <b>first</b>", "PUBLISH line-nothing second"]);
      const [plain, pattern] = [page.locator(".reply").nth(0), page.locator(".reply").nth(1)];
      await plain.getByText("<b>first</b>").waitFor();
      await pattern.getByText("second").waitFor();
      assert.equal(
        await plain.textContent(),
        '1) "subscribe"\n2) "line-news"\n3) (integer) 1\n' +
          '1) "message"\n2) "line-news"\n3) "<b>first</b>"\nlistening …',
      );
      await page.getByRole("button", { name: "Stop SUBSCRIBE line-news" }).click();
      await page.getByRole("button", { name: "Stop PSUBSCRIBE line-n*" }).click();
      await pattern.getByText("(stopped)").waitFor();
      await runCommands(page, ["PUBLISH line-news third"]);
      assert.equal((await replies(page)).at(-1), "(integer) 0");
      assert.deepEqual(watched.complaints, []);
    });

    test("what makes no sense here is refused with the reason", async () => {
      await using watched = await openCommandLine();
      const { page } = watched;
      for (const name of ["MONITOR", "SELECT", "UNSUBSCRIBE", "QUIT"]) {
        await input(page).fill(`${name} 1`);
        await page.keyboard.press("Enter");
        await page.getByText(`(error) ${name} is not run here: `).waitFor();
      }
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
