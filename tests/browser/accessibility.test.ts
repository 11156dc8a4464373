/** What axe finds in the page's rooms, light and wide, dark and narrow. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { type BackEnd, startTab } from "./back-end.ts";
import { launchBrowser, openPage } from "./chromium.ts";

const SCREENS = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 360 },
] as const;

describe("axe finds nothing", () => {
  let backEnd: BackEnd;
  let browser: Browser;
  let axe: string;

  before(async () => {
    axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
    backEnd = await startTab();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await backEnd?.[Symbol.asyncDispose]();
  });

  for (const { colorScheme, width } of SCREENS) {
    test(`${colorScheme}, ${width} wide`, async () => {
      await using watched = await openPage(browser, {
        colorScheme,
        viewport: { width, height: 800 },
        // A colour on its way to another is no contrast to measure.
        reducedMotion: "reduce",
        // Of the page, not of its tester.
        bypassCSP: true,
      });
      const { page } = watched;
      await page.goto(backEnd.address);
      await page.getByRole("button", { name: "Play", disabled: false }).click();
      await page.locator("[data-consumer=ben] .held li").nth(2).waitFor();
      await page.getByRole("button", { name: "Stop ben" }).click();
      await page.locator(".pending tbody tr").first().waitFor();
      await page.evaluate(axe);
      assert.deepEqual(await violations(page), []);
      await page.getByLabel("Worker", { exact: true }).check();
      await page.getByLabel("Token").waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }
});

async function violations(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" | ")}`,
  );
}
