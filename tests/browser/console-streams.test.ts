/** The console's list of streams, in Chromium, against each back end; and pictures of the main screens. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { openPage } from "./chromium.ts";
import { type BackEnd, startProgram, startTab, startWorker } from "./console-back-end.ts";
import { takePicture } from "./console-pictures.ts";
import { makeScene } from "./console-scene.ts";
import { stageOf } from "./console-stage.ts";
import { openConsole, openTab, rows } from "./console-steps.ts";

const BACK_ENDS = [
  { name: "the engine in the tab", start: startTab },
  { name: "the program", start: startProgram },
  { name: "the Worker", start: startWorker },
];

for (const { name, start } of BACK_ENDS) {
  describe(`the list of streams on ${name}`, () => {
    const stage = stageOf(start);

    test("shows what needs attention first, and finds and sorts", async () => {
      await using watched = await openPage(stage.browser, {
        viewport: { width: 1360, height: 800 },
      });
      const { page } = watched;
      await openConsole(page, stage.backEnd);
      await makeScene(page, stage.backEnd);
      await rows(page)
        .filter({ hasText: /shipping: 14 pending, oldest 2[12] min/ })
        .waitFor();
      await rows(page).filter({ hasText: "ledger: 12 behind, no consumer" }).waitFor();
      const [first, second, ...others] = await names(page);
      assert.deepEqual([first, second], ["orders", "payments"]);
      assert.deepEqual(others, ["audit", "readings:cellar", "readings:kitchen"]);
      const figures = rows(page).filter({ hasText: "orders" });
      const cell = (column: string) => figures.locator(`[data-column=${column}]`).textContent();
      assert.equal(await cell("length"), "40");
      assert.equal(await cell("groups"), "2");
      assert.equal(await cell("lag"), "20");
      assert.match((await cell("oldest")) ?? "", /^4[01] min$/);
      if (stage.backEnd.name === "program") await takePicture(page, "streams");
      await page.getByLabel("Search streams").fill("READ");
      assert.deepEqual(await names(page), ["readings:cellar", "readings:kitchen"]);
      await page.getByLabel("Search streams").fill("");
      await page.getByRole("button", { name: "Entries" }).click();
      assert.deepEqual((await names(page)).slice(0, 2), ["orders", "payments"]);
      await page.getByRole("button", { name: "Entries" }).click();
      assert.deepEqual((await names(page)).slice(3), ["payments", "orders"]);
      assert.deepEqual(watched.complaints, []);
    });

    test("is gone through by the keys", async () => {
      await using watched = await openPage(stage.browser);
      const { page } = watched;
      await openConsole(page, stage.backEnd);
      if (stage.backEnd.name === "tab") await makeScene(page, stage.backEnd);
      await rows(page).filter({ hasText: "payments" }).waitFor();
      await page.getByRole("button", { name: "Stream", exact: true }).click();
      await page.getByRole("grid", { name: "Streams" }).focus();
      for (const key of ["Home", "ArrowDown", "Enter"]) await page.keyboard.press(key);
      await page.locator("h1", { hasText: "orders" }).waitFor();
    });

    if (start === startProgram) {
      test("and the main screens are as the pictures show them", async () => {
        await using watched = await openPage(stage.browser, {
          viewport: { width: 1360, height: 800 },
        });
        await walk(watched.page, stage.backEnd, "");
        await using small = await openPage(stage.browser, {
          viewport: { width: 390, height: 844 },
        });
        await walk(small.page, stage.backEnd, "phone-");
      });
    }
  });
}

/** The names in the list, from the top. */
function names(page: Page): Promise<string[]> {
  return page.locator(".virtual-row [data-column=name]").allInnerTexts();
}

/** Through the rooms of the stream `orders`, with pictures: of all on a desk, of some on a phone. */
async function walk(page: Page, backEnd: BackEnd, prefix: "" | "phone-"): Promise<void> {
  const picture = (name: string) => takePicture(page, `${prefix}${name}`);
  await page.goto(backEnd.origin);
  await page.getByRole("heading", { name: "Where are your streams?" }).waitFor();
  if (prefix === "") await picture("connect");
  await page.goto("about:blank");
  await openConsole(page, backEnd);
  await rows(page).filter({ hasText: "shipping: 14 pending" }).waitFor();
  if (prefix !== "") await picture("streams");
  await rows(page).filter({ hasText: "orders" }).click();
  await rows(page).filter({ hasText: "order 1035" }).waitFor();
  await rows(page).filter({ hasText: "order 1035" }).click();
  await page.locator(".fields-table").waitFor();
  await page.getByRole("button", { name: "JSON" }).click();
  await page.locator(".json").waitFor();
  await picture("entry");
  await openTab(page, "History");
  await rows(page).filter({ hasText: "order 1000" }).waitFor();
  if (prefix === "") await picture("history");
  await openTab(page, "Trim and export");
  await page.getByLabel("Trim to").fill("25");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("15 entries would go.").waitFor();
  if (prefix === "") await picture("trim");
}
