/** What axe finds in the console's rooms, light and wide, dark and narrow. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { addAxe, forAxe, violations } from "./axe.ts";
import { launchBrowser, openPage } from "./chromium.ts";
import { type BackEnd, startTab } from "./console-back-end.ts";
import { createGroup, openTab, rows, runCommands } from "./console-steps.ts";

const SCREENS = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 360 },
] as const;

describe("axe finds nothing in the console", () => {
  let backEnd: BackEnd;
  let browser: Browser;

  before(async () => {
    backEnd = await startTab();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await backEnd?.[Symbol.asyncDispose]();
  });

  for (const { colorScheme, width } of SCREENS) {
    test(`${colorScheme}, ${width} wide`, async () => {
      await using watched = await openPage(browser, forAxe(colorScheme, width));
      const { page } = watched;
      await page.goto(backEnd.address);
      await addAxe(page);
      const look = async (where: string) => assert.deepEqual(await violations(page), [], where);
      await page.getByRole("heading", { name: "Where are your streams?" }).waitFor();
      await look("connect");
      await page.getByRole("button", { name: "Start the tour" }).click();
      await page.getByRole("button", { name: "Play", disabled: false }).click();
      await page.locator("[data-consumer=ben] .held li").nth(2).waitFor();
      await page.getByRole("button", { name: "Stop ben" }).click();
      await look("playground");
      await page.getByRole("link", { name: "Look at the stream" }).click();
      await rows(page).first().click();
      await page.locator(".fields-table").waitFor();
      await look("live");
      await page.getByRole("button", { name: "Add an entry" }).click();
      await look("add");
      await openTab(page, "History");
      await rows(page).first().waitFor();
      await look("history");
      await createGroup(page, "readers");
      await page.getByRole("article", { name: "Group readers" }).waitFor();
      await look("group");
      await page.getByRole("link", { name: "seismologists" }).click();
      await page.getByRole("article", { name: "Group seismologists" }).waitFor();
      await page.locator(".pending-table .virtual-row").first().click();
      await page.getByRole("button", { name: "Look at it" }).click();
      await page.locator(".fields-table").waitFor();
      await look("pending");
      await openTab(page, "Trim and export");
      await page.getByLabel("Trim to").fill("5");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.locator(".preview").waitFor();
      await look("manage");
      await page.getByRole("link", { name: "Streams", exact: true }).first().click();
      await rows(page).first().waitFor();
      await page.locator(".dock-toggle").click();
      await look("streams");
      await runCommands(page, ["XINFO STREAM earthquakes"]);
      await page.getByRole("combobox", { name: "Command" }).fill("XR");
      await page.getByRole("listbox", { name: "Completions" }).waitFor();
      await look("command line");
    });
  }
});
