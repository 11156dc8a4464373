/** The console's groups in Chromium, on both back ends. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { openPage, type WatchedPage } from "./chromium.ts";
import { startTab, startWorker } from "./console-back-end.ts";
import { takePicture } from "./console-pictures.ts";
import { stageOf } from "./console-stage.ts";
import {
  chooseStream,
  lastCommand,
  openConsole,
  openTab,
  rows,
  runCommands,
} from "./console-steps.ts";

for (const start of [startTab, startWorker]) {
  describe(`groups in the console on ${start === startTab ? "the engine in the tab" : "the Worker"}`, () => {
    const stage = stageOf(start);

    /** The groups of a stream of six entries, 1-1 to 1-6; `ana` was given three, `ben` one. */
    async function openGroups(key: string): Promise<WatchedPage & { group: Locator }> {
      const watched = await openPage(stage.browser, { viewport: { width: 1280, height: 1100 } });
      const { page } = watched;
      await openConsole(page, stage.backEnd);
      await runCommands(page, [
        ...[1, 2, 3, 4, 5, 6].map((n) => `XADD ${key} 1-${n} n ${n}`),
        `XGROUP CREATE ${key} billing 0`,
        `XREADGROUP GROUP billing ana COUNT 3 STREAMS ${key} >`,
        `XREADGROUP GROUP billing ben COUNT 1 STREAMS ${key} >`,
      ]);
      await page.getByRole("link", { name: "Streams", exact: true }).click();
      await chooseStream(page, key);
      await openTab(page, "Groups");
      const group = page.getByRole("article", { name: "Group billing" });
      await fact(group, "pending", "4");
      await rows(page).nth(3).waitFor();
      return { ...watched, group };
    }

    test("shows who has what, how long and how often", async () => {
      await using watched = await openGroups("groups-shown");
      const { group, page } = watched;
      await fact(group, "lag", "2");
      const consumers = group.locator("[data-consumer-row]");
      await consumers.nth(1).waitFor();
      assert.deepEqual(await consumers.locator("th").allTextContents(), ["ana", "ben"]);
      assert.deepEqual(await consumers.locator("[data-fact=pending]").allTextContents(), [
        "3",
        "1",
      ]);
      await group.locator(".plot canvas").nth(2).waitFor();
      assert.deepEqual(await rows(page).locator(".id").allTextContents(), [
        "1-1",
        "1-2",
        "1-3",
        "1-4",
      ]);
      assert.deepEqual(watched.complaints, []);
    });

    test("the map shows what is old, and what was delivered often", async () => {
      await using watched = await openGroups("groups-heat");
      const { group, page } = watched;
      await runCommands(page, [
        "XCLAIM groups-heat billing ana 0 1-1 IDLE 120000 RETRYCOUNT 3",
        "XCLAIM groups-heat billing ben 0 1-2 IDLE 7200000 RETRYCOUNT 12",
        "XCLAIM groups-heat billing cho 0 1-3 IDLE 7200000 RETRYCOUNT 12",
      ]);
      await page.goBack();
      await group
        .getByRole("button", { name: "1 entry, 1 to 10 min, delivered 3–4 times" })
        .waitFor();
      const hot = group.getByRole("button", {
        name: "2 entries, 1 h to 1 day, delivered 10+ times",
      });
      await hot.click();
      await rows(page).nth(2).waitFor({ state: "detached" });
      assert.deepEqual(await rows(page).locator(".id").allTextContents(), ["1-2", "1-3"]);
      await page.locator(".group-table .attention", { hasText: "4 pending, oldest 2 h" }).waitFor();
      await rows(page).first().click();
      if (stage.backEnd.name === "tab") await takePicture(page, "group");
      await page.setViewportSize({ width: 360, height: 740 });
      await assertFits(page);
    });

    test("one entry is acknowledged, when one says so twice", async () => {
      await using watched = await openGroups("groups-ack");
      const { group, page } = watched;
      await rows(page).filter({ hasText: "1-2" }).click();
      await confirm(group, "Acknowledge");
      await group.getByText("1 entry acknowledged.").waitFor();
      await fact(group, "pending", "3");
      assert.equal(await lastCommand(page).textContent(), "XACK groups-ack billing 1-2");
    });

    test("a selection is claimed for another consumer", async () => {
      await using watched = await openGroups("groups-claim");
      const { group, page } = watched;
      await group.getByRole("button", { name: "Pick all 4 entries" }).click();
      await group.getByLabel("Consumer to claim for").fill("cho");
      await group.getByRole("button", { name: "Claim", exact: true }).click();
      await group.getByText("4 entries claimed for cho.").waitFor();
      await group
        .locator("[data-consumer-row=cho] [data-fact=pending]", { hasText: "4" })
        .waitFor();
      const words = "XCLAIM groups-claim billing cho 0 1-1 1-2 1-3 1-4 JUSTID";
      assert.equal(await lastCommand(page).textContent(), words);
    });

    test("entries given back belong to nobody, and the map shows them so", async () => {
      await using watched = await openGroups("groups-nack");
      const { group, page } = watched;
      await rows(page).filter({ hasText: "1-1" }).click();
      await rows(page).filter({ hasText: "1-3" }).click();
      await group.getByRole("button", { name: "Give back" }).click();
      await group.getByText("2 entries given back.").waitFor();
      const cell = group.getByRole("button", { name: "2 entries, given back, delivered 1 times" });
      await cell.click();
      await rows(page).nth(2).waitFor({ state: "detached" });
      assert.deepEqual(await rows(page).locator(".id").allTextContents(), ["1-1", "1-3"]);
      assert.deepEqual(await rows(page).locator(".owner").allTextContents(), ["nobody", "nobody"]);
      assert.equal(
        await lastCommand(page).textContent(),
        "XNACK groups-nack billing FAIL IDS 2 1-1 1-3",
      );
    });

    test("dead letters are put aside with a reason, and sent round again", async () => {
      await using watched = await openGroups("groups-dead");
      const { group, page } = watched;
      await rows(page).filter({ hasText: "1-2" }).click();
      await rows(page).filter({ hasText: "1-4" }).click();
      await group.getByLabel("Reason for the dead letter").fill("<b>no such</b> customer");
      await confirm(group, "To the dead letters");
      await group.getByText("2 entries put to the dead letters.").waitFor();
      await fact(group, "pending", "2");
      const letters = group.locator(".letters li");
      await letters.nth(1).waitFor();
      assert.deepEqual(await letters.locator(".letter-id").allTextContents(), ["1-4", "1-2"]);
      assert.equal(
        await letters.locator(".letter-reason").first().textContent(),
        "<b>no such</b> customer",
      );
      await group.getByRole("button", { name: "Replay 1-2" }).click();
      await group.getByText("1 letter sent round again.").waitFor();
      await group.getByRole("button", { name: "1 entry, given back, delivered 0 times" }).waitFor();
      assert.deepEqual(await letters.locator(".letter-id").allTextContents(), ["1-4"]);
      await confirm(group, "Replay all");
      await group.getByText("1 letter sent round again.").waitFor();
      await letters.first().waitFor({ state: "detached" });
      await fact(group, "pending", "4");
      assert.deepEqual(watched.complaints, []);
    });

    test("a new position says first what comes again and what never comes", async () => {
      await using watched = await openGroups("groups-position");
      const { group, page } = watched;
      const preview = group.locator(".preview");
      await group.getByLabel("Where the group is put").selectOption("end");
      await group.getByRole("button", { name: "Preview" }).click();
      await preview.getByText("2 entries would be skipped").waitFor();
      await group.getByLabel("Where the group is put").selectOption("id");
      await group.getByLabel("Position", { exact: true }).fill("1-1");
      await group.getByRole("button", { name: "Preview" }).click();
      await preview.getByText("3 entries would be delivered again").waitFor();
      await preview.getByText("3 entries of these are pending").waitFor();
      await confirm(group, "Set the position");
      await group.getByText("It goes on behind 1-1.").waitFor();
      await fact(group, "lag", "5");
      assert.equal(
        await lastCommand(page).textContent(),
        "XGROUP SETID groups-position billing 1-1 ENTRIESREAD 1",
      );
    });

    test("a consumer is removed and a group destroyed, when one says so twice", async () => {
      await using watched = await openGroups("groups-destroy");
      const { group, page } = watched;
      const ben = group.locator("[data-consumer-row=ben]");
      await ben.getByRole("button", { name: "Remove" }).click();
      await ben.getByText("The 1 pending with it").waitFor();
      await ben.getByRole("button", { name: "Remove" }).click();
      await ben.waitFor({ state: "detached" });
      await fact(group, "pending", "3");
      await confirm(group, "Destroy the group");
      await group.waitFor({ state: "detached" });
      await page.getByText("No group reads this stream yet.").waitFor();
      assert.equal(await lastCommand(page).textContent(), "XGROUP DESTROY groups-destroy billing");
    });
  });
}

async function assertFits(page: Page): Promise<void> {
  const [wide, view] = await page.evaluate(() => [
    Math.max(...Array.from(document.querySelectorAll("html, main"), (one) => one.scrollWidth)),
    document.documentElement.clientWidth,
  ]);
  assert.equal(wide, view);
}

async function fact(group: Locator, name: string, value: string): Promise<void> {
  await group
    .locator(`.group-head [data-fact=${name}] dd`, { hasText: new RegExp(`^${value}$`) })
    .waitFor();
}

/** Presses a button that asks once more, and says yes. */
async function confirm(within: Locator, label: string): Promise<void> {
  await within.getByRole("button", { name: label, exact: true }).click();
  const sure = within.locator(".confirm").getByRole("button", { name: label, exact: true });
  await sure.click();
}
